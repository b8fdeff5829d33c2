import LinearAlgebra

/// Sparse precision matrices of several tasks that resemble one another: the joint graphical lasso
/// of Danaher, Wang and Witten (2014), with its group and its fused penalty.
///
/// Minimises Σₖ nₖ (-ln |Θₖ| + Tr(Sₖ Θₖ)) + P(Θ) over positive definite Θ₁, …, Θ_K with
/// P = λ₁ Σₖ Σ |θᵢⱼᵏ| + λ₂ Σ √(Σₖ (θᵢⱼᵏ)²) or P = λ₁ Σₖ Σ |θᵢⱼᵏ| + λ₂ Σ_{k<l} Σ |θᵢⱼᵏ - θᵢⱼˡ|.
/// As there, the sums leave the diagonals out, but for that of the differences. The method is ADMM,
/// which stops by the duality gap: the scaled multipliers are a subgradient of P, and so a dual point.
public struct JointGraphicalLasso: Sendable {
  /// What makes the tasks similar.
  public enum Kind: Sendable {
    /// A common set of edges, by the norm over the tasks.
    case group
    /// Common values, by the differences of all pairs of tasks.
    case fused
  }

  public var kind: Kind
  /// λ₁, at least 0.
  public var sparsity: Double
  /// λ₂, at least 0.
  public var similarity: Double
  /// Whether λ₁, and λ₂ of the group penalty, weigh the diagonals, too.
  public var penalisesDiagonal = false
  /// The largest gap, as a share of max(1, |objective|).
  public var tolerance = 1e-6
  public var iterationLimit = 5000

  public init(
    _ kind: Kind, sparsity: Double, similarity: Double, penalisesDiagonal: Bool = false,
    tolerance: Double = 1e-6
  ) {
    self.kind = kind
    self.sparsity = sparsity
    self.similarity = similarity
    self.penalisesDiagonal = penalisesDiagonal
    self.tolerance = tolerance
  }

  /// The tasks' precision matrices, and what is known of them.
  public struct Solution: Sendable {
    /// Θₖ, positive definite, one a task.
    public var precisions: [SymmetricMatrix]
    public var objective: Double
    /// The objective minus the value of a feasible dual point.
    public var dualityGap: Double
    /// ‖Θ - Z‖ of the two copies that the method makes equal, over all tasks and components.
    public var primalResidual: Double
    /// The step times ‖Z - Z'‖ of its last two iterates, over all tasks and components.
    public var dualResidual: Double
    /// The most iterations of a component.
    public var iterations: Int
    /// The variables that no task connects with one another, by their first variables.
    public var components: [[Int]]
  }

  /// Solves for the covariance matrices of all tasks.
  ///
  /// Entries that the penalty keeps at zero in all tasks whatever the others are take the problem
  /// apart (Theorems 1 to 4 there, here by the penalty's own proximal step for any number of tasks).
  ///
  /// - Parameters:
  ///   - covariances: Sₖ, all `[p, p]`, symmetric and positive semidefinite, at least one.
  ///   - weights: nₖ, positive; 1 each when left out.
  /// - Throws: when a matrix is not symmetric or not finite, when orders, weights or penalties do
  ///   not fit, and when the gap stays above the tolerance.
  public func solve(
    _ covariances: [SymmetricMatrix], weights: [Double]? = nil
  ) throws(GraphicalLassoError) -> Solution {
    let weights = weights ?? [Double](repeating: 1, count: covariances.count)
    try check(covariances, weights)
    let p = covariances[0].order
    var moments: [[Double]] = []
    for covariance in covariances {
      moments.append(try GraphicalLasso.checked(covariance, scale: 1))
    }
    let empty = SymmetricMatrix(order: p, elements: [Double](repeating: 0, count: p * p))
    var solution = Solution(
      precisions: covariances.map { _ in empty }, objective: 0, dualityGap: 0, primalResidual: 0,
      dualResidual: 0, iterations: 0, components: components(moments, weights, order: p))
    // The objective of diagonal matrices, as its scale.
    var scale = 0.0
    for k in moments.indices {
      for i in 0..<p {
        let variance = moments[k][i * p + i]
        if variance > 0 { scale += weights[k] * (variance.logarithm + 1) }
      }
    }
    var problems: [JointSolver] = []
    for members in solution.components {
      let blocks = moments.map { GraphicalLasso.block($0, members, order: p) }
      problems.append(
        JointSolver(order: members.count, moments: blocks, weights: weights, penalty: self))
    }
    for _ in 0..<4 {
      var objective = 0.0
      var gap = 0.0
      for index in problems.indices {
        let share = Double(problems[index].order) / Double(p)
        problems[index].solve(
          tolerance: share * tolerance * max(1, scale.magnitude), iterationLimit: iterationLimit)
        objective += problems[index].objective
        gap += problems[index].gap
      }
      solution.objective = objective
      solution.dualityGap = gap
      let wanted = tolerance * max(1, objective.magnitude)
      if gap <= wanted { break }
      let stuck = problems.contains { $0.iterations >= iterationLimit }
      if stuck || !gap.isFinite { break }
      scale *= 0.5 * wanted / gap
    }
    solution.iterations = problems.map(\.iterations).max() ?? 0
    let wanted = tolerance * max(1, solution.objective.magnitude)
    guard solution.dualityGap <= wanted else {
      throw .noConvergence(
        gap: solution.dualityGap, tolerance: wanted, iterations: solution.iterations)
    }
    for (members, problem) in zip(solution.components, problems) {
      for k in moments.indices {
        for (j, row) in members.enumerated() {
          for (i, column) in members.enumerated() {
            solution.precisions[k][row, column] = problem.best[k][j * members.count + i]
          }
        }
      }
      let (primal, dual) = (problem.primalResidual, problem.dualResidual)
      solution.primalResidual += primal * primal
      solution.dualResidual += dual * dual
    }
    solution.primalResidual = solution.primalResidual.squareRoot()
    solution.dualResidual = solution.dualResidual.squareRoot()
    return solution
  }

