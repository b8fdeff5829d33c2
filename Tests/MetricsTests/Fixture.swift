import Metrics
import Testing

/// Steele, Lea and Flood's generator; its twin is in reference/make_reference.py.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// An integer in 0..<bound.
  mutating func below(_ bound: Int) -> Double { Double(next() % UInt64(bound)) }

  /// A multiple of 2⁻⁵³ in [0, 1).
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// A series of integer scores in 0..<levels, lifted inside its events.
struct Fixture {
  let scores: [Double]
  let labels: [Bool]

  /// - Parameter events: The first row and the length of each.
  init(seed: UInt64, rows: Int, levels: Int, lift: Double, events: [[Int]]) {
    var labels = [Bool](repeating: false, count: rows)
    for event in events {
      for row in event[0]..<event[0] + event[1] { labels[row] = true }
    }
    var generator = SplitMix64(seed: seed)
    self.scores = labels.map { generator.below(levels) + ($0 ? lift : 0) }
    self.labels = labels
  }

  /// Two hundred rows with three events and many ties.
  static func sample(seed: UInt64, lift: Double = 3) -> Fixture {
    Fixture(
      seed: seed, rows: 200, levels: 9, lift: lift, events: [[20, 15], [90, 1], [150, 30]])
  }
}

/// A sample of excesses, by inverting the survival function with operations that round alike.
enum TailKind {
  case heavy, half, quarter, nearlyExponential, minusQuarter

  func sample(seed: UInt64, count: Int) -> [Double] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in excess(survival: 1 - generator.uniform()) }
  }

  private func excess(survival: Double) -> Double {
    switch self {
    case .heavy: 1 / survival - 1
    case .half: 2 * (1 / survival.squareRoot() - 1)
    case .quarter: 4 * (1 / survival.squareRoot().squareRoot() - 1)
    case .nearlyExponential:
      64 * (1 / (0..<6).reduce(survival) { root, _ in root.squareRoot() } - 1)
    case .minusQuarter: 4 * (1 - survival.squareRoot().squareRoot())
    }
  }
}

// MARK: - Shapes of the reference values

struct SeriesReference: CustomTestStringConvertible {
  let name: String
  let fixture: Fixture
  let areaUnderROC: Double
  let averagePrecision: Double
  let volumes: [VolumeReference]
  let alarmsAbove: Double
  let counts: ConfusionCounts
  let precision: Double
  let recall: Double
  let f1: Double
  let eventRecalls: [EventRecallReference]

  var testDescription: String { name }
}

struct VolumeReference {
  let maximumBufferLength: Int
  let thresholdCount: Int
  let volume: Double
}

struct EventRecallReference {
  let falseAlarmRate: Double
  let detected: Int
  let events: Int
}

struct ConformalReference {
  let count: Int
  let falseAlarmRate: Double
  /// From 1, or 0 where the rank exceeds the count.
  let rank: Int
}

struct TailReference {
  let seed: UInt64
  let count: Int
  let kind: TailKind
  let shape: Double
  let scale: Double
  let logLikelihood: Double
  /// The excess that is surpassed with probability 0.001.
  let excess: Double
}

// MARK: - Comparison

/// Whether `value` lies within `tolerance` of `reference`, relative where that is above 1.
func isClose(_ value: Double?, _ reference: Double, within tolerance: Double = 1e-12) -> Bool {
  guard let value else { return false }
  return value == reference || abs(value - reference) <= tolerance * max(1, abs(reference))
}
