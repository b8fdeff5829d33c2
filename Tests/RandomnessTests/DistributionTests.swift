import Foundation
import Randomness
import Testing

/// Moments and distribution functions of 10⁶ draws from fixed streams, within five standard errors.
@Suite struct DistributionTests {
  static let count = 1_000_000
  static let streams = [
    RandomStream(seed: 1, purpose: .latentNoise),
    RandomStream(seed: 0xFEED_FACE_0123, participant: 7, round: 40, purpose: .scoringNoise),
  ]

  static func mean(_ x: [Float], _ function: (Double) -> Double) -> Double {
    x.reduce(0.0) { $0 + function(Double($1)) } / Double(x.count)
  }

  /// Kolmogorov and Smirnov's largest distance, times √n: above 1.95 once in a thousand.
  static func kolmogorovSmirnov(_ x: [Float], _ distribution: (Double) -> Double) -> Double {
    let sorted = x.sorted()
    let n = Double(x.count)
    var worst = 0.0
    for (i, value) in sorted.enumerated() {
      let f = distribution(Double(value))
      worst = max(worst, f - Double(i) / n, Double(i + 1) / n - f)
    }
    return worst * n.squareRoot()
  }

  @Test(arguments: [0, 1]) func uniformDraws(_ stream: Int) {
    let x = Self.streams[stream].uniform(Self.count)
    #expect(x.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(x.allSatisfy { $0 * 0x1p24 == ($0 * 0x1p24).rounded() }, "multiples of 2⁻²⁴")
    let error = 5 / Double(Self.count).squareRoot()
    #expect(abs(Self.mean(x) { $0 } - 1.0 / 2) < error * (1.0 / 12).squareRoot())
    #expect(abs(Self.mean(x) { $0 * $0 } - 1.0 / 3) < error * (4.0 / 45).squareRoot())
    #expect(Self.kolmogorovSmirnov(x) { $0 } < 1.95)
  }

  @Test(arguments: [0, 1]) func normalDraws(_ stream: Int) {
    let x = Self.streams[stream].normal(Self.count)
    #expect(x.allSatisfy { $0.isFinite })
    let error = 5 / Double(Self.count).squareRoot()
    #expect(abs(Self.mean(x) { $0 }) < error)
    #expect(abs(Self.mean(x) { $0 * $0 } - 1) < error * 2.0.squareRoot())
    #expect(abs(Self.mean(x) { $0 * $0 * $0 }) < error * 15.0.squareRoot())
    #expect(abs(Self.mean(x) { $0 * $0 * $0 * $0 } - 3) < error * 96.0.squareRoot())
    #expect(Self.kolmogorovSmirnov(x) { 0.5 * erfc(-$0 / 2.0.squareRoot()) } < 1.95)
    // Four standard deviations and more: 63 expected among a million.
    let far = x.count { abs($0) > 4 }
    #expect(far > 30 && far < 110)
  }

  /// The draws are Box and Muller's of the words, to Float's accuracy.
  @Test func normalsAreBoxAndMullersOfTheWords() {
    let stream = Self.streams[1]
    var words = [UInt32](repeating: 0, count: 64 * 40)
    var span = words.mutableSpan
    stream.fillBits(&span)
    let normal = stream.normal(words.count)
    for block in 0..<40 {
      for pair in [0, 32] {
        for lane in 0..<16 {
          let at = 64 * block + pair + lane
          let radius = (-2 * log(1 - Double(words[at] >> 8) * 0x1p-24)).squareRoot()
          let angle = 2 * Double.pi * Double(words[at + 16] >> 8) * 0x1p-24
          #expect(abs(Double(normal[at]) - radius * cos(angle)) < 2e-6)
          #expect(abs(Double(normal[at + 16]) - radius * sin(angle)) < 2e-6)
        }
      }
    }
  }

  /// Neighbours in a stream, and the same place in neighbouring streams, are uncorrelated.
  @Test func drawsAreUncorrelated() {
    let a = Self.streams[0].normal(Self.count)
    let error = 5 / Double(Self.count).squareRoot()
    for lag in [1, 2, 15, 16, 17, 32, 48, 64] {
      let sum = (0..<a.count - lag).reduce(0.0) { $0 + Double(a[$1]) * Double(a[$1 + lag]) }
      #expect(abs(sum / Double(a.count)) < error, "lag \(lag)")
    }
    let others = [
      RandomStream(seed: 2, purpose: .latentNoise),
      RandomStream(seed: 1, participant: 1, purpose: .latentNoise),
      RandomStream(seed: 1, round: 1, purpose: .latentNoise),
      RandomStream(seed: 1, purpose: .validationNoise),
    ]
    for (i, other) in others.enumerated() {
      let b = other.normal(Self.count)
      let sum = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(sum / Double(a.count)) < error, "stream \(i)")
    }
  }
}
