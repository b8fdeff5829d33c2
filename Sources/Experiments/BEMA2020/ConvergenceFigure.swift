import MultipartyLearning

/// Fig. 6 of Wang et al. 2020: accuracy over the iterations in the four cases of Fig. 5, beside a
/// LeNet-5 that has all images.
public struct ConvergenceFigure: Sendable {
  public var cases = PartySplit.Case.allCases
  public var seeds: [UInt64] = [1]
  /// Nobody attacks.
  public var plan = CalibrationPlan()
  public var training = LocalTraining()
  public var publicImages = PartySplit.publicImages
  /// How the centralised classifier trains.
  public var centralisedTraining = CentralisedClassifier.chosenTraining

  public init() {}

  public var cells: [CalibrationCell] {
    cases.flatMap { division in
      seeds.flatMap { seed in
        MultipartySystem.allCases.map { cell($0, division, seed: seed) }
      }
    }
  }

  public func cell(
    _ system: MultipartySystem, _ division: PartySplit.Case, seed: UInt64
  ) -> CalibrationCell {
    var parties = PartyDivision(
      "case \(division.rawValue.uppercased())",
      PartySplit(division, publicImages: publicImages), seed: seed)
    parties.training = training
    var plan = plan
    plan.bogusShare = 0
    return CalibrationCell(system, parties, plan)
  }

  /// With the first seed.
  public var centralised: CentralisedClassifier {
    var classifier = CentralisedClassifier(seed: seeds.first ?? 1)
    classifier.training = centralisedTraining
    return classifier
  }

  public func report(of record: CalibrationRecord) -> ConvergenceReport {
    ConvergenceReport(plan: self, record: record)
  }
}

/// Fig. 6 as measured.
public struct ConvergenceReport: ExperimentReport {
  let plan: ConvergenceFigure
  let record: CalibrationRecord

  public let name = "bema-figure-6"

  public func curves(
    _ system: MultipartySystem, _ division: PartySplit.Case
  ) -> [CalibrationCurve] {
    plan.seeds.compactMap { record[plan.cell(system, division, seed: $0)] }
  }

  /// Accuracy of the centralised classifier; `nil` if it has not run.
  public var centralised: Double? { record[plan.centralised.key]?.after }

  private static func title(_ system: MultipartySystem) -> String { system.rawValue.uppercased() }

  public var table: (header: [String], rows: [[String]]) {
    var rows = plan.cases.flatMap { division in
      MultipartySystem.allCases.compactMap { system -> [String]? in
        let curves = curves(system, division)
        guard !curves.isEmpty else { return nil }
        return [
          "case \(division.rawValue.uppercased()): \(Self.title(system))",
          ReportNumber.text(curves.map(\.before)), ReportNumber.text(curves.map(\.after)),
          ReportNumber.text(curves.map { Double($0.last.messages.validHonest) }, decimals: 0),
        ]
      }
    }
    if let centralised {
      rows.append(["centralised LeNet-5", "-", ReportNumber.text([centralised]), "-"])
    }
    return (["case: system", "before", "after", "messages applied"], rows)
  }

  public var remarks: [String] {
    var remarks = [
      "accuracy on the test images before and after \(plan.plan.iterations) iterations of at most "
        + "\(plan.plan.messages) messages, none of them bogus; "
        + (plan.seeds.count == 1
          ? "one seed" : "mean ± standard deviation over \(plan.seeds.count) seeds"),
      "cases: A, two parties with halves of all classes; B, three with the classes 0-4, 2-6 and 5-9; "
        + "C, five with two classes each; D, ten with three consecutive classes each and "
        + "\(plan.publicImages) public images",
      "the paper shows curves only: BEMA comes as far as HMR, more slowly with five and ten "
        + "parties; the centralised model stays above both",
    ]
    let missing = Set(plan.cells.filter { record[$0] == nil }).count
    if missing > 0 { remarks.append("\(missing) runs are missing") }
    return remarks
  }

  public var sheet: ReportSheet {
    var sheet = ReportSheet(
      texts: ["case", "system"], columns: ["seed"] + ReportSheet.runColumns)
    for division in plan.cases {
      for system in MultipartySystem.allCases {
        for seed in plan.seeds {
          guard let curve = record[plan.cell(system, division, seed: seed)] else { continue }
          sheet.lines.append(
            .init(
              [division.rawValue.uppercased(), system.rawValue],
              [Double(seed)] + ReportSheet.runNumbers(curve), curve))
        }
      }
    }
    if let centralised {
      var numbers = ReportSheet.runColumns.map { _ in Double.nan }
      numbers[1] = centralised
      sheet.lines.append(
        .init(["all", "centralised-lenet-5"], [Double(plan.centralised.seed)] + numbers))
    }
    return sheet
  }

  public var charts: [(name: String, chart: any Drawing)] {
    plan.cases.compactMap { division in
      var series = MultipartySystem.allCases.compactMap {
        LineChart.Series.accuracy(Self.title($0), curves($0, division))
      }
      guard !series.isEmpty else { return nil }
      if let centralised {
        series.append(
          LineChart.Series(
            "centralised LeNet-5",
            [Point(0, centralised), Point(Double(plan.plan.iterations), centralised)]))
      }
      let letter = division.rawValue.uppercased()
      var chart = LineChart(
        title: "Case \(letter): \(PartySplit(division).parties.count) parties",
        x: Axis("iteration"), y: Axis("accuracy on test images"), series: series)
      chart.subtitle =
        "at most \(plan.plan.messages) messages an iteration, none bogus; \(plan.seeds.count) seed"
        + (plan.seeds.count == 1 ? "" : "s: mean and standard deviation")
      return ("case-\(division.rawValue)", chart as any Drawing)
    }
  }
}
