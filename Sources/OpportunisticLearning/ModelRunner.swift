import AutomaticDifferentiation
import Datasets
import LinearAlgebra
import NeuralNetworks
import Randomness
import Tensors

/// Trains models and looks at images through them, one model at a time.
///
/// Holds memory and no state: each result follows from what is handed in. Used by one thread at a
/// time; a warm step takes no memory but for the labels of its minibatch.
public final class ModelRunner {
  private struct Bench {
    let network: ConvolutionalNetwork
    let tape: GradientTape
    let parameters: ParameterGroup
  }
  private var benches: [ConvolutionalArchitecture: Bench] = [:]

  /// Images that are looked at at once.
  static let chunk = 128

  public init() {}

  private func bench(_ model: ModelSnapshot) -> Bench {
    if let bench = benches[model.architecture] {
      bench.tape.setValues(model.parameters, of: bench.parameters)
      return bench
    }
    var builder = ParameterBuilder(seed: 0)
    let network = ConvolutionalNetwork(model.architecture, in: &builder)
    let tape = GradientTape()
    let parameters = tape.addParameters(builder.layout, values: model.parameters)
    let bench = Bench(network: network, tape: tape, parameters: parameters)
    benches[model.architecture] = bench
    return bench
  }

  private func record(
    _ images: LabelledImages, _ places: ArraySlice<Int32>, _ bench: Bench
  ) -> Variable {
    let architecture = bench.network.architecture
    return bench.tape.constant(
      Shape(places.count, architecture.channels, architecture.height, architecture.width)
    ) { out in
      var start = 0
      for place in places {
        images.write(Int(place), into: &out, at: start)
        start += architecture.imageSize
      }
      // From 0...1 to about the range of the weights' start.
      for i in 0..<out.count { out[i] = 2 * out[i] - 1 }
    }
  }

  private func check(_ model: ModelSnapshot, _ images: LabelledImages) {
    let wanted = model.architecture
    precondition(
      images.channels == wanted.channels && images.height == wanted.height
        && images.width == wanted.width && images.classes <= wanted.classes,
      "images of [\(images.channels), \(images.height), \(images.width)] and \(images.classes) "
        + "classes for a network of [\(wanted.channels), \(wanted.height), \(wanted.width)] and "
        + "\(wanted.classes)")
  }

  // MARK: Training

  /// A round of training: the model after some steps on minibatches of the images.
  ///
  /// Each pass goes over all images but those that fill no minibatch, in an order of its own.
  /// Without images the model stays as it is.
  ///
  /// - Parameter labels: what the images are taken for; their own labels by default.
  public func train(
    _ model: ModelSnapshot, on images: LabelledImages, labels: [UInt8]? = nil,
    _ settings: OpportunisticTraining, _ session: TrainingSession
  ) -> ModelSnapshot {
    check(model, images)
    let labels = labels ?? images.labels
    precondition(labels.count == images.count, "\(labels.count) labels for \(images.count) images")
    let steps = settings.stepCount(images: images.count)
    guard steps > 0 else { return model }
    let batch = min(settings.batchSize, images.count)
    let stepsPerEpoch = images.count / batch
    let bench = bench(model)
    let tape = bench.tape
    var optimiser = Optimiser(settings.rule, count: model.parameters.count)
    let seed = session.subseed
    let participant = UInt32(session.participant)
    var order: [Int32] = []
    for step in 0..<steps {
      let within = step % stepsPerEpoch
      if within == 0 {
        order = RandomStream(
          seed: seed, participant: participant, round: UInt32(step / stepsPerEpoch),
          purpose: .minibatch
        ).permutation(images.count)
      }
      let places = order[within * batch..<(within + 1) * batch]
      tape.reset()
      let logits = bench.network(
        record(images, places, bench), bench.parameters,
        dropout: ConvolutionalNetwork.DropoutStreams(
          seed: seed, participant: participant, step: step), on: tape)
      tape.backward(
        from: tape.softmaxCrossEntropy(logits, labels: places.map { Int32(labels[Int($0)]) }))
      tape.withGradient(of: bench.parameters) {
        _ = GradientClipping.clip(&$0, toNorm: settings.gradientCap)
      }
      optimiser.step(bench.parameters, on: tape, learningRate: settings.learningRate)
    }
    var result = model
    result.parameters = tape.values(of: bench.parameters)
    result.age += steps
    return result
  }

  // MARK: Looking

  /// How well a model does on images: 1 for the best accuracy or F1, 0 nats for the best loss.
  ///
  /// - Precondition: there are images.
  public func quality(
    _ metric: ModelQuality, of model: ModelSnapshot, on images: LabelledImages
  ) -> Double { count(metric, model, images).value }

  /// Of each class, the share of its images that a model gets right; `nil` of a class of which there are
  /// none.
  public func recalls(of model: ModelSnapshot, on images: LabelledImages) -> [Double?] {
    count(.accuracy, model, images).recalls
  }

  private func count(
    _ metric: ModelQuality, _ model: ModelSnapshot, _ images: LabelledImages
  ) -> QualityCount {
    precondition(images.count > 0, "no images to measure a model on")
    check(model, images)
    let bench = bench(model)
    bench.tape.setRequiresGradient(bench.parameters, false)
    defer { bench.tape.setRequiresGradient(bench.parameters, true) }
    var score = QualityCount(metric, classes: model.architecture.classes)
    let places = (0..<Int32(images.count)).map { $0 }
    var first = 0
    while first < places.count {
      let part = places[first..<min(first + Self.chunk, places.count)]
      bench.tape.reset()
      let logits = bench.network(record(images, part, bench), bench.parameters, on: bench.tape)
      bench.tape.withValue(of: logits) {
        score.count($0, labels: images.labels[part.startIndex..<part.endIndex])
      }
      first = part.endIndex
    }
    return score
  }
}

extension TrainingSession {
  /// A seed of the session's own, so that each step has all rounds of a stream to itself.
  var subseed: UInt64 {
    var words: [UInt32] = [0, 0]
    var span = words.mutableSpan
    RandomStream(
      seed: seed, participant: UInt32(participant), round: UInt32(truncatingIfNeeded: counter),
      purpose: .localTraining
    ).fillBits(&span)
    return UInt64(words[0]) << 32 | UInt64(words[1])
  }
}
