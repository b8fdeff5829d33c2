import NeuralNetworks
import Tensors
import Testing

@Suite struct InitialiserTests {
  private func start(
    _ initialiser: Initialiser, inputs: Int, outputs: Int, seed: UInt64 = 3
  ) -> [Double] {
    var builder = ParameterBuilder(seed: seed)
    _ = builder.append(
      "w", Shape(inputs, outputs), initialiser, fanIn: inputs, fanOut: outputs)
    return builder.values.map(Double.init)
  }

  private func variance(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
  }

  /// Uniform draws fill their interval, and have its variance.
  @Test(arguments: [
    (Initialiser.glorotUniform, (6.0 / 500).squareRoot()), (.leCunUniform, 2.4 / 300),
  ])
  func uniform(_ initialiser: Initialiser, _ bound: Double) {
    let values = start(initialiser, inputs: 300, outputs: 200)
    #expect(values.allSatisfy { abs($0) <= bound * 1.000001 })
    #expect((values.max() ?? 0) > 0.999 * bound && (values.min() ?? 0) < -0.999 * bound)
    #expect(abs(variance(values) / (bound * bound / 3) - 1) < 0.02)
    #expect(abs(values.reduce(0, +) / Double(values.count)) < 0.01 * bound)
  }

  @Test func heNormal() {
    let values = start(.heNormal, inputs: 300, outputs: 200)
    #expect(abs(variance(values) / (2.0 / 300) - 1) < 0.02)
    let deviation = (2.0 / 300).squareRoot()
    let inside = values.count { abs($0) < deviation }
    #expect(abs(Double(inside) / Double(values.count) - 0.6827) < 0.01)
  }

  @Test func constant() {
    #expect(start(.constant(0.5), inputs: 2, outputs: 3) == [Double](repeating: 0.5, count: 6))
  }

  @Test func aTensorsStartDependsOnItsPlaceAndSeedAlone() {
    var short = ParameterBuilder(seed: 9)
    let a = Linear("a", inputs: 5, outputs: 7, in: &short)
    var long = ParameterBuilder(seed: 9)
    let b = Linear("b", inputs: 5, outputs: 7, in: &long)
    _ = Linear("c", inputs: 7, outputs: 7, in: &long)
    #expect(a.weight == b.weight)
    #expect(Array(long.values.prefix(short.values.count)) == short.values)
    #expect(
      start(.glorotUniform, inputs: 5, outputs: 7, seed: 1)
        != start(.glorotUniform, inputs: 5, outputs: 7, seed: 2))
    var other = ParameterBuilder(seed: 9, participant: 1)
    _ = Linear("a", inputs: 5, outputs: 7, in: &other)
    #expect(other.values != short.values)
  }

  /// In a partial connection each unit starts by its own fan-in, 2.4 / (25 maps).
  @Test func unitsOfDifferentFanIn() {
    var builder = ParameterBuilder(seed: 4)
    let layer = Convolution2D(
      "c", ConnectionTable(inputs: 8, sources: [[3], Array(0..<8)]), kernel: 5,
      initialiser: .leCunUniform, in: &builder)
    let range = builder.layout.slots[layer.weight].range
    let values = builder.values[range].map { abs(Double($0)) }
    #expect(values.count == 9 * 25)
    let narrow = values[25...].max() ?? 0
    let wide = values[..<25].max() ?? 0
    #expect(narrow <= 2.4 / 200 && narrow > 0.95 * 2.4 / 200)
    #expect(wide <= 2.4 / 25 && wide > 0.75 * 2.4 / 25)
  }
}
