import Datasets
import MultipartyLearning
import NeuralNetworks
import Randomness

@testable import Experiments

/// Images of ten classes: a blob whose place on a ring tells the class, with noise. Neighbours
/// overlap, so that who knows one class but not its neighbour takes the one for the other.
enum GeneratedDigits {
  static func make(_ count: Int, seed: UInt64, noise: Float = 0.25) -> LabelledImages {
    let extent = 28
    let size = extent * extent
    let draws = RandomStream(seed: seed, purpose: .resampling).uniform(count * (size + 2))
    var pixels = [UInt8](repeating: 0, count: count * size)
    for image in 0..<count {
      let angle = Float(image % 10) / 10 * 2 * .pi
      let start = image * (size + 2)
      let x = 14 + 8 * cosine(angle) + 2 * (draws[start] - 0.5)
      let y = 14 + 8 * cosine(angle - .pi / 2) + 2 * (draws[start + 1] - 0.5)
      for row in 0..<extent {
        for column in 0..<extent {
          let (dx, dy) = (Float(column) - x, Float(row) - y)
          let blob = max(0, 1 - (dx * dx + dy * dy) / 36)
          let place = row * extent + column
          let value = blob + noise * draws[start + 2 + place]
          pixels[image * size + place] = UInt8(255 * min(1, value))
        }
      }
    }
    return LabelledImages(
      channels: 1, height: extent, width: extent, classes: 10, pixels: pixels,
      labels: (0..<count).map { UInt8($0 % 10) })
  }

  /// Bhaskara's formula, about a thousandth off: enough for a place on a ring.
  private static func cosine(_ angle: Float) -> Float {
    var rest = angle
    while rest > .pi { rest -= 2 * .pi }
    while rest < -.pi { rest += 2 * .pi }
    let (sign, near): (Float, Float) =
      abs(rest) <= .pi / 2 ? (1, rest) : (-1, .pi - abs(rest))
    let square = 4 * near * near
    return sign * (.pi * .pi - square) / (.pi * .pi + square / 4)
  }

  /// Ten parties of affine models with three neighbouring classes each.
  static func division(_ division: PartySplit.Case = .d, seed: UInt64 = 1) -> PartyDivision {
    var split = PartySplit(division, publicImages: 20)
    for place in split.parties.indices { split.parties[place].kind = .softmaxRegression }
    var result = PartyDivision("generated", split, seed: seed)
    result.training.epochs = 8
    result.training.batchSize = 16
    result.training.shift = 1
    return result
  }

  static func bench(threads: Int = 2) throws -> CalibrationBench {
    var bench = try CalibrationBench(
      train: make(1000, seed: 1), test: make(300, seed: 2))
    bench.threads = threads
    return bench
  }

  static func plan(_ iterations: Int, bogus: Double = 0) -> CalibrationPlan {
    var plan = CalibrationPlan()
    plan.iterations = iterations
    plan.messages = 60
    plan.bogusShare = bogus
    plan.searchLimit = 128
    return plan
  }
}
