import Datasets
import NeuralNetworks
import Randomness

@testable import MultipartyLearning

/// Images and models that are small enough to learn in a moment.
enum Samples {
  /// Images of 28x28 pixels on which each class lights a block of its own, and noise lights others.
  ///
  /// - Parameter noise: the greatest brightness of what does not belong to the class; the class's own
  ///   block has from 90 to 190.
  ///   - likeness: whether each class also lights, somewhat less, the block of the class half the
  ///   number of classes further on: who knows only one of the two takes the other for it.
  static func images(
    _ perClass: Int, classes: Int = 4, noise: Int = 150, likeness: Bool = false, seed: UInt64
  ) -> LabelledImages {
    let count = perClass * classes
    let draws = RandomStream(seed: seed, purpose: .syntheticData).uniform(count * 32)
    var pixels = [UInt8](repeating: 0, count: count * 784)
    for image in 0..<count {
      let label = image % classes
      for block in 0..<16 {
        // Seven by seven pixels each.
        let draw = draws[image * 32 + block]
        let own = 90 + draws[image * 32 + label] * 100
        let value =
          block == label
          ? Int(own)
          : likeness && block == (label + classes / 2) % classes
            ? Int(own * (0.4 + 0.4 * draw)) : Int(draw * draw * Float(noise))
        for row in 0..<7 {
          let start = image * 784 + (block / 4 * 7 + row) * 28 + block % 4 * 7
          for column in 0..<7 { pixels[start + column] = UInt8(value) }
        }
      }
    }
    return LabelledImages(
      channels: 1, height: 28, width: 28, classes: classes, pixels: pixels,
      labels: (0..<count).map { UInt8($0 % classes) })
  }

  /// Affine models whose values for the all-white image are what is asked for.
  ///
  /// - Parameter values: of each model, for its classes.
  static func models(_ values: [(classes: [UInt8], values: [Float])]) -> [PartyModel] {
    values.map { classes, values in
      let start = PartyModel(kind: .softmaxRegression, classes: classes, seed: 3, party: 0)
      var parameters = [Float](repeating: 0, count: start.parameters.count)
      // The biases come last.
      for (column, value) in values.enumerated() {
        parameters[parameters.count - values.count + column] = value
      }
      return PartyModel(kind: .softmaxRegression, classes: classes, parameters: parameters)
    }
  }

  static func panel(
    _ models: [PartyModel], classes: Int, rule: ScoreRule = .zeroLogit, threads: Int = 1
  ) -> ModelPanel {
    ModelPanel(models, classes: classes, rule: rule, threads: threads)
  }

  /// A table of one image with given scores; `nil` where a model does not know a class.
  ///
  /// - Parameter scores: `[models][classes]`.
  static func table(_ scores: [[Float?]]) -> ScoreTable {
    let classes = scores[0].count
    let knowing = (0..<classes).map { label in
      scores.indices.filter { scores[$0][label] != nil }
    }
    var table = ScoreTable(images: 1, classes: classes, knowing: knowing, models: scores.count)
    for (model, row) in scores.enumerated() {
      table.enter(
        row.compactMap { $0 }, of: model,
        classes: row.indices.filter { row[$0] != nil }.map { UInt8($0) })
    }
    return table
  }
}

/// Numbers that a test draws from a seed.
struct Draws {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// From 0 to 1.
  mutating func unit() -> Float { Float(next() >> 40) / Float(1 << 24) }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  private mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
