import Datasets
import Incentives
import Metrics
import NeuralNetworks

/// What ties a contract to a model of reviews: samples are numbers of training reviews, labels whether
/// a review is positive.
protocol ReviewModel: UpdatableModel where Sample == Int32, Label == Bool {
  /// How its predictions for other reviews agree with their labels.
  func counts(on reviews: LabelledFeatures) -> ConfusionCounts
}

/// Reviews as a model sees them.
struct LabelledFeatures: Sendable {
  let features: BinaryFeatures
  /// Whether each is positive.
  let labels: [Bool]

  init(_ reviews: ReviewSet, words: Int) {
    features = reviews.features(words: words)
    labels = reviews.labels.map { $0 == 1 }
  }

  /// Compares predictions with the labels.
  func counts(_ predict: (Span<UInt16>) -> Bool) -> ConfusionCounts {
    var (hits, alarms, positives) = (0, 0, 0)
    let columns = features.columns.span
    for (row, label) in labels.enumerated() {
      let alarm = predict(columns.extracting(features.range(row)))
      hits += alarm && label ? 1 : 0
      alarms += alarm ? 1 : 0
      positives += label ? 1 : 0
    }
    return ConfusionCounts(
      truePositives: hits, falsePositives: alarms - hits,
      trueNegatives: labels.count - positives - (alarms - hits), falseNegatives: positives - hits)
  }
}

/// Any linear classifier, asked anew each time.
struct PlainReviewModel<Classifier: LinearClassifier>: ReviewModel {
  private(set) var classifier: Classifier
  private let features: BinaryFeatures

  init(_ classifier: Classifier, features: BinaryFeatures) {
    self.classifier = classifier
    self.features = features
  }

  mutating func predict(_ sample: Int32) -> Bool {
    classifier.isPositive(features.columns.span.extracting(features.range(Int(sample))))
  }

  mutating func update(_ sample: Int32, label: Bool) {
    let features = features
    classifier.learn(
      features.columns.span.extracting(features.range(Int(sample))), isPositive: label)
  }

  /// Two bytes a feature, and the label.
  func byteCount(of sample: Int32) -> UInt64 { 2 * UInt64(features.range(Int(sample)).count) + 1 }

  func counts(on reviews: LabelledFeatures) -> ConfusionCounts {
    reviews.counts { classifier.isPositive($0) }
  }
}
