import Simulation

/// What one parameter does to a simulation of Sharing Updatable Models, beside what Ding and Hu 2022,
/// Sec. IV, say of it.
public struct SharingReport: ExperimentReport {
  public let parameter: SharingParameter
  let seeds: [UInt64]
  let outcomes: [SharingSweep.Job: SharingOutcome]

  public var name: String { "sharing-\(parameter.rawValue)" }

  /// What the seeds came to.
  public func outcomes(_ value: Double) -> [SharingOutcome] {
    seeds.compactMap {
      outcomes[SharingSweep.Job(parameter: parameter, value: value, seed: $0)]
    }
  }

  /// Values of which something has run.
  var values: [Double] { parameter.values.filter { !outcomes($0).isEmpty } }

  public var table: (header: [String], rows: [[String]]) {
    let rows = values.map { value -> [String] in
      let found = outcomes(value)
      let gone = found.compactMap(\.daysUntilGone)
      return [
        parameter.label(value) + (parameter.isDefault(value) ? " (default)" : ""),
        ReportNumber.text(found.map { 100 * $0.before.accuracy }, decimals: 2),
        ReportNumber.text(found.map { 100 * $0.after.accuracy }, decimals: 2),
        ReportNumber.text(found.map { 100 * $0.allData.accuracy }, decimals: 2),
        ReportNumber.text(found.map(\.gap), decimals: 2),
        ReportNumber.text(found.map(\.gapWithoutBad), decimals: 2),
        gone.count == found.count
          ? ReportNumber.text(gone, decimals: 2) : "gone in \(gone.count) of \(found.count)",
        ReportNumber.text(found.map { Double($0.bad.submitted) }, decimals: 0),
        ReportNumber.text(found.map { $0.bad.left }, decimals: 1),
        ReportNumber.text(found.map { $0.good.left }, decimals: 1),
      ]
    }
    return (
      [
        parameter.title, "before", "after", "all data", "gap", "gap without bad",
        "days until bad gone", "bad samples", "bad left %", "good left %",
      ], rows
    )
  }

  public var remarks: [String] {
    var remarks = [
      "accuracy in percent on the test reviews; gap in points: all data at once less after, and the "
        + "same run without the bad agent less after; tokens that agents have at the end, locked ones "
        + "among them, in percent of the start",
      seeds.count == 1 ? "one seed" : "mean ± standard deviation over \(seeds.count) seeds",
    ]
    for trend in trends {
      remarks.append(
        "\(trend.holds ? "holds" : "does not hold"): \(trend.published); measured: \(trend.measured)"
      )
    }
    let missing =
      parameter.values.count * seeds.count - values.map { outcomes($0).count }.reduce(0, +)
    if missing > 0 { remarks.append("\(missing) runs are missing") }
    return remarks
  }

  public var sheet: ReportSheet {
    var sheet = ReportSheet(
      texts: ["parameter"],
      columns: [
        "value", "is_default", "seed", "before", "after", "all_data", "without_bad", "gap",
        "gap_without_bad", "days_until_bad_spent", "days_until_bad_gone", "days", "bad_left",
        "good_left", "bad_submitted",
        "good_submitted",
      ])
    for value in values {
      for seed in seeds {
        let job = SharingSweep.Job(parameter: parameter, value: value, seed: seed)
        guard let outcome = outcomes[job] else { continue }
        sheet.lines.append(
          ReportSheet.Line(
            [parameter.rawValue],
            [
              value, parameter.isDefault(value) ? 1 : 0, Double(seed), outcome.before.accuracy,
              outcome.after.accuracy, outcome.allData.accuracy, outcome.withoutBad.accuracy,
              outcome.gap, outcome.gapWithoutBad, outcome.bad.spentAfter ?? .nan,
              outcome.daysUntilGone ?? .nan, outcome.days,
              outcome.bad.left, outcome.good.left, Double(outcome.bad.submitted),
              Double(outcome.good.submitted),
            ]))
      }
    }
    return sheet
  }

  public var charts: [(name: String, chart: any Drawing)] {
    guard values.count > 1 else { return [] }
    return [
      (
        "accuracy",
        chart(
          "Accuracy and \(parameter.title)", "accuracy on test reviews, percent",
          [
            ("before", { 100 * $0.before.accuracy }), ("after", { 100 * $0.after.accuracy }),
            ("all data at once", { 100 * $0.allData.accuracy }),
          ])
      ),
      ("gap", chart("Gap and \(parameter.title)", "points of percent", [("gap", \.gap)])),
      (
        "days",
        chart(
          "Days until the bad agent is gone and \(parameter.title)", "days",
          [("days", { $0.daysUntilGone ?? .nan })])
      ),
    ]
  }

  /// Values far apart stand at their places, labelled at the axis.
  private func chart(
    _ title: String, _ label: String,
    _ lines: [(name: String, figure: (SharingOutcome) -> Double)]
  ) -> LineChart {
    let values = values
    let places = parameter.isLogarithmic ? values.indices.map(Double.init) : values
    var chart = LineChart(
      title: title,
      x: Axis(
        parameter.isLogarithmic
          ? "\(parameter.title): " + values.map(parameter.label).joined(separator: ", ")
          : parameter.title), y: Axis(label),
      series: lines.map { line in
        // Means over the seeds that have a figure; a gap in the line where none has.
        let found = values.map { outcomes($0).map(line.figure).filter(\.isFinite) }
        return LineChart.Series(
          line.name, zip(places, found).map { Point($0, $1.mean) },
          lower: found.map { $0.mean - ($0.isEmpty ? 0 : $0.deviation) },
          upper: found.map { $0.mean + ($0.isEmpty ? 0 : $0.deviation) },
          hasMarkers: true)
      })
    chart.subtitle =
      (parameter.figures.map { "Ding and Hu 2022, \($0); " } ?? "")
      + (seeds.count == 1 ? "one seed" : "mean and standard deviation of \(seeds.count) seeds")
    return chart
  }
}

extension SharingOutcome.Agent {
  /// What it has at the end, in percent of the start.
  var left: Double { startBalance > 0 ? 100 * (balance + locked) / startBalance : 0 }
}
