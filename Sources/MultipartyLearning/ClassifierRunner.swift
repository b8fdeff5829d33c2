import AutomaticDifferentiation
import Datasets
import LinearAlgebra
import NeuralNetworks
import Randomness
import Tensors

/// Runs one party's model: scores of images, steps of training and of calibration.
///
/// Used by one thread at a time. A warm step takes no memory but for what it returns.
final class ClassifierRunner {
  let kind: ImageClassifierKind
  let classes: [UInt8]
  let rule: ScoreRule
  private let network: ImageClassifier
  private let tape = GradientTape()
  private let parameters: ParameterGroup
  /// The values of the last images, which a calibration goes on from.
  private var values: Variable?
  private var scoresOfLast: [Float] = []

  /// Images that are on the tape at once.
  static let chunk = 128

  init(_ model: PartyModel, rule: ScoreRule) {
    kind = model.kind
    classes = model.classes
    self.rule = rule
    var builder = ParameterBuilder(seed: 0)
    network = ImageClassifier(model.kind, classes: model.classes.count, in: &builder)
    parameters = tape.addParameters(builder.layout, values: model.parameters)
  }

  var model: PartyModel {
    get { PartyModel(kind: kind, classes: classes, parameters: tape.values(of: parameters)) }
    set {
      precondition(newValue.kind == kind && newValue.classes == classes, "a model of another kind")
      tape.setValues(newValue.parameters, of: parameters)
    }
  }

  /// The scores of some images.
  ///
  /// - Returns: `[places, classes]`.
  func scores(_ images: LabelledImages, _ places: ArraySlice<Int>) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(places.count * classes.count)
    tape.setRequiresGradient(parameters, false)
    defer { tape.setRequiresGradient(parameters, true) }
    var rest = places
    while !rest.isEmpty {
      let part = rest.prefix(Self.chunk)
      rest = rest.dropFirst(Self.chunk)
      result += forward(images, part)
    }
    // What lies on the tape now has no derivatives.
    values = nil
    return result
  }

  /// The scores of a few images, with what ``calibrate(_:learningRate:cap:)`` needs.
  func prepare(_ images: LabelledImages) -> [Float] {
    scoresOfLast = forward(images, Array(images.labels.indices)[...])
    return scoresOfLast
  }

  private func forward(_ images: LabelledImages, _ places: ArraySlice<Int>) -> [Float] {
    tape.reset()
    let size = images.imageSize
    let x = tape.constant(Shape(places.count, size)) { out in
      var start = 0
      for place in places {
        images.write(place, into: &out, at: start)
        start += size
      }
    }
    let result = network(x, parameters, on: tape)
    values = result
    return tape.withValue(of: result) {
      rule.scores($0, rows: places.count, classes: classes.count)
    }
  }

  // MARK: Calibration

  /// What is done to the score of a class of one of the prepared images.
  struct Adjustment: Sendable, Equatable {
    let image: Int
    let label: UInt8
    let isEnhanced: Bool
  }

  /// Makes one step uphill for some of the prepared images: θ ← θ + η clip(Σ Δ, G), Wang et al. 2020,
  /// Eqs. (11) and (12) with the cap of Sec. III-C-3b.
  func calibrate(_ adjustments: [Adjustment], _ rules: CalibrationRules) {
    guard let values, !adjustments.isEmpty else { return }
    let count = classes.count
    let shape = tape.shape(of: values)
    var slopes = [Float](repeating: 0, count: shape.count)
    for adjustment in adjustments {
      guard let column = classes.firstIndex(of: adjustment.label) else { continue }
      let start = adjustment.image * count
      let slope = rules.objective.derivative(
        scoresOfLast[start..<start + count], column: column, isEnhanced: adjustment.isEnhanced)
      for c in 0..<count { slopes[start + c] += slope[c] }
    }
    let weights = tape.constant(Tensor(shape, slopes))
    tape.backward(from: tape.sum(tape.multiply(values, weights)))
    self.values = nil
    let norm = tape.withGradient(of: parameters) {
      GradientClipping.clip(&$0, toNorm: rules.gradientCap)
    }
    // A model that overflows on these images stays as it is.
    guard norm.isFinite else { return }
    tape.update(parameters) { VectorMath.add($1, times: rules.learningRate, to: &$0) }
  }

  // MARK: Training

  /// Trains on images of the model's own classes, by Adam on minibatches.
  ///
  /// - Parameter goesOn: asked before each epoch; once it says no, training ends.
  /// - Returns: the mean loss of the last epoch; `nil` if training was ended early.
  @discardableResult
  func train(
    _ images: LabelledImages, _ settings: LocalTraining, seed: UInt64, party: Int,
    while goesOn: () -> Bool = { true }
  ) -> Float? {
    precondition(images.count > 0, "no images to learn from")
    let columns = images.labels.map { label in
      Int32(classes.firstIndex(of: label) ?? -1)
    }
    precondition(columns.allSatisfy { $0 >= 0 }, "an image of a class that the model does not have")
    let batch = min(settings.batchSize, images.count)
    let stepsPerEpoch = images.count / batch
    let schedule = LearningRateSchedule.cosine(
      warmUp: min(50, stepsPerEpoch), total: settings.epochs * stepsPerEpoch, final: 0.01)
    var optimiser = Optimiser(
      .adamW(weightDecay: settings.weightDecay), count: tape.layout(of: parameters).count)
    let size = images.imageSize
    var mean: Float = 0
    var step = 0
    // What lies on the tape afterwards is of no use to a calibration.
    defer { values = nil }
    for epoch in 0..<settings.epochs {
      guard goesOn() else { return nil }
      let key = UInt32(epoch)
      let order = RandomStream(
        seed: seed, participant: UInt32(party), round: key, purpose: .minibatch
      ).permutation(images.count)
      let draws = RandomStream(
        seed: seed, participant: UInt32(party), round: key, purpose: .augmentation
      ).uniform(2 * images.count)
      let span = Float(2 * settings.shift + 1)
      mean = 0
      for number in 0..<stepsPerEpoch {
        step += 1
        let places = order[number * batch..<(number + 1) * batch]
        tape.reset()
        let x = tape.constant(Shape(batch, size)) { out in
          var start = 0
          for place in places {
            let shift = (
              rows: Int(draws[2 * Int(place)] * span) - settings.shift,
              columns: Int(draws[2 * Int(place) + 1] * span) - settings.shift
            )
            images.write(Int(place), shift: shift, into: &out, at: start)
            start += size
          }
        }
        let loss = network.loss(
          network(x, parameters, on: tape), labels: places.map { columns[Int($0)] }, on: tape)
        tape.backward(from: loss)
        mean += tape.scalar(loss) / Float(stepsPerEpoch)
        optimiser.step(
          parameters, on: tape, learningRate: settings.learningRate * schedule.factor(at: step))
      }
    }
    return mean
  }
}

/// How a party trains its model on its own images, before anybody sees it.
public struct LocalTraining: Sendable, Hashable {
  public var epochs = 20
  public var batchSize = 64
  /// Of AdamW, falling along half a cosine.
  public var learningRate: Float = 0.002
  public var weightDecay: Float = 0.01
  /// Images are moved by up to so many pixels, anew in each epoch.
  public var shift = 2

  public init() {}
}