  /// The penalty of an entry on the diagonal, or beside it.
  func entryPenalty(onDiagonal: Bool) -> JointPenalty {
    let free = onDiagonal && !penalisesDiagonal
    return JointPenalty(
      kind: kind, sparsity: free ? 0 : sparsity,
      similarity: free && kind == .group ? 0 : similarity)
  }

  private func components(_ moments: [[Double]], _ weights: [Double], order: Int) -> [[Int]] {
    var components = ConnectedComponents(count: order)
    let penalty = entryPenalty(onDiagonal: false)
    for j in 0..<order {
      for i in 0..<j {
        // Zero is the best for this entry when the step from zero along the slope ends there.
        var theta = moments.indices.map { weights[$0] * moments[$0][j * order + i] }
        penalty.shrink(&theta, step: 1)
        if theta.contains(where: { $0 != 0 }) { components.join(i, j) }
      }
    }
    return components.all()
  }

  private func check(
    _ covariances: [SymmetricMatrix], _ weights: [Double]
  ) throws(GraphicalLassoError) {
    guard let first = covariances.first else {
      throw .inconsistent("a joint problem without tasks")
    }
    for matrix in covariances where matrix.order != first.order {
      throw .inconsistent("tasks of \(first.order) and of \(matrix.order) variables")
    }
    guard weights.count == covariances.count else {
      throw .inconsistent("\(weights.count) weights for \(covariances.count) tasks")
    }
    let parameters =
      weights.map { ("weight", $0) } + [("sparsity", sparsity), ("similarity", similarity)]
    for (name, value) in parameters {
      guard value.isFinite && value >= 0 && (value > 0 || name != "weight") else {
        throw .invalidParameter(name: name, value: value)
      }
    }
    guard tolerance > 0 else { throw .invalidParameter(name: "tolerance", value: tolerance) }
    for matrix in covariances {
      for i in 0..<matrix.order where !(matrix[i, i] > 0 || matrix[i, i].isNaN) {
        guard penalisesDiagonal && sparsity > 0 && matrix[i, i] == 0 else {
          throw .singular(variable: i)
        }
      }
    }
  }
}

/// ADMM on one component of a joint problem, in the scaled form of Boyd et al. (2011).
struct JointSolver {
  let order: Int
  let moments: [[Double]]
  let weights: [Double]
  let penalty: JointGraphicalLasso
  /// The sparse copies Z, all tasks', and the best positive definite ones so far.
  private var sparse: [[Double]]
  private(set) var best: [[Double]] = []
  /// The scaled multipliers.
  private var multipliers: [[Double]]
  private var step = 1.0
  private(set) var objective = Double.infinity
  private var bound = -Double.infinity
  private(set) var primalResidual = 0.0
  private(set) var dualResidual = 0.0
  private(set) var iterations = 0

  var gap: Double { max(objective - bound, 0) }

  init(order: Int, moments: [[Double]], weights: [Double], penalty: JointGraphicalLasso) {
    self.order = order
    self.moments = moments
    self.weights = weights
    self.penalty = penalty
    let zero = [Double](repeating: 0, count: order * order)
    sparse = moments.map { moments in
      var diagonal = zero
      for i in 0..<order {
        diagonal[i * order + i] = 1 / max(moments[i * order + i], 1e-3)
      }
      return diagonal
    }
    multipliers = moments.map { _ in zero }
  }

