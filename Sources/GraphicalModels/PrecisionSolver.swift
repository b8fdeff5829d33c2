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
  private(set) var penalty: Double
  private(set) var diagonalPenalty: Double

  /// Λ; between calls both triangles, while iterating the lower one.
  private(set) var precision: [Double]
  /// W = Λ⁻¹, both triangles.
  private(set) var covariance: [Double]
  private(set) var logDeterminant = 0.0
  /// f(Λ).
  private(set) var objective = 0.0
  /// The largest dual value found: no positive definite matrix has a smaller f.
  private(set) var bound = -Double.infinity
  private(set) var iterations = 0

  /// G = S - W, of which the lower triangle counts, as in `direction` and `trial`.
  private var gradient: [Double]
  private var direction: [Double]
  /// D W, `[order, stride]`.
  private var product: [Double]
  private let stride: Int
  private var trial: [Double]
  private var plan: SymmetricPattern
  private var face: SymmetricPattern
  private var isDiagonal = true
  /// The share of Newton's step that the last line search took.
  private var lastStep = 1.0

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
  private mutating func measure() {
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
  private func setPrecision(
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

  // MARK: The Newton model

  /// Minimises the model over the entries of the plan, roughly far from the solution and precisely
  /// near it.
  private mutating func findDirection() {
    Self.zero(&direction)
    if isDiagonal { return findDirectionFromDiagonal() }
    Self.zero(&product)
    let accuracy = lastStep < 1 ? 0.2 : 0.05
    var last = Double.infinity
    var sinceFace = 0
    var faces = 0
    for _ in 1...200 {
      let (change, size) = sweepOnce()
      let ratio = min(change / last, 0.999)
      last = change
      sinceFace += 1
      // What a geometric series of sweeps would still move.
      let remaining = sinceFace < 2 ? change : change * max(ratio, 0.1) / (1 - ratio)
      if remaining <= accuracy * size { break }
      if sinceFace < 4 { continue }
      let needed = (accuracy * size * (1 - ratio) / change).logarithm / ratio.logarithm
      if needed > 20 && faces < 10 {
        guard moveOnFace(accuracy: accuracy) else { break }
        faces += 1
        sinceFace = 0
        last = .infinity
      }
    }
  }

  private mutating func sweepOnce() -> (change: Double, size: Double) {
    let (covariance, gradient, precision) = (covariance, gradient, precision)
    var d = Self.take(&direction)
    defer { direction = d }
    var u = Self.take(&product)
    defer { product = u }
    var direction = d.mutableSpan
    var product = u.mutableSpan
    return plan.sweep(
      covariance: covariance.span, gradient: gradient.span,
      precision: precision.span, penalty: penalty, diagonalPenalty: diagonalPenalty,
      direction: &direction, product: &product, stride: stride)
  }

  /// With a diagonal W the model's entries do not depend on one another.
  private mutating func findDirectionFromDiagonal() {
    let n = order
    for j in 0..<n {
      for place in Int(plan.starts[j])..<Int(plan.starts[j + 1]) {
        let i = Int(plan.members[place])
        if i == j { continue }
        let curvature = covariance[i * n + i] * covariance[j * n + j]
        let slope = gradient[j * n + i]
        let excess = max(slope.magnitude - penalty, 0) / curvature
        direction[j * n + i] = slope > 0 ? -excess : excess
      }
    }
  }

  /// Solves the model for the entries that are not zero at Λ + D, with their signs as they are, by
  /// conjugate gradients preconditioned with D ↦ Λ D Λ, the inverse of the model's curvature when
  /// no entry is zero. Entries whose sign would change become zero.
  ///
  /// - Returns: whether the model fell.
  private mutating func moveOnFace(accuracy: Double) -> Bool {
    let n = order
    let before = model()
    var places: [Int] = []
    var signs: [Double] = []
    var weights: [Double] = []
    face.removeAll()
    for j in 0..<n {
      for place in Int(plan.starts[j])..<Int(plan.starts[j + 1]) {
        let i = Int(plan.members[place])
        let at = j * n + i
        let value = precision[at] + direction[at]
        if value == 0 && i != j { continue }
        face.append(i)
        places.append(at)
        // Λ + D need not be positive definite, but every Λ on the way is.
        signs.append(i == j || value > 0 ? 1 : -1)
        weights.append(i == j ? 1 : 2)
      }
      face.endRow()
    }
    face.complete()
    let count = places.count
    let start = places.map { direction[$0] }
    var residual = [Double](repeating: 0, count: count)
    let (covariance, dw) = (covariance, product)
    let stride = stride
    var residualSpan = residual.mutableSpan
    face.sample(covariance.span, dw.span, stride: stride, into: &residualSpan)
    for k in 0..<count {
      let at = places[k]
      let penalty = weights[k] == 1 ? diagonalPenalty : penalty
      residual[k] = -(gradient[at] + residual[k] + signs[k] * penalty)
    }
    var precision = precision
    var precisionSpan = precision.mutableSpan
    SymmetricInPlace.mirror(&precisionSpan, order: n)
    func inner(_ a: [Double], _ b: [Double]) -> Double {
      var sum = 0.0
      for k in 0..<count { sum += weights[k] * a[k] * b[k] }
      return sum
    }
    var move = [Double](repeating: 0, count: count)
    var improved = sandwich(residual, precision)
    var search = improved
    var slope = inner(residual, improved)
    let first = slope
    for _ in 0..<50 {
      let curved = sandwich(search, covariance)
      let step = slope / inner(search, curved)
      guard step.isFinite && step > 0 else { break }
      for k in 0..<count {
        move[k] += step * search[k]
        residual[k] -= step * curved[k]
      }
      improved = sandwich(residual, precision)
      let next = inner(residual, improved)
      if !(next > accuracy * accuracy * first) { break }
      let keep = next / slope
      for k in 0..<count { search[k] = improved[k] + keep * search[k] }
      slope = next
    }
    var step = 1.0
    for _ in 0..<6 {
      for k in 0..<count {
        let moved = start[k] + step * move[k]
        let at = places[k]
        let kept = weights[k] == 1 || (self.precision[at] + moved) * signs[k] > 0
        direction[at] = kept ? moved : -self.precision[at]
      }
      let after = model()
      if after < before { return true }
      step /= 2
    }
    for k in 0..<count { direction[places[k]] = start[k] }
    _ = model()
    return false
  }

  /// The model's value at D; sets D W.
  private mutating func model() -> Double {
    let n = order
    plan.complete()
    var values: [Double] = []
    values.reserveCapacity(plan.count)
    var sum = 0.0
    var diagonal = 0.0
    for j in 0..<n {
      for place in Int(plan.starts[j])..<Int(plan.starts[j + 1]) {
        let i = Int(plan.members[place])
        let d = direction[j * n + i]
        let size = (precision[j * n + i] + d).magnitude
        values.append(d)
        if i == j { diagonal += size } else { sum += size }
      }
    }
    var u = Self.take(&product)
    defer { product = u }
    let w = covariance
    let stride = stride
    var span = u.mutableSpan
    plan.multiply(values.span, w.span, into: &span, stride: stride)
    var square = 0.0
    for j in 0..<n {
      var row = 0.0
      for i in 0..<j { row += u[j * stride + i] * u[i * stride + j] }
      let own = u[j * stride + j]
      square += row + own * own / 2
    }
    let linear = innerProduct(gradient, direction)
    return linear + square + 2 * penalty * sum + diagonalPenalty * diagonal
  }

  /// The entries of B X B on the face, of an X that has entries there only.
  private mutating func sandwich(_ x: [Double], _ b: [Double]) -> [Double] {
    var u = Self.take(&product)
    defer { product = u }
    var result = [Double](repeating: 0, count: x.count)
    let stride = stride
    var span = u.mutableSpan
    face.multiply(x.span, b.span, into: &span, stride: stride)
    var values = result.mutableSpan
    face.sample(b.span, span.span, stride: stride, into: &values)
    return result
  }

  // MARK: Line search

  private typealias Evaluation = (objective: Double, logDeterminant: Double)

  /// f at a matrix, whose Cholesky factor is left in `trial`; `nil` when it is not positive definite.
  private mutating func evaluate(_ matrix: [Double]) -> Evaluation? {
    let smooth = weigh(matrix)
    trial = matrix
    let n = order
    var span = trial.mutableSpan
    guard let logDeterminant = SymmetricInPlace.factor(&span, order: n) else { return nil }
    return (smooth.linear + smooth.penalty - logDeterminant, logDeterminant)
  }

  /// Tr(S Λ), and the penalty of Λ, from the lower triangle.
  private func weigh(_ matrix: [Double]) -> (linear: Double, penalty: Double) {
    let n = order
    var linear = 0.0
    var size = 0.0
    var trace = 0.0
    var diagonal = 0.0
    for j in 0..<n {
      let s = moments.span.extracting(j * n..<j * n + n)
      let x = matrix.span.extracting(j * n..<j * n + n)
      for i in 0..<j {
        linear += s[i] * x[i]
        size += x[i].magnitude
      }
      trace += s[j] * x[j]
      diagonal += x[j].magnitude
    }
    return (2 * linear + trace, 2 * penalty * size + diagonalPenalty * diagonal)
  }

  private mutating func accept(_ at: Evaluation) {
    objective = at.objective
    logDeterminant = at.logDeterminant
    swap(&covariance, &trial)
    let n = order
    var span = covariance.mutableSpan
    SymmetricInPlace.invert(factor: &span, order: n)
  }

  /// Goes along D as far as f falls (Armijo), and never to a matrix that is not positive definite.
  private mutating func searchLine() -> Bool {
    let n = order
    let old = weigh(precision)
    let slope = innerProduct(gradient, direction)
    var step = 1.0
    var decrease = slope
    for attempt in 0..<40 {
      var next = Self.take(&trial)
      add(precision, direction, times: step, into: &next)
      let new = weigh(next)
      if attempt == 0 { decrease += new.penalty - old.penalty }
      let determinant = factor(&next)
      trial = next
      if let logDeterminant = determinant {
        let value = new.linear + new.penalty - logDeterminant
        // The last digits of f are rounding.
        let slack = 1e-15 * Double(n) * max(1, objective.magnitude)
        if value <= objective + 1e-3 * step * decrease + slack {
          var moved = Self.take(&precision)
          let d = direction
          var span = moved.mutableSpan
          for k in 0..<n * n { span[k] += step * d[k] }
          precision = moved
          lastStep = step
          isDiagonal = false
          accept((value, logDeterminant))
          return true
        }
      }
      step /= 2
    }
    return false
  }

  /// <a, b> of two symmetric matrices, from their lower triangles.
  private func innerProduct(_ a: [Double], _ b: [Double]) -> Double {
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
  private func add(
    _ a: [Double], _ b: [Double], times step: Double, into result: inout [Double]
  ) {
    let a = a.span
    let b = b.span
    var result = result.mutableSpan
    for k in 0..<result.count { result[k] = a[k] + step * b[k] }
  }

  private func factor(_ matrix: inout [Double]) -> Double? {
    var span = matrix.mutableSpan
    return SymmetricInPlace.factor(&span, order: order)
  }

  /// Takes an array out of `self`, so that it is lent beside others without a copy.
  private static func take(_ values: inout [Double]) -> [Double] {
    var taken: [Double] = []
    swap(&taken, &values)
    return taken
  }

  private static func zero(_ values: inout [Double]) {
    var span = values.mutableSpan
    span.update(repeating: 0)
  }
}
