import Simulation

/// A simulation of Sharing Updatable Models over its days.
public enum SharingCurve {
  /// Accuracy on the test reviews, beside the accuracy with all data at once.
  public static func accuracy(_ outcome: SharingOutcome) -> LineChart {
    let days = outcome.curve.map(\.day)
    let ends = [days.first ?? 0, days.last ?? 1]
    return LineChart(
      title: "Accuracy while data are shared", x: Axis("day"), y: Axis("accuracy on test reviews"),
      series: [
        LineChart.Series("shared", outcome.curve.map { Point($0.day, $0.accuracy) }),
        LineChart.Series(
          "all data at once", ends.map { Point($0, outcome.allData.accuracy) }),
        LineChart.Series(
          "shared without the bad agent, at the end",
          ends.map { Point($0, outcome.withoutBad.accuracy) }),
      ])
  }

  /// What the agents have to spend, in percent of what they had at the start.
  public static func balances(_ outcome: SharingOutcome) -> LineChart {
    LineChart(
      title: "Balances while data are shared", x: Axis("day"), y: Axis("percent of the start"),
      series: [
        LineChart.Series("good agent", outcome.curve.map { Point($0.day, $0.good.balance) }),
        LineChart.Series(
          "good agent with locked tokens",
          outcome.curve.map { Point($0.day, $0.good.balance + $0.good.locked) }),
        LineChart.Series("bad agent", outcome.curve.map { Point($0.day, $0.bad.balance) }),
        LineChart.Series(
          "bad agent with locked tokens",
          outcome.curve.map { Point($0.day, $0.bad.balance + $0.bad.locked) }),
      ])
  }
}
