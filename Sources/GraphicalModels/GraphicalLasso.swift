import LinearAlgebra

/// A sparse precision matrix by the graphical lasso (Friedman, Hastie and Tibshirani 2008):
///
/// minimises -c ln |Λ| + Tr(S Λ) + ρ Σ |Λᵢⱼ| over positive definite Λ.
///
/// With c = (N + 1) / N and ρ divided by N, this is minus Eq. (16) of Idé, Phan and Raymond
/// (2024). It stops by a duality gap, so that a solution says how far it can be from the best.
/// The problem falls into the connected components of |Sᵢⱼ| > ρ, which are solved one by one
/// (Witten, Friedman and Simon 2011; Mazumder and Hastie 2012).
public struct GraphicalLasso: Sendable {
  /// ρ, at least 0.
  public var penalty: Double
  /// Whether ρ also weighs the diagonal of Λ, as in Eq. (16) and R's `glasso`; scikit-learn's does
  /// not.
  public var penalisesDiagonal = true
  /// The largest gap, as a share of max(1, |objective|).
  public var tolerance = 1e-6
  /// The most iterations of a component, sweeps over its columns and steps of Newton's method alike.
  public var iterationLimit = 1000
  /// Whether the best matrix of all iterations is good enough where the gap stays above the
  /// tolerance. It is never worse than the start: enough for a step of expectation and maximisation
  /// (Neal and Hinton 1998).
  public var acceptsGap = false

  public init(penalty: Double, penalisesDiagonal: Bool = true, tolerance: Double = 1e-6) {
    self.penalty = penalty
    self.penalisesDiagonal = penalisesDiagonal
    self.tolerance = tolerance
  }

  /// A precision matrix and what is known of it.
  public struct Solution: Sendable {
    /// Λ, positive definite; zero where two variables are independent given all others.
    public var precision: SymmetricMatrix
    /// Λ⁻¹.
    public var covariance: SymmetricMatrix
    /// -c ln |Λ| + Tr(S Λ) + ρ Σ |Λᵢⱼ|.
    public var objective: Double
    /// The objective minus the value of a feasible dual point: no positive definite matrix has an
    /// objective below `objective - dualityGap`.
    public var dualityGap: Double
    /// The most iterations that a component took; 0 when none has two variables.
    public var iterations: Int
    /// ln |Λ|.
    public var logDeterminant: Double
    /// The connected components, by their first variables.
    public var components: [[Int]]

    /// The pairs of variables, the smaller first, whose entry of Λ is not zero.
    public var support: [(Int, Int)] {
      var pairs: [(Int, Int)] = []
      for i in 0..<precision.order {
        for j in (i + 1)..<max(precision.order, i + 1) where precision[i, j] != 0 {
          pairs.append((i, j))
        }
      }
      return pairs
    }
  }

  /// Solves for one covariance matrix.
  ///
  /// The dual problem is to maximise c ln |V| + const over positive definite V with
  /// |cVᵢⱼ - Sᵢⱼ| <= ρ; the gap is that between the objective and the largest dual value found.
  ///
  /// - Parameters:
  ///   - covariance: S, `[p, p]`, symmetric and positive semidefinite.
  ///   - logDeterminantWeight: c, positive.
  ///   - start: a solution for a similar S or ρ, whose Λ is taken for the first iterate.
  /// - Throws: when S is not symmetric or not finite, when ρ is negative or leaves no solution, and
  ///   when the gap stays above the tolerance, unless ``acceptsGap``.
  public func solve(
    _ covariance: SymmetricMatrix, logDeterminantWeight: Double = 1, start: Solution? = nil
  ) throws(GraphicalLassoError) -> Solution {
    try check(logDeterminantWeight: logDeterminantWeight)
    let p = covariance.order
    precondition(
      start == nil || start?.precision.order == p,
      "a start of order \(start?.precision.order ?? 0) for order \(p)")
    let moments = try Self.checked(covariance, scale: 1 / logDeterminantWeight)
    let penalty = penalty / logDeterminantWeight
    let diagonalPenalty = penalisesDiagonal ? penalty : 0
    for i in 0..<p where !(moments[i * p + i] + diagonalPenalty > 0) {
      throw .singular(variable: i)
    }
    var parts = Parts(order: p)
    if penalty == 0 {
      try parts.invert(moments, SymmetricMatrix(order: p, elements: moments))
    } else {
      var problems: [PrecisionSolver] = []
      parts.components = Self.components(moments, order: p, above: penalty)
      for members in parts.components {
        let block = Self.block(moments, members, order: p)
        let first = start.map { Self.block($0.precision.elements, members, order: p) }
        problems.append(
          PrecisionSolver(
            order: members.count, moments: block, penalty: penalty,
            diagonalPenalty: diagonalPenalty, start: first))
      }
      try solve(&problems, order: p)
      for (members, problem) in zip(parts.components, problems) { parts.add(members, problem) }
    }
    return parts.solution(weight: logDeterminantWeight)
  }

