import LinearAlgebra

/// The graphical lasso of one connected component: the iterate, the bounds of its objective, and the
/// memory of an iteration.
///
/// Minimises f(Λ) = -ln |Λ| + Tr(S Λ) + ρ Σ |Λᵢⱼ| over positive definite Λ, where the diagonal has
/// a ρ of its own. Three methods, each where it is strong:
///
/// - Sweeps over the columns of W = Λ⁻¹ (Friedman, Hastie and Tibshirani, “Sparse inverse
///   covariance estimation with the graphical lasso”, 2008), each column a lasso that is solved by
///   coordinate descent and, with the signs as they are, by a factorisation. They close the gap by
///   a steady factor, also for an S that is nearly singular.
/// - Where the factor is poor far from the solution, the same for a falling ρ, each from the last.
/// - Near the solution, Newton's method (Hsieh, Sustik, Dhillon and Ravikumar, “QUIC: quadratic
///   approximation for sparse inverse covariance estimation”, 2014): the second-order model of f
///   without its last term, plus that term, is minimised over the entries that are not zero, or
///   whose slope does not let them stay zero, by coordinate descent and, where that stagnates, by
///   conjugate gradients over the entries whose sign is known (Oztoprak, Nocedal, Rennie and Olsen,
///   “Newton-like methods for sparse inverse covariance estimation”, 2012). A line search by
///   Cholesky factorisations keeps Λ positive definite.
struct PrecisionSolver {
  let order: Int
  /// S, `[order, order]`.
  let moments: [Double]
  var penalty: Double
  var diagonalPenalty: Double

  /// Λ; between calls both triangles, while iterating the lower one.
  var precision: [Double]
  /// W = Λ⁻¹, both triangles.
  var covariance: [Double]
  var logDeterminant = 0.0
  /// f(Λ).
  var objective = 0.0
  /// The largest dual value found: no positive definite matrix has a smaller f.
  var bound = -Double.infinity
  var iterations = 0

  /// G = S - W, of which the lower triangle counts, as in `direction` and `trial`.
  var gradient: [Double]
  var direction: [Double]
  /// D W, `[order, stride]`.
  var product: [Double]
  let stride: Int
  var trial: [Double]
  var plan: SymmetricPattern
  var face: SymmetricPattern
  var isDiagonal = true
  /// The share of Newton's step that the last line search took.
  var lastStep = 1.0

  /// Starts at the minimum over diagonal matrices, or at `start` if that is the better one.
  ///
  /// - Parameters:
  ///   - moments: S, `[order, order]`, whose diagonal plus its ρ must be positive.
  ///   - start: a positive definite Λ.
  init(
    order: Int, moments: [Double], penalty: Double, diagonalPenalty: Double, start: [Double]?
  ) {
    let count = order * order
    self.order = order
    self.moments = moments
    self.penalty = penalty
    self.diagonalPenalty = diagonalPenalty
    // Rows a power of two apart would fall on the same lines of the cache.
    stride = order % 64 == 0 ? order + 8 : order
    precision = [Double](repeating: 0, count: count)
    covariance = precision
    gradient = precision
    direction = precision
    trial = precision
    product = [Double](repeating: 0, count: order * stride)
    plan = SymmetricPattern(order: order)
    face = plan
    for i in 0..<order {
      let variance = moments[i * order + i] + diagonalPenalty
      precision[i * order + i] = 1 / variance
      covariance[i * order + i] = variance
      logDeterminant -= variance.logarithm
      objective += variance.logarithm + 1
    }
    if let start, let at = evaluate(start), at.objective < objective {
      precision = start
      accept(at)
      isDiagonal = false
    }
  }

  /// f(Λ) minus the dual bound.
  var gap: Double { max(objective - bound, 0) }

  /// Iterates until the gap is at most `tolerance`.
  ///
  /// - Returns: whether it got there within the iterations and with the digits of a Double.
  mutating func solve(tolerance: Double, iterationLimit: Int) -> Bool {
    // A start may be good enough as it is.
    if !isDiagonal { measure() }
    sweepColumns(tolerance: tolerance, iterationLimit: iterationLimit)
    let far = 1e-3 * max(Double(order), objective.magnitude)
    if gap > max(tolerance, far) { approach(iterationLimit: iterationLimit) }
    sweepColumns(tolerance: tolerance, iterationLimit: iterationLimit)
    iterateNewton(tolerance: tolerance, iterationLimit: iterationLimit)
    let n = order
    var span = precision.mutableSpan
    SymmetricInPlace.mirror(&span, order: n)
    return gap <= tolerance
  }

