import LinearAlgebra

// The proximal Newton method: the last steps, and all of them where sweeps over columns do not get
// near.

extension PrecisionSolver {
  /// Minimises the model over the entries of the plan, roughly far from the solution and precisely
  /// near it.
  mutating func findDirection() {
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
  mutating func findDirectionFromDiagonal() {
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

  typealias Evaluation = (objective: Double, logDeterminant: Double)

  /// f at a matrix, whose Cholesky factor is left in `trial`; `nil` when it is not positive definite.
  mutating func evaluate(_ matrix: [Double]) -> Evaluation? {
    let smooth = weigh(matrix)
    trial = matrix
    let n = order
    var span = trial.mutableSpan
    guard let logDeterminant = SymmetricInPlace.factor(&span, order: n) else { return nil }
    return (smooth.linear + smooth.penalty - logDeterminant, logDeterminant)
  }

  /// Tr(S Λ), and the penalty of Λ, from the lower triangle.
  func weigh(_ matrix: [Double]) -> (linear: Double, penalty: Double) {
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

  mutating func accept(_ at: Evaluation) {
    objective = at.objective
    logDeterminant = at.logDeterminant
    swap(&covariance, &trial)
    let n = order
    var span = covariance.mutableSpan
    SymmetricInPlace.invert(factor: &span, order: n)
  }

  /// Goes along D as far as f falls (Armijo), and never to a matrix that is not positive definite.
  mutating func searchLine() -> Bool {
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
}
