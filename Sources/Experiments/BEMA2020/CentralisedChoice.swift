import MultipartyLearning

/// Ways to train the centralised classifier, compared on held-out training images: how
/// ``CentralisedClassifier/chosenTraining`` was chosen.
public struct CentralisedChoice: Sendable {
  public var seeds: [UInt64] = [1]
  public var candidates: [LocalTraining]

  public init() {
    candidates = [
      (10, 0.002, 0), (10, 0.002, 1), (10, 0.002, 2), (10, 0.004, 1), (10, 0.004, 2),
      (20, 0.002, 1), (20, 0.002, 2), (20, 0.004, 2),
    ]
    .map { epochs, rate, shift in
      var training = LocalTraining()
      training.epochs = epochs
      training.learningRate = Float(rate)
      training.shift = shift
      return training
    }
  }

  public var classifiers: [CentralisedClassifier] {
    candidates.flatMap { training in
      seeds.map { seed in
        var classifier = CentralisedClassifier(seed: seed)
        classifier.training = training
        return classifier
      }
    }
  }

  public func report(of record: CalibrationRecord) -> CentralisedReport {
    CentralisedReport(plan: self, record: record)
  }
}

/// Accuracy of each way on held-out images.
public struct CentralisedReport: ExperimentReport {
  let plan: CentralisedChoice
  let record: CalibrationRecord

  public let name = "bema-centralised"

  private func accuracies(_ training: LocalTraining) -> [Double] {
    plan.classifiers.filter { $0.training == training }.compactMap { record[$0.key]?.after }
  }

  public var table: (header: [String], rows: [[String]]) {
    let rows = plan.candidates.map { training in
      [
        training.key + (training == CentralisedClassifier.chosenTraining ? " (default)" : ""),
        ReportNumber.text(accuracies(training)),
      ]
    }
    return (["training", "accuracy"], rows)
  }

  public var remarks: [String] {
    [
      "accuracy of a LeNet-5 on \(ParameterSweep.heldOut) held-out training images; "
        + (plan.seeds.count == 1
          ? "one seed" : "mean ± standard deviation over \(plan.seeds.count) seeds")
    ]
  }

  public var sheet: ReportSheet {
    var sheet = ReportSheet(
      texts: ["training"], columns: ["epochs", "learning_rate", "shift", "seed", "accuracy"])
    for classifier in plan.classifiers {
      guard let accuracy = record[classifier.key]?.after else { continue }
      let training = classifier.training
      sheet.lines.append(
        .init(
          [training.key],
          [
            Double(training.epochs), Double("\(training.learningRate)") ?? .nan,
            Double(training.shift), Double(classifier.seed), accuracy,
          ]))
    }
    return sheet
  }

  public var charts: [(name: String, chart: any Drawing)] { [] }
}