  /// Solves all components until their gaps together are within the tolerance.
  private func solve(
    _ problems: inout [PrecisionSolver], order: Int
  ) throws(GraphicalLassoError) {
    var share = 1.0
    for _ in 0..<4 {
      let estimate = problems.reduce(0) { $0 + $1.objective }
      let allowed = share * tolerance * max(1, estimate.magnitude)
      var converged = true
      for index in problems.indices where problems[index].order > 1 {
        let part = allowed * Double(problems[index].order) / Double(order)
        let done = problems[index].solve(tolerance: part, iterationLimit: iterationLimit)
        converged = converged && done
      }
      let gap = problems.reduce(0) { $0 + ($1.order > 1 ? $1.gap : 0) }
      let objective = problems.reduce(0) { $0 + $1.objective }
      let wanted = tolerance * max(1, objective.magnitude)
      if gap <= wanted { return }
      // The objective came out nearer to zero than where the iterations began.
      share *= 0.5 * wanted / gap
      if !converged { break }
    }
    if acceptsGap { return }
    let objective = problems.reduce(0) { $0 + $1.objective }
    throw .noConvergence(
      gap: problems.reduce(0) { $0 + ($1.order > 1 ? $1.gap : 0) },
      tolerance: tolerance * max(1, objective.magnitude),
      iterations: problems.map(\.iterations).max() ?? 0)
  }

  // MARK: Parts

  /// The sums and matrices of a solution, component by component, for c = 1.
  private struct Parts {
    let order: Int
    var components: [[Int]] = []
    var precision: SymmetricMatrix
    var covariance: SymmetricMatrix
    var objective = 0.0
    var gap = 0.0
    var logDeterminant = 0.0
    var iterations = 0

    init(order: Int) {
      self.order = order
      precision = SymmetricMatrix(
        order: order, elements: [Double](repeating: 0, count: order * order))
      covariance = precision
    }

    mutating func add(_ members: [Int], _ problem: PrecisionSolver) {
      let n = members.count
      for (j, row) in members.enumerated() {
        for (i, column) in members.enumerated() {
          precision.elements[row * order + column] = problem.precision[j * n + i]
          covariance.elements[row * order + column] = problem.covariance[j * n + i]
        }
      }
      objective += problem.objective
      logDeterminant += problem.logDeterminant
      if n > 1 {
        gap += problem.gap
        iterations = max(iterations, problem.iterations)
      }
    }

    /// Without a penalty: Λ = S⁻¹, where S itself is the dual point.
    mutating func invert(
      _ moments: [Double], _ matrix: SymmetricMatrix
    ) throws(GraphicalLassoError) {
      guard let factor = matrix.choleskyFactor() else { throw .singular(variable: nil) }
      // A pivot that is rounding is none.
      let pivots = (0..<order).map { factor.elements[$0 * order + $0] }
      for i in 0..<order {
        let floor = 1e-14 * Double(order) * moments[i * order + i]
        guard pivots[i] * pivots[i] > floor else { throw .singular(variable: nil) }
      }
      precision = factor.inverse()
      covariance = matrix
      components = order == 0 ? [] : [Array(0..<order)]
      logDeterminant = -factor.logDeterminant
      guard let check = precision.choleskyFactor() else { throw .singular(variable: nil) }
      var trace = 0.0
      for k in moments.indices { trace += moments[k] * precision.elements[k] }
      objective = trace - check.logDeterminant
      gap = max(objective - factor.logDeterminant - Double(order), 0)
    }

    func solution(weight: Double) -> Solution {
      Solution(
        precision: precision, covariance: covariance, objective: weight * objective,
        dualityGap: weight * gap, iterations: iterations, logDeterminant: logDeterminant,
        components: components)
    }
  }

  /// The connected components of |Sᵢⱼ| > ρ; no entry of Λ joins two of them.
  private static func components(_ moments: [Double], order: Int, above penalty: Double) -> [[Int]]
  {
    var components = ConnectedComponents(count: order)
    for j in 0..<order {
      let row = moments.span.extracting(j * order..<j * order + order)
      for i in 0..<j where row[i].magnitude > penalty { components.join(i, j) }
    }
    return components.all()
  }

  static func block(_ matrix: [Double], _ members: [Int], order: Int) -> [Double] {
    if members.count == order { return matrix }
    var block: [Double] = []
    block.reserveCapacity(members.count * members.count)
    for row in members {
      for column in members { block.append(matrix[row * order + column]) }
    }
    return block
  }

  // MARK: Checks

  private func check(logDeterminantWeight: Double) throws(GraphicalLassoError) {
    guard penalty >= 0 && penalty.isFinite else {
      throw .invalidParameter(name: "penalty", value: penalty)
    }
    guard logDeterminantWeight > 0 && logDeterminantWeight.isFinite else {
      throw .invalidParameter(name: "logDeterminantWeight", value: logDeterminantWeight)
    }
    guard tolerance > 0 else { throw .invalidParameter(name: "tolerance", value: tolerance) }
  }

  /// The entries times `scale`, mirrored ones made equal.
  static func checked(
    _ matrix: SymmetricMatrix, scale: Double
  ) throws(GraphicalLassoError) -> [Double] {
    let n = matrix.order
    var elements = matrix.elements
    for j in 0..<n {
      for i in 0...j {
        let (a, b) = (elements[j * n + i], elements[i * n + j])
        guard a.isFinite && b.isFinite else { throw .notFinite(row: j, column: i) }
        let size = (elements[i * n + i] * elements[j * n + j]).magnitude.squareRoot()
        guard (a - b).magnitude <= 1e-10 * max(a.magnitude, b.magnitude, size) else {
          throw .notSymmetric(row: j, column: i)
        }
        let mean = (a + b) / 2 * scale
        elements[j * n + i] = mean
        elements[i * n + j] = mean
      }
    }
    return elements
  }
}

extension GraphicalLasso.Solution {
  /// A precision matrix to start from, of which nothing else is known.
  init(precision: SymmetricMatrix) {
    self.init(
      precision: precision, covariance: precision, objective: .nan, dualityGap: .infinity,
      iterations: 0, logDeterminant: .nan, components: [])
  }
}
