import Datasets
import NeuralNetworks
import Randomness
import Testing

@testable import OpportunisticLearning

// Else a failed comparison prints every pixel and every parameter.
extension Participant: CustomTestStringConvertible {
  public var testDescription: String { "participant \(number) with \(model)" }
}
extension ParticipantShare: CustomTestStringConvertible {
  public var testDescription: String { "\(training.count) + \(validation.count) images" }
}

/// Images and participants that are small enough to learn in a moment.
enum Samples {
  /// Images of 12x12 pixels on which each class lights a square of its own, and noise the others.
  static func images(_ perClass: Int, classes: Int = 4, seed: UInt64) -> LabelledImages {
    let count = perClass * classes
    let draws = RandomStream(seed: seed, purpose: .syntheticData).uniform(count * 16)
    var pixels = [UInt8](repeating: 0, count: count * 144)
    for image in 0..<count {
      for block in 0..<16 {
        let draw = draws[image * 16 + block]
        let value = UInt8(block == image % classes ? 110 + 100 * draw : 120 * draw * draw)
        for row in 0..<3 {
          let start = image * 144 + (block / 4 * 3 + row) * 12 + block % 4 * 3
          for column in 0..<3 { pixels[start + column] = value }
        }
      }
    }
    return LabelledImages(
      channels: 1, height: 12, width: 12, classes: classes, pixels: pixels,
      labels: (0..<count).map { UInt8($0 % classes) })
  }

  /// Images of two pixels that know their number.
  static func numbered(_ labels: [UInt8], classes: Int = 10) -> LabelledImages {
    LabelledImages(
      channels: 1, height: 1, width: 2, classes: classes,
      pixels: labels.indices.flatMap { [UInt8($0 / 256), UInt8($0 % 256)] }, labels: labels)
  }

  static func numbers(_ images: LabelledImages) -> [Int] {
    (0..<images.count).map { Int(images.image($0)[0]) * 256 + Int(images.image($0)[1]) }
  }

  static let architecture = ConvolutionalArchitecture(
    .six, channels: 1, height: 12, width: 12, classes: 4)

  static var training: OpportunisticTraining {
    var training = OpportunisticTraining()
    training.batchSize = 8
    training.steps = 3
    return training
  }

  /// Honest participants with images of their own and the same start.
  static func participants(_ count: Int, imagesEach: Int = 24, seed: UInt64 = 5) -> [Participant] {
    (0..<count).map { number in
      let all = images(imagesEach / 4, seed: seed + UInt64(number))
      return Participant(
        number: number, training: all, validation: images(3, seed: seed + 1000 + UInt64(number)),
        model: ModelSnapshot(architecture, seed: seed))
    }
  }

  /// The same, each after some training of its own, so that no two models are alike.
  static func experienced(_ count: Int) -> [Participant] {
    let runner = ModelRunner()
    return participants(count).map { participant in
      var result = participant
      result.model = runner.train(
        participant.model, on: participant.training, training,
        TrainingSession(seed: 77, participant: participant.number, counter: 0))
      return result
    }
  }

  /// The context of one encounter, 0 learning from 1.
  static func context(
    _ population: [Participant], learner: Int = 0, neighbour: Int = 1, number: Int = 6
  ) -> EncounterContext {
    EncounterContext(
      Encounter(number: number, learner: learner, neighbour: neighbour), training: training,
      seed: 9, population: population)
  }

  /// A four-class model that gives each class the same logit whatever it sees.
  static func constant(_ logits: [Float]) -> ModelSnapshot {
    var model = ModelSnapshot(
      architecture, parameters: [Float](repeating: 0, count: architecture.parameterCount))
    // The biases of the output come last.
    let start = model.parameters.count - logits.count
    for (c, logit) in logits.enumerated() { model.parameters[start + c] = logit }
    return model
  }
}
