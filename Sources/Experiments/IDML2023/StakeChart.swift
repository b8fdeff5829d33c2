import Simulation

/// Stakes over the rounds, attackers beside honest participants: Yu et al. 2023, Fig. 9.
public enum StakeChart {
  /// Mean and extremes of both groups, and the threshold.
  public static func chart(
    _ outcome: EncounterSimulation.Outcome, threshold: Double
  ) -> LineChart {
    let attackers = Set(outcome.attackers)
    func series(
      _ name: String, _ isMeant: @escaping (Int) -> Bool, _ reduce: ([Double]) -> Double?
    ) -> LineChart.Series? {
      let points = outcome.curve.compactMap { point -> Point? in
        let stakes = point.stakes.enumerated().filter { isMeant($0.offset) }
          .map { Double($0.element) }
        return reduce(stakes).map { Point(Double(point.height), $0) }
      }
      return points.isEmpty ? nil : LineChart.Series(name, points)
    }
    func mean(_ values: [Double]) -> Double? {
      values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    let ends = outcome.curve.map { Double($0.height) }
    let all = [
      series("honest, mean", { !attackers.contains($0) }, mean),
      series("honest, least", { !attackers.contains($0) }, { $0.min() }),
      series("attackers, mean", { attackers.contains($0) }, mean),
      series("attackers, most", { attackers.contains($0) }, { $0.max() }),
      LineChart.Series(
        "threshold", [Point(ends.first ?? 0, threshold), Point(ends.last ?? 1, threshold)]),
    ]
    var chart = LineChart(
      title: "Stakes", x: Axis("block"), y: Axis("tokens staked"), series: all.compactMap { $0 })
    chart.subtitle = "\(attackers.count) attackers"
    return chart
  }
}
