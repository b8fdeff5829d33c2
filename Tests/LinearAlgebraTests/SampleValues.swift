/// Reproducible test values, from SplitMix64.
struct SampleValues {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func double(in range: ClosedRange<Double> = -1...1) -> Double {
    let unit = Double(next() >> 11) * 0x1p-53
    return range.lowerBound + unit * (range.upperBound - range.lowerBound)
  }

  mutating func doubles(_ count: Int, in range: ClosedRange<Double> = -1...1) -> [Double] {
    (0..<count).map { _ in double(in: range) }
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Double> = -1...1) -> [Float] {
    (0..<count).map { _ in Float(double(in: range)) }
  }
}

extension Array where Element: BinaryFloatingPoint {
  /// The largest difference from an expected array, relative to `1 + |expected|`.
  func error(from expected: [Double]) -> Double {
    guard count == expected.count else { return .infinity }
    var worst = 0.0
    for (value, exact) in zip(self, expected) {
      let error = abs(Double(value) - exact) / (1 + abs(exact))
      if !(error <= worst) { worst = error.isNaN ? .infinity : error }
    }
    return worst
  }
}
