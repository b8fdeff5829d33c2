import LinearAlgebra

/// Where the eigenvalues of a weight matrix lie, the simple eigenvalue 1 of the average left out.
public struct AveragingSpectrum: Sendable, Hashable {
  /// λ_min, the smallest.
  public let smallest: Double
  /// λ₂, the largest but for the 1.
  public let second: Double

  /// max(|λ₂|, |λ_min|): one round of x ← W x multiplies the distance from the average by at most
  /// this.
  public var contraction: Double { max(second.magnitude, smallest.magnitude) }
  /// 1 − λ₂: how well connected the graph is. Bounded away from 0 as S grows for an expander.
  public var gap: Double { 1 - second }

  /// Bounds are moved outwards to multiples of 2⁻⁴⁴: Chebyshev's recurrence needs them to hold,
  /// and participants whose arithmetic differs in the last bits agree on the bounds all the same.
  init(smallest: Double, second: Double) {
    self.smallest = ((smallest - 0x1p-46) * 0x1p44).rounded(.down) * 0x1p-44
    self.second = ((second + 0x1p-46) * 0x1p44).rounded(.up) * 0x1p-44
  }
}

extension AveragingMatrix {
  /// Up to this order all eigenvalues are computed.
  static let largestDenseOrder = 1100

  /// [λ_min, λ₂]: by LAPACK for up to 1100 participants, by Lanczos' method for more.
  ///
  /// - Throws: ``GraphError/disconnected(reachable:participants:)``, as there the eigenvalue 1 is
  ///   not simple; ``GraphError/gapNotResolved(participants:)``;
  ///   ``GraphError/tooFewParticipants(_:minimum:)`` for fewer than two.
  public func spectrum() throws(GraphError) -> AveragingSpectrum {
    let count = graph.participants
    if count > Self.largestDenseOrder { return try lanczosSpectrum() }
    try checkConnected()
    guard let values = dense.eigendecomposition()?.values else {
      throw .gapNotResolved(participants: count)
    }
    return try checked(AveragingSpectrum(smallest: values[0], second: values[count - 2]))
  }

  /// [λ_min, λ₂] by Lanczos' method on the vectors that add up to zero.
  ///
  /// Without reorthogonalisation: rounding only makes copies of eigenvalues that are found already
  /// (Paige, "Error analysis of the Lanczos algorithm for tridiagonalizing a symmetric matrix",
  /// 1976), and the extreme ones are all that is asked for. Ends when a third more steps move the
  /// gap by less than 10⁻⁹ of itself.
  func lanczosSpectrum() throws(GraphError) -> AveragingSpectrum {
    try checkConnected()
    let count = graph.participants
    var draws = DrawSequence(seed: 0, attempt: .max)
    var vector = (0..<count).map { _ in draws.signedUnit() }
    Self.centre(&vector)
    Self.scale(&vector, by: 1 / Self.norm(vector))
    var previous = [Double](repeating: 0, count: count)
    var tridiagonal = SymmetricTridiagonal()
    var beta = 0.0
    var check = 20
    var last: (smallest: Double, second: Double)?
    for step in 1...(4 * count + 200) {
      var next = applied(to: vector)
      var alpha = 0.0
      for i in next.indices { alpha += next[i] * vector[i] }
      for i in next.indices { next[i] -= alpha * vector[i] + beta * previous[i] }
      // Rounding brings the eigenvector of 1 back unless it is taken out each time.
      Self.centre(&next)
      beta = Self.norm(next)
      tridiagonal.diagonal.append(alpha)
      if beta < 1e-13 {
        let (smallest, second) = tridiagonal.extremeEigenvalues()
        return try checked(AveragingSpectrum(smallest: smallest, second: second))
      }
      if step >= check {
        let now = tridiagonal.extremeEigenvalues()
        if let last {
          let moved = max(now.second - last.second, last.smallest - now.smallest)
          if moved < max(1e-9 * (1 - now.second), 4e-15) {
            return try checked(AveragingSpectrum(smallest: now.smallest, second: now.second))
          }
        }
        last = now
        check = step + max(20, step / 3)
      }
      tridiagonal.offDiagonal.append(beta)
      Self.scale(&next, by: 1 / beta)
      (previous, vector) = (vector, next)
    }
    throw .gapNotResolved(participants: count)
  }

  private func checkConnected() throws(GraphError) {
    if graph.participants < 2 { throw .tooFewParticipants(graph.participants, minimum: 2) }
    let reachable = graph.reachable(from: 0)
    if reachable < graph.participants {
      throw .disconnected(reachable: reachable, participants: graph.participants)
    }
  }

  private func checked(_ spectrum: AveragingSpectrum) throws(GraphError) -> AveragingSpectrum {
    guard spectrum.contraction < 1 else {
      throw .gapNotResolved(participants: graph.participants)
    }
    return spectrum
  }

  private static func centre(_ x: inout [Double]) {
    let mean = x.reduce(0, +) / Double(x.count)
    for i in x.indices { x[i] -= mean }
  }

  private static func scale(_ x: inout [Double], by factor: Double) {
    for i in x.indices { x[i] *= factor }
  }

  private static func norm(_ x: [Double]) -> Double {
    x.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

/// A symmetric matrix with entries on and beside the diagonal only.
struct SymmetricTridiagonal {
  var diagonal: [Double] = []
  /// One entry fewer than `diagonal`.
  var offDiagonal: [Double] = []

  /// The smallest and the largest eigenvalue, by bisection: as many eigenvalues lie below x as
  /// there are negative pivots in the elimination of T − x I (Sturm).
  func extremeEigenvalues() -> (smallest: Double, second: Double) {
    (bisect { below(x: $0) >= 1 }, bisect { below(x: $0) >= diagonal.count })
  }

  /// The x from which on a condition holds; all eigenvalues of W lie in [−1, 1].
  private func bisect(_ condition: (Double) -> Bool) -> Double {
    var low = -1.5
    var high = 1.5
    for _ in 0..<60 {
      let middle = 0.5 * (low + high)
      if condition(middle) { high = middle } else { low = middle }
    }
    return 0.5 * (low + high)
  }

  private func below(x: Double) -> Int {
    var count = 0
    var pivot = 1.0
    for i in diagonal.indices {
      let beside = i == 0 ? 0 : offDiagonal[i - 1]
      pivot = diagonal[i] - x - beside * beside / pivot
      if pivot == 0 { pivot = 1e-300 }
      if pivot < 0 { count += 1 }
    }
    return count
  }
}
