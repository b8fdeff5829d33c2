import Foundation
import LinearAlgebra
import Testing

@Suite struct LayerKernelsTests {
  static func function(_ activation: Activation) -> (Double) -> Double {
    switch activation {
    case .identity: { $0 }
    case .relu: { max($0, 0) }
    case .tanh: { tanh($0) }
    case .sigmoid: { 1 / (1 + exp(-$0)) }
    case .softplus: { log1p(exp($0)) }
    }
  }

  static func slope(_ activation: Activation) -> (Double) -> Double {
    switch activation {
    case .identity: { _ in 1 }
    case .relu: { $0 > 0 ? 1 : 0 }
    case .tanh: { 1 - tanh($0) * tanh($0) }
    case .sigmoid: { exp(-$0) / ((1 + exp(-$0)) * (1 + exp(-$0))) }
    case .softplus: { 1 / (1 + exp(-$0)) }
    }
  }

  /// Over one block of the sum and over several, and for more columns than a product of ours has.
  @Test(arguments: Activation.allCases, [1, 8, 17, 76, 150, 300])
  func aLayerIsAProductWithBiasAndActivation(_ activation: Activation, _ columns: Int) {
    var values = SampleValues(seed: 20)
    let rows = 9
    for inner in [1, 38, 130] {
      let x = values.floats(rows * inner)
      let weight = values.floats(inner * columns)
      let bias = values.floats(columns)
      let old = values.floats(rows * columns)
      for keep: Float in [0, 1] {
        var expected = keep == 0 ? [Float](repeating: .nan, count: rows * columns) : old
        var layer = expected
        do {
          var span = expected.mutableSpan
          multiply(
            x.span, .none, weight.span, .none, into: &span, rows: rows, columns: columns,
            inner: inner, keep: keep)
          LayerKernels.addBias(
            bias.span, thenApply: activation, to: &span, rows: rows, columns: columns)
        }
        var span = layer.mutableSpan
        LayerKernels.affine(
          x.span, weight.span, bias.span, activation, into: &span, rows: rows, outputs: columns,
          inputs: inner, keep: keep)
        #expect(layer == expected)
      }
    }
  }

  @Test(arguments: Activation.allCases, [1, 5, 16, 17, 33, 70, 128, 150])
  func biasAndActivationAndTheirDerivative(_ activation: Activation, _ columns: Int) {
    var values = SampleValues(seed: 13)
    let rows = 5
    let x = values.floats(rows * columns, in: -3...3)
    let bias = values.floats(columns)
    let dy = values.floats(rows * columns)
    let a = x.indices.map { Double(x[$0]) + Double(bias[$0 % columns]) }

    var y = x
    var ySpan = y.mutableSpan
    LayerKernels.addBias(
      bias.span, thenApply: activation, to: &ySpan, rows: rows, columns: columns)
    #expect(y.error(from: a.map(Self.function(activation))) < 5e-7)

    var da = dy
    var db = [Float](repeating: .nan, count: columns)
    var daSpan = da.mutableSpan
    var dbSpan = db.mutableSpan
    LayerKernels.backward(
      through: activation, output: y.span, gradient: &daSpan, biasGradient: &dbSpan, rows: rows,
      columns: columns)
    let slopes = a.map(Self.slope(activation))
    let expected = zip(dy, slopes).map { Double($0) * $1 }
    #expect(da.error(from: expected) < 1e-6)
    let sums = (0..<columns).map { j in
      (0..<rows).reduce(0.0) { $0 + expected[$1 * columns + j] }
    }
    #expect(db.error(from: sums) < 3e-6)
  }

  @Test(arguments: [1, 2, 10, 16, 17, 40])
  func softmaxCrossEntropyAndItsDerivative(_ classes: Int) {
    var values = SampleValues(seed: 14)
    let rows = 6
    let logits = values.floats(rows * classes, in: -6...6)
    let labels = (0..<rows).map { Int32(($0 * 7) % classes) }
    var gradient = [Float](repeating: .nan, count: logits.count)
    var span = gradient.mutableSpan
    let loss = LayerKernels.softmaxCrossEntropy(
      logits.span, labels: labels.span, gradient: &span, rows: rows, columns: classes)

    var expectedLoss = 0.0
    var expected: [Double] = []
    for i in 0..<rows {
      let row = logits[i * classes..<(i + 1) * classes].map(Double.init)
      let total = row.reduce(0) { $0 + exp($1) }
      expectedLoss += log(total) - row[Int(labels[i])]
      for j in 0..<classes { expected.append(exp(row[j]) / total - (j == labels[i] ? 1 : 0)) }
    }
    #expect(abs(loss - expectedLoss) < 2e-6 * (1 + expectedLoss))
    #expect(gradient.error(from: expected) < 5e-7)
  }

  @Test func largeLogitsDoNotOverflow() {
    let logits: [Float] = [1000, 0, -1000, -2000, -2000, -2001]
    let labels: [Int32] = [1, 0]
    var gradient = [Float](repeating: .nan, count: 6)
    var span = gradient.mutableSpan
    let loss = LayerKernels.softmaxCrossEntropy(
      logits.span, labels: labels.span, gradient: &span, rows: 2, columns: 3)
    let second = log(2 + exp(-1.0))
    #expect(abs(loss - 1000 - second) < 1e-4)
    let share = 1 / (2 + exp(-1.0))
    #expect(gradient.error(from: [1, -1, 0, share - 1, share, 1 - 2 * share]) < 1e-6)
  }
}
