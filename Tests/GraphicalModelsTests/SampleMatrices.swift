import LinearAlgebra
import Randomness

@testable import GraphicalModels

/// The correlation matrix of `rows` draws of `order` variables with common factors.
func correlations(
  order: Int, rows: Int, factors: Int = 3, noise: Double = 1, seed: UInt64 = 1
) -> SymmetricMatrix {
  func normal(_ count: Int, _ part: UInt32) -> [Double] {
    RandomStream(seed: seed, participant: part, purpose: .syntheticData).normal(count)
      .map { Double($0) }
  }
  let loadings = normal(order * factors, 1)
  let draws = normal(rows * factors, 2)
  var x = normal(rows * order, 3).map { noise * $0 }
  var span = x.mutableSpan
  multiply(
    draws.span, .none, loadings.span, .transposed, into: &span, rows: rows, columns: order,
    inner: factors, keep: 1)
  for j in 0..<order {
    var mean = 0.0
    for i in 0..<rows { mean += x[i * order + j] / Double(rows) }
    for i in 0..<rows { x[i * order + j] -= mean }
  }
  var moments = SymmetricMatrix(
    order: order, elements: [Double](repeating: 0, count: order * order))
  var sums = moments.elements.mutableSpan
  addOuterProducts(of: x.span, count: rows, columns: order, to: &sums)
  let scale = moments.diagonal.map { 1 / $0.squareRoot() }
  for i in 0..<order {
    for j in 0..<order { moments[i, j] *= scale[i] * scale[j] }
  }
  return moments
}

/// A correlation matrix with eigenvalues from 1 down to 1 / condition, before it is scaled to a unit
/// diagonal.
func illConditioned(order: Int, condition: Double, seed: UInt64 = 2) -> SymmetricMatrix {
  let start = correlations(order: order, rows: 3 * order, factors: 2, seed: seed)
  guard let (_, vectors) = start.eigendecomposition() else { return start }
  var result = SymmetricMatrix(
    order: order, elements: [Double](repeating: 0, count: order * order))
  for k in 0..<order {
    let share = Double(k) / Double(max(order - 1, 1))
    let value = (-share * condition.logarithm).exponential
    for i in 0..<order {
      for j in 0..<order {
        result[i, j] += value * vectors[k * order + i] * vectors[k * order + j]
      }
    }
  }
  let scale = result.diagonal.map { 1 / $0.squareRoot() }
  for i in 0..<order {
    for j in 0..<order { result[i, j] *= scale[i] * scale[j] }
  }
  return result
}

/// -ln |Λ| + Tr(S Λ) + ρ Σ |Λᵢⱼ|, by its definition.
func objective(
  _ precision: SymmetricMatrix, _ moments: SymmetricMatrix, penalty: Double,
  penalisesDiagonal: Bool
) -> Double {
  guard let factor = precision.choleskyFactor() else { return .infinity }
  var value = -factor.logDeterminant
  for i in 0..<moments.order {
    for j in 0..<moments.order {
      value += moments[i, j] * precision[i, j]
      if i != j || penalisesDiagonal { value += penalty * precision[i, j].magnitude }
    }
  }
  return value
}

/// How far a Λ is from the conditions of the minimum: the largest distance of S - Λ⁻¹ from minus ρ
/// times a subgradient of |Λ|.
func distanceFromOptimality(
  _ precision: SymmetricMatrix, _ moments: SymmetricMatrix, penalty: Double,
  penalisesDiagonal: Bool
) -> Double {
  guard let inverse = precision.choleskyFactor()?.inverse() else { return .infinity }
  var largest = 0.0
  for i in 0..<moments.order {
    for j in 0..<moments.order {
      let slope = moments[i, j] - inverse[i, j]
      let weight = i != j || penalisesDiagonal ? penalty : 0
      let entry = precision[i, j]
      let distance =
        entry == 0
        ? max(slope.magnitude - weight, 0) : (slope + (entry > 0 ? weight : -weight)).magnitude
      largest = max(largest, distance)
    }
  }
  return largest
}
