import LinearAlgebra

/// The graphical lasso where little is zero: projected Newton steps in the dual.
///
/// The dual problem is to maximise ln |W| over W = S + ρ Z with |Zᵢⱼ| ≤ 1 and Zᵢᵢ = 1; Λ = W⁻¹ is then
/// the solution, and Zᵢⱼ its sign wherever |Zᵢⱼ| = 1. With a small ρ nearly all are at a bound, so that
/// few are left to find, whereas primal methods have to find nearly all of Λ. Over those that are not
/// held at a bound by the slope Λᵢⱼ (Bertsekas 1982), a step solves Λ D Λ = Λ by conjugate gradients,
/// and is cut off at the bounds; a line search keeps ln |W| rising.
struct DensePrecisionSolver {
  let order: Int
  /// S, `[order, order]`.
  private let moments: [Double]
  private let penalty: Double
  /// Z, W and Λ, both triangles.
  private var signs: [Double]
  private(set) var covariance: SymmetricMatrix
  private(set) var precision: SymmetricMatrix
  private var logDeterminant: Double
  private(set) var iterations = 0

  /// The first steps take Newton's step entry by entry: the set of bounds changes fast at first.
  private static let separateSteps = 3
  /// Steps of conjugate gradients: more find a better direction within bounds that change anyway.
  private static let conjugateSteps = 30

  /// Starts near a solution for similar S and ρ, or where only the diagonal is penalised.
  ///
  /// - Returns: `nil` when neither is positive definite.
  init?(
    _ moments: SymmetricMatrix, penalty: Double, start: SymmetricMatrix?
  ) {
    precondition(penalty > 0, "ρ = \(penalty)")
    order = moments.order
    self.moments = moments.elements
    self.penalty = penalty
    var candidates: [[Double]] = []
    if let inverse = start?.choleskyFactor()?.inverse() {
      candidates.append(
        zip(inverse.elements, moments.elements).map { min(max(($0 - $1) / penalty, -1), 1) })
    }
    candidates.append([Double](repeating: 0, count: moments.elements.count))
    for var signs in candidates {
      for i in 0..<moments.order { signs[i * moments.order + i] = 1 }
      var sum = moments
      for i in signs.indices { sum.elements[i] += penalty * signs[i] }
      guard let factor = sum.choleskyFactor() else { continue }
      self.signs = signs
      covariance = sum
      precision = factor.inverse()
      logDeterminant = factor.logDeterminant
      return
    }
    return nil
  }

  /// -ln |Λ| + Tr(S Λ) + ρ Σ |Λᵢⱼ| minus the dual value: ρ Σ (|Λᵢⱼ| - Zᵢⱼ Λᵢⱼ).
  var gap: Double {
    var sum = 0.0
    for (sign, entry) in zip(signs, precision.elements) { sum += entry.magnitude - sign * entry }
    return penalty * max(0, sum)
  }

  /// Steps until the gap is at most `tolerance`, or no step gains anything.
  mutating func solve(tolerance: Double, iterationLimit: Int) {
    while iterations < iterationLimit && gap > tolerance {
      iterations += 1
      let free = freeEntries
      let direction =
        iterations <= Self.separateSteps ? separateDirection(free) : conjugateDirection(free)
      guard search(along: direction) else { return }
    }
  }

  /// Entries that the slope does not hold at a bound; never the diagonal.
  private var freeEntries: [Bool] {
    var free = [Bool](repeating: false, count: signs.count)
    for i in 0..<order {
      for j in 0..<order where i != j {
        let place = i * order + j
        let (sign, slope) = (signs[place], precision.elements[place])
        free[place] = !((sign >= 1 && slope >= 0) || (sign <= -1 && slope <= 0))
      }
    }
    return free
  }

  /// The diagonal of the curvature: Λᵢᵢ Λⱼⱼ + Λᵢⱼ².
  private func curvature(_ i: Int, _ j: Int) -> Double {
    precision[i, i] * precision[j, j] + precision[i, j] * precision[i, j]
  }

