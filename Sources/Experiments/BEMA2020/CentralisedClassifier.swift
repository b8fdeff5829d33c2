import Datasets
import MultipartyLearning
import NeuralNetworks

/// A LeNet-5 that learns from all images in one place: the baseline of Wang et al. 2020, Sec. IV-B-1.
public struct CentralisedClassifier: Sendable, Hashable {
  /// Epochs, learning rate and shift were chosen on held-out training images.
  public var training = Self.chosenTraining
  public var seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  public static var chosenTraining: LocalTraining { LocalTraining() }

  /// Everything that the outcome depends on, but the images.
  public var key: String { "centralised lenet-5; \(training.key); seed \(seed)" }

  /// The share of test images that it classifies rightly after training.
  ///
  /// - Returns: `nil` if the bench was stopped.
  func accuracy(on bench: CalibrationBench) -> Double? {
    guard bench.goesOn() else { return nil }
    let classes = (0..<UInt8(bench.train.classes)).map { $0 }
    let panel = ModelPanel(
      [PartyModel(kind: .leNet5, classes: classes, seed: seed, party: 0)],
      classes: classes.count, rule: .softmax, threads: 1)
    guard panel.train([bench.train], training, seed: seed, while: bench.goesOn) else {
      return nil
    }
    return Predictor.maxModel.accuracy(panel.scores(bench.test), bench.test.labels, share: 1)
  }
}

extension CalibrationBench {
  /// Trains the classifiers that are not in the record, as many at the same time as there are threads.
  ///
  /// - Parameter progress: told each classifier's accuracy, from any thread.
  /// - Returns: whether all have run.
  /// - Throws: `StorageError` if the record cannot be written.
  public func run(
    _ classifiers: [CentralisedClassifier], record: inout CalibrationRecord,
    progress: @Sendable (CentralisedClassifier, Double) -> Void = { _, _ in }
  ) throws -> Bool {
    var missing: [CentralisedClassifier] = []
    for classifier in classifiers
    where record[classifier.key] == nil && !missing.contains(classifier) {
      missing.append(classifier)
    }
    while !missing.isEmpty {
      let lot = Array(missing.prefix(threads))
      missing.removeFirst(lot.count)
      let accuracies = inParallel(lot) { $0.accuracy(on: self) }
      for (classifier, accuracy) in zip(lot, accuracies) {
        guard let accuracy else { return false }
        progress(classifier, accuracy)
        try record.enter(
          CalibrationCurve([
            .init(iteration: classifier.training.epochs, accuracy: accuracy)
          ]), for: classifier.key)
      }
    }
    return true
  }
}