  /// Solves roughly for larger penalties, the largest of which leaves little to find, and takes the
  /// last solution for the start.
  private mutating func approach(iterationLimit: Int) {
    let (wanted, ratio) = (penalty, diagonalPenalty / penalty)
    var largest = 0.0
    for j in 0..<order {
      for i in 0..<j { largest = max(largest, moments[j * order + i].magnitude) }
    }
    var next = largest / 2
    while next > wanted && iterations < iterationLimit {
      change(penalty: next, diagonalPenalty: ratio * next)
      let rough = 1e-3 * max(Double(order), objective.magnitude)
      sweepColumns(tolerance: rough, iterationLimit: iterationLimit)
      iterateNewton(tolerance: rough, iterationLimit: min(iterationLimit, iterations + 5))
      next /= 2
    }
    change(penalty: wanted, diagonalPenalty: ratio * wanted)
  }

  private mutating func change(penalty: Double, diagonalPenalty: Double) {
    self.penalty = penalty
    self.diagonalPenalty = diagonalPenalty
    bound = -.infinity
    let weight = weigh(precision)
    objective = weight.linear + weight.penalty - logDeterminant
  }

  mutating func iterateNewton(tolerance: Double, iterationLimit: Int) {
    while gap > tolerance {
      measure()
      if gap <= tolerance || iterations >= iterationLimit { return }
      iterations += 1
      findDirection()
      guard searchLine() else { return }
    }
  }

  // MARK: Gradient and dual bound

  /// Sets the gradient, the plan of entries that may move, and the dual bound.
  ///
  /// The dual problem is to maximise ln |V| + order over positive definite V with |V - S| <= ρ,
  /// entry by entry; W, moved to the nearest place within those bounds, is such a V as soon as it
  /// is positive definite.
  mutating func measure() {
    plan.removeAll()
    let n = order
    let (moments, covariance, precision) = (moments, covariance, precision)
    var slopes = Self.take(&gradient)
    defer { gradient = slopes }
    var feasible = Self.take(&trial)
    defer { trial = feasible }
    var gradient = slopes.mutableSpan
    var dual = feasible.mutableSpan
    for j in 0..<n {
      let row = j * n..<j * n + n
      let s = moments.span.extracting(row)
      let w = covariance.span.extracting(row)
      let lambda = precision.span.extracting(row)
      var g = gradient._mutatingExtracting(row)
      var v = dual._mutatingExtracting(row)
      for i in 0..<j {
        let slope = s[i] - w[i]
        g[i] = slope
        v[i] = s[i] + min(max(-slope, -penalty), penalty)
        if lambda[i] != 0 || slope.magnitude > penalty { plan.append(i) }
      }
      g[j] = s[j] - w[j]
      v[j] = s[j] + diagonalPenalty
      plan.append(j)
      plan.endRow()
    }
    if let logDeterminant = SymmetricInPlace.factor(&dual, order: n) {
      bound = max(bound, logDeterminant + Double(n))
    }
  }

  // MARK: Columns