  private func separateDirection(_ free: [Bool]) -> [Double] {
    var direction = [Double](repeating: 0, count: signs.count)
    for i in 0..<order {
      for j in 0..<order where free[i * order + j] {
        direction[i * order + j] = precision[i, j] / curvature(i, j)
      }
    }
    return direction
  }

  /// Solves (Λ D Λ)ᵢⱼ = Λᵢⱼ over the free entries, roughly.
  private func conjugateDirection(_ free: [Bool]) -> [Double] {
    let n = order
    var inverse = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n where free[i * n + j] { inverse[i * n + j] = 1 / curvature(i, j) }
    }
    var direction = [Double](repeating: 0, count: n * n)
    var rest = direction
    for k in rest.indices where free[k] { rest[k] = precision.elements[k] }
    var scaled = zip(rest, inverse).map { $0 * $1 }
    var step = scaled
    var norm = dot(rest, scaled)
    let first = norm
    var half = direction
    var image = direction
    for _ in 0..<Self.conjugateSteps where norm > 1e-4 * first {
      product(precision.elements, step, into: &half)
      product(half, precision.elements, into: &image)
      for k in image.indices where !free[k] { image[k] = 0 }
      let bend = dot(step, image)
      guard bend > 0 else { break }
      let length = norm / bend
      for k in direction.indices {
        direction[k] += length * step[k]
        rest[k] -= length * image[k]
        scaled[k] = rest[k] * inverse[k]
      }
      let next = dot(rest, scaled)
      let share = next / norm
      for k in step.indices { step[k] = scaled[k] + share * step[k] }
      norm = next
    }
    return direction
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sums = (0.0, 0.0, 0.0, 0.0)
    let (x, y) = (a.span, b.span)
    var k = 0
    while k + 4 <= x.count {
      sums.0 += x[k] * y[k]
      sums.1 += x[k + 1] * y[k + 1]
      sums.2 += x[k + 2] * y[k + 2]
      sums.3 += x[k + 3] * y[k + 3]
      k += 4
    }
    while k < x.count {
      sums.0 += x[k] * y[k]
      k += 1
    }
    return (sums.0 + sums.1) + (sums.2 + sums.3)
  }

  private func product(_ a: [Double], _ b: [Double], into c: inout [Double]) {
    var span = c.mutableSpan
    multiply(
      a.span, .none, b.span, .none, into: &span, rows: order, columns: order, inner: order)
  }

  /// Goes along the direction as far as ln |W| rises.
  ///
  /// - Returns: whether it rose.
  private mutating func search(along direction: [Double]) -> Bool {
    var length = 1.0
    while length > 1e-10 {
      var (next, sum) = (signs, covariance)
      var slope = 0.0
      for i in 0..<order {
        for j in 0..<i {
          let (lower, upper) = (i * order + j, j * order + i)
          let sign = min(max(signs[lower] + length * direction[lower] / penalty, -1), 1)
          let entry = moments[lower] + penalty * sign
          slope += 2 * precision.elements[lower] * (entry - covariance.elements[lower])
          (next[lower], next[upper]) = (sign, sign)
          (sum.elements[lower], sum.elements[upper]) = (entry, entry)
        }
      }
      if let factor = sum.choleskyFactor(),
        factor.logDeterminant >= logDeterminant + 1e-4 * slope, slope > 0
      {
        signs = next
        covariance = sum
        precision = factor.inverse()
        logDeterminant = factor.logDeterminant
        return true
      }
      if slope <= 0 { return false }
      length /= 2
    }
    return false
  }

  /// Λ with zeros where Z is not at a bound and the partial correlation is smaller than a limit; at the
  /// solution, all that are not at a bound are zero.
  ///
  /// - Returns: `nil` if that is no precision matrix.
  func sparse(below limit: Double) -> SymmetricMatrix? {
    var result = precision
    for i in 0..<order {
      for j in 0..<order where i != j && signs[i * order + j].magnitude < 1 {
        let scale = (precision[i, i] * precision[j, j]).squareRoot()
        if precision[i, j].magnitude <= limit * scale { result[i, j] = 0 }
      }
    }
    return result.choleskyFactor() == nil ? nil : result
  }

  /// The dual value: no positive definite matrix has a smaller objective.
  var bound: Double { logDeterminant + Double(order) }
}
