/// The penalty of a joint graphical lasso on one entry of all tasks' matrices, θ₁, …, θ_K.
struct JointPenalty {
  let kind: JointGraphicalLasso.Kind
  /// λ₁ and λ₂ as they stand for this entry.
  let sparsity: Double
  let similarity: Double

  /// λ₁ Σ |θₖ| + λ₂ √(Σ θₖ²), or λ₁ Σ |θₖ| + λ₂ Σ |θₖ - θₗ| over all pairs k < l.
  func value(_ theta: [Double]) -> Double {
    var sum = 0.0
    for value in theta { sum += sparsity * value.magnitude }
    switch kind {
    case .group:
      var squares = 0.0
      for value in theta { squares += value * value }
      return sum + similarity * squares.squareRoot()
    case .fused:
      for k in theta.indices {
        for l in 0..<k { sum += similarity * (theta[k] - theta[l]).magnitude }
      }
      return sum
    }
  }

  /// Minimises ½ Σ (xₖ - θₖ)² + step · value(x), exactly; x takes the place of θ.
  ///
  /// For the fused penalty: x keeps the order of θ, and in that order the sum over all pairs is
  /// linear, so that θ is shifted, neighbours out of order are pooled to their mean, and λ₁ shrinks
  /// what comes out (Friedman, Hastie, Höfling and Tibshirani 2007 for the last step).
  func shrink(_ theta: inout [Double], step: Double) {
    let count = theta.count
    if kind == .fused && similarity > 0 {
      let order = theta.indices.sorted { theta[$0] < theta[$1] }
      // Blocks of equal values, by their means and sizes.
      var means: [Double] = []
      var sizes: [Int] = []
      for (place, k) in order.enumerated() {
        // The place-th smallest is above `place` others and below the rest.
        var mean = theta[k] - step * similarity * Double(2 * place - count + 1)
        var size = 1
        while let last = means.last, let lastSize = sizes.last, last >= mean {
          mean = (mean * Double(size) + last * Double(lastSize)) / Double(size + lastSize)
          size += lastSize
          means.removeLast()
          sizes.removeLast()
        }
        means.append(mean)
        sizes.append(size)
      }
      var place = 0
      for (mean, size) in zip(means, sizes) {
        for _ in 0..<size {
          theta[order[place]] = mean
          place += 1
        }
      }
    }
    var squares = 0.0
    for k in 0..<count {
      let size = max(theta[k].magnitude - step * sparsity, 0)
      theta[k] = theta[k] < 0 ? -size : size
      squares += size * size
    }
    if kind == .group && similarity > 0 {
      let norm = squares.squareRoot()
      let factor = norm > step * similarity ? 1 - step * similarity / norm : 0
      for k in 0..<count { theta[k] *= factor }
    }
  }
}