  /// Sweeps over the columns of W for as long as they close the gap, and takes the best Λ that their
  /// regressions give.
  private mutating func sweepColumns(tolerance: Double, iterationLimit: Int) {
    if gap <= tolerance { return }
    let n = order
    let moments = moments
    var columns = covariance
    var coefficients = [Double](repeating: 0, count: n * n)
    if isDiagonal {
      columns = moments
      // With a penalty on its diagonal, or without a little of the rest, S is positive definite.
      let share = diagonalPenalty > 0 ? 1 : 0.95
      for k in columns.indices { columns[k] *= share }
      for j in 0..<n { columns[j * n + j] = moments[j * n + j] + diagonalPenalty }
    } else {
      for j in 0..<n {
        let own = precision[j * n + j]
        for i in 0..<n where i != j {
          let at = j * n + i
          let lower = i < j ? at : i * n + j
          coefficients[at] = -precision[lower] / own
          columns[at] = min(max(columns[at], moments[at] - penalty), moments[at] + penalty)
        }
        columns[j * n + j] = moments[j * n + j] + diagonalPenalty
      }
    }
    var scratch = [Double](repeating: 0, count: n * (2 * n + 4))
    var members = [Int32](repeating: 0, count: 2 * n)
    var candidate = trial
    var last = Double.infinity
    var slow = 0
    var improved = false
    while iterations < iterationLimit {
      iterations += 1
      do {
        var columns = columns.mutableSpan
        var coefficients = coefficients.mutableSpan
        var scratch = scratch.mutableSpan
        var members = members.mutableSpan
        SymmetricInPlace.sweepColumns(
          order: n, moments: moments.span, penalty: penalty, accuracy: 0.1,
          coefficients: &coefficients, covariance: &columns, scratch: &scratch, members: &members)
      }
      let dual = dualValue(columns)
      if let dual { bound = max(bound, dual) }
      let isDefinite = setPrecision(&candidate, coefficients, columns)
      var value = Double.infinity
      if isDefinite, let at = evaluate(candidate) {
        value = at.objective
        if value < objective {
          swap(&precision, &candidate)
          (objective, logDeterminant) = at
          isDiagonal = false
          improved = true
        }
      }
      let gap = gap
      if gap <= tolerance { break }
      slow = gap < 0.7 * last ? 0 : slow + 1
      if slow == 8 { break }
      last = gap
    }
    if improved, let at = evaluate(precision) { accept(at) }
  }

  /// The dual value of the matrix nearest to V within its bounds.
  private mutating func dualValue(_ v: [Double]) -> Double? {
    let n = order
    var dual = Self.take(&trial)
    defer { trial = dual }
    for j in 0..<n {
      for i in 0..<j {
        let at = j * n + i
        dual[at] = min(max(v[at], moments[at] - penalty), moments[at] + penalty)
      }
      dual[j * n + j] = moments[j * n + j] + diagonalPenalty
    }
    return factor(&dual).map { $0 + Double(n) }
  }

  /// Λ, the lower triangle, of the columns' regressions; false where one explains all of its column.
  func setPrecision(
    _ precision: inout [Double], _ coefficients: [Double], _ columns: [Double]
  ) -> Bool {
    let n = order
    for j in 0..<n {
      let beta = coefficients.span.extracting(j * n..<j * n + n)
      let w = columns.span.extracting(j * n..<j * n + n)
      var rest = w[j]
      for i in 0..<n { rest -= w[i] * beta[i] }
      guard rest > 0 else { return false }
      precision[j * n + j] = 1 / rest
    }
    for j in 0..<n {
      let own = precision[j * n + j]
      for i in 0..<j {
        let left = coefficients[j * n + i]
        let right = coefficients[i * n + j]
        precision[j * n + i] =
          left == 0 || right == 0 ? 0 : -(left * own + right * precision[i * n + i]) / 2
      }
    }
    return true
  }

  /// <a, b> of two symmetric matrices, from their lower triangles.
  func innerProduct(_ a: [Double], _ b: [Double]) -> Double {
    let n = order
    var sum = 0.0
    var diagonal = 0.0
    for j in 0..<n {
      let a = a.span.extracting(j * n..<j * n + n)
      let b = b.span.extracting(j * n..<j * n + n)
      for i in 0..<j { sum += a[i] * b[i] }
      diagonal += a[j] * b[j]
    }
    return 2 * sum + diagonal
  }

  /// `result = a + step b`
  func add(
    _ a: [Double], _ b: [Double], times step: Double, into result: inout [Double]
  ) {
    let a = a.span
    let b = b.span
    var result = result.mutableSpan
    for k in 0..<result.count { result[k] = a[k] + step * b[k] }
  }

  func factor(_ matrix: inout [Double]) -> Double? {
    var span = matrix.mutableSpan
    return SymmetricInPlace.factor(&span, order: order)
  }

  /// Takes an array out of `self`, so that it is lent beside others without a copy.
  static func take(_ values: inout [Double]) -> [Double] {
    var taken: [Double] = []
    swap(&taken, &values)
    return taken
  }

  static func zero(_ values: inout [Double]) {
    var span = values.mutableSpan
    span.update(repeating: 0)
  }
}