  mutating func solve(tolerance: Double, iterationLimit: Int) {
    while gap > tolerance && iterations < iterationLimit {
      iterations += 1
      var smooth: [[Double]] = []
      for k in moments.indices {
        guard let next = minimiseSmooth(k) else { return }
        smooth.append(next)
      }
      let before = sparse
      minimisePenalty(smooth)
      var primal = 0.0
      var dual = 0.0
      for k in moments.indices {
        for e in smooth[k].indices {
          let apart = smooth[k][e] - sparse[k][e]
          multipliers[k][e] += apart
          let moved = sparse[k][e] - before[k][e]
          primal += apart * apart
          dual += moved * moved
        }
      }
      primalResidual = primal.squareRoot()
      dualResidual = step * dual.squareRoot()
      evaluate()
      balance()
    }
  }

  /// Θₖ = argmin nₖ (-ln |Θ| + Tr(S Θ)) + ½ step ‖Θ - Z + U‖², by eigenvalues.
  private func minimiseSmooth(_ k: Int) -> [Double]? {
    let n = order
    let ratio = step / weights[k]
    var matrix = SymmetricMatrix(order: n, elements: moments[k])
    for e in matrix.elements.indices {
      matrix.elements[e] -= ratio * (sparse[k][e] - multipliers[k][e])
    }
    guard let (values, vectors) = matrix.eigendecomposition() else { return nil }
    var scaled = vectors
    for i in 0..<n {
      let d = values[i]
      let root = (d * d + 4 * ratio).squareRoot()
      // Of the two forms of the positive root the one without cancellation.
      let value = d > 0 ? 2 / (d + root) : (root - d) / (2 * ratio)
      for j in 0..<n { scaled[i * n + j] *= value }
    }
    var result = [Double](repeating: 0, count: n * n)
    var span = result.mutableSpan
    multiply(
      vectors.span, .transposed, scaled.span, .none, into: &span, rows: n, columns: n, inner: n)
    return result
  }

  private mutating func minimisePenalty(_ smooth: [[Double]]) {
    let beside = penalty.entryPenalty(onDiagonal: false)
    let diagonal = penalty.entryPenalty(onDiagonal: true)
    var theta = [Double](repeating: 0, count: moments.count)
    for j in 0..<order {
      for i in 0...j {
        let (lower, upper) = (j * order + i, i * order + j)
        for k in theta.indices {
          let multiplier = multipliers[k][lower] + multipliers[k][upper]
          theta[k] = (smooth[k][lower] + smooth[k][upper] + multiplier) / 2
        }
        (i == j ? diagonal : beside).shrink(&theta, step: 1 / step)
        for k in theta.indices {
          sparse[k][lower] = theta[k]
          sparse[k][upper] = theta[k]
        }
      }
    }
  }

  /// The objective of Z, if that is positive definite, and the dual value of the multipliers.
  private mutating func evaluate() {
    let n = order
    var value = 0.0
    var dual = 0.0
    for k in moments.indices {
      var point = SymmetricMatrix(order: n, elements: moments[k])
      var trace = 0.0
      for j in 0..<n {
        for i in 0..<n {
          let e = j * n + i
          trace += moments[k][e] * sparse[k][e]
          let multiplier = (multipliers[k][e] + multipliers[k][i * n + j]) / 2
          point.elements[e] += step / weights[k] * multiplier
        }
      }
      let precision = SymmetricMatrix(order: n, elements: sparse[k])
      if let factor = precision.choleskyFactor() {
        value += weights[k] * (trace - factor.logDeterminant)
      } else {
        value = .infinity
      }
      if let factor = point.choleskyFactor() {
        dual += weights[k] * (factor.logDeterminant + Double(n))
      } else {
        dual = -.infinity
      }
    }
    if dual.isFinite { bound = max(bound, dual) }
    if value == .infinity { return }
    let beside = penalty.entryPenalty(onDiagonal: false)
    let diagonal = penalty.entryPenalty(onDiagonal: true)
    var theta = [Double](repeating: 0, count: moments.count)
    for j in 0..<n {
      for i in 0...j {
        for k in theta.indices { theta[k] = sparse[k][j * n + i] }
        value += i == j ? diagonal.value(theta) : 2 * beside.value(theta)
      }
    }
    if value < objective {
      objective = value
      best = sparse
    }
  }

  /// Keeps the residuals within a factor of each other (Boyd et al. 2011, Sec. 3.4.1).
  private mutating func balance() {
    if iterations % 10 != 0 || iterations > 1000 { return }
    var factor = 1.0
    if primalResidual > 5 * dualResidual { factor = 2 }
    if dualResidual > 5 * primalResidual { factor = 0.5 }
    if factor == 1 { return }
    step *= factor
    for k in multipliers.indices {
      for e in multipliers[k].indices { multipliers[k][e] /= factor }
    }
  }
}
