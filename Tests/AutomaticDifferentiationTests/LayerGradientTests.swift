import AutomaticDifferentiation
import Foundation
import LinearAlgebra
import Randomness
import Tensors
import Testing

/// Matrix products, affine layers, dropout and cross-entropy.
@Suite struct LayerGradientTests {
  static let products: [GradientCheck] = [nil, 1, 3].flatMap { batch -> [GradientCheck] in
    let orders: [Transposition] = [.none, .transposed]
    return orders.flatMap { left in
      orders.map { right in
        let stack = batch.map { [$0] } ?? []
        let a = stack + (left == .none ? [3, 5] : [5, 3])
        let b = stack + (right == .none ? [5, 2] : [2, 5])
        return GradientCheck("\(a) \(left) · \(b) \(right)", [a, b]) {
          $0.matrixProduct($1[0], left, $1[1], right)
        } reference: {
          (left == .none ? $0[0] : $0[0].transposed)
            .product(right == .none ? $0[1] : $0[1].transposed)
        }
      }
    }
  }

  @Test(arguments: products) func matrixProducts(_ check: GradientCheck) { check.run() }

  static let gram: [GradientCheck] = [
    GradientCheck("x xᵀ", [[3, 4]]) {
      $0.matrixProduct($1[0], .none, $1[0], .transposed)
    } reference: {
      $0[0].product($0[0].transposed)
    },
    GradientCheck("xᵀ x", [[2, 3, 4]]) {
      $0.matrixProduct($1[0], .transposed, $1[0])
    } reference: {
      $0[0].transposed.product($0[0])
    },
    GradientCheck("x x", [[4, 4]]) {
      $0.matrixProduct($1[0], .none, $1[0])
    } reference: {
      $0[0].product($0[0])
    },
  ]

  @Test(arguments: gram) func productsOfAMatrixWithItself(_ check: GradientCheck) { check.run() }

  static func function(_ activation: Activation) -> @Sendable (Double) -> Double {
    switch activation {
    case .identity: { $0 }
    case .relu: { max($0, 0) }
    case .tanh: { Foundation.tanh($0) }
    case .sigmoid: { 1 / (1 + exp(-$0)) }
    case .softplus: { log1p(exp($0)) }
    }
  }

  static let layers: [GradientCheck] = Activation.allCases.flatMap { activation in
    [(3, 4, 5), (1, 1, 1), (6, 3, 18)].map { rows, inputs, outputs in
      GradientCheck(
        "affine \(activation) \(rows), \(inputs) → \(outputs)",
        [[rows, inputs], [inputs, outputs], [outputs]]
      ) {
        $0.affine($1[0], $1[1], $1[2], activation)
      } reference: {
        $0[0].product($0[1]).combined(with: $0[2], +).map(Self.function(activation))
      }
    }
  }

  @Test(arguments: layers) func affineLayers(_ check: GradientCheck) { check.run() }

  /// Layers in which only some of the inputs have a derivative.
  static let partial: [GradientCheck] = Activation.allCases.flatMap { activation in
    (0..<3).map { free in
      let shapes = [[4, 3], [3, 2], [2]]
      return GradientCheck("affine \(activation), only input \(free)", [shapes[free]]) {
        tape, inputs in
        let x = shapes.enumerated().map { i, shape in
          i == free
            ? inputs[0]
            : tape.constant(
              Tensor(
                Shape(shape),
                GradientCheck.numbers(shape.reduce(1, *), salt: UInt64(40 + i)).map { Float($0) }))
        }
        return tape.affine(x[0], x[1], x[2], activation)
      } reference: { inputs in
        let x = shapes.enumerated().map { i, shape in
          i == free
            ? inputs[0]
            : ReferenceTensor(
              shape, GradientCheck.numbers(shape.reduce(1, *), salt: UInt64(40 + i)))
        }
        return x[0].product(x[1]).combined(with: x[2], +).map(Self.function(activation))
      }
    }
  }

  @Test(arguments: partial) func affineLayersWithConstants(_ check: GradientCheck) { check.run() }

  static let stream = RandomStream(seed: 9, participant: 2, round: 5, purpose: .dropout)
  static let dropouts: [GradientCheck] = [Float(0), 0.25, 0.75].map { probability in
    GradientCheck("dropout \(probability)", [[5, 9]]) {
      $0.dropout($1[0], probability: probability, from: stream)
    } reference: {
      let uniform = stream.uniform(45)
      return ReferenceTensor(
        $0[0].shape,
        zip($0[0].elements, uniform).map {
          $1 < probability ? 0 : $0 / (1 - Double(probability))
        })
    }
  }

  @Test(arguments: dropouts) func dropoutKeepsWhatTheStreamSays(_ check: GradientCheck) {
    check.run()
  }

  @Test func dropoutKeepsTheMean() {
    let tape = GradientTape()
    let ones = tape.constant(Tensor(Shape(100_000), repeating: 1))
    let dropped = tape.dropout(ones, probability: 0.3, from: Self.stream)
    #expect(abs(tape.scalar(tape.mean(dropped)) - 1) < 0.01)
    #expect(tape.value(of: dropped).elements.count { $0 == 0 } > 29_000)
  }

  static let entropies: [GradientCheck] = [(1, 2), (4, 5), (3, 17), (2, 1)].map { rows, classes in
    GradientCheck("cross-entropy [\(rows), \(classes)]", [[rows, classes]]) {
      $0.softmaxCrossEntropy($1[0], labels: (0..<rows).map { Int32(($0 * 3 + 1) % classes) })
    } reference: { inputs in
      let losses = (0..<rows).map { (i: Int) -> Double in
        let line = (0..<classes).map { inputs[0][[i, $0]] }
        return ReferenceTensor.logSumExp(line) - line[(i * 3 + 1) % classes]
      }
      return .scalar(losses.reduce(0, +) / Double(rows))
    }
  }

  @Test(arguments: entropies) func softmaxCrossEntropy(_ check: GradientCheck) { check.run() }
}
