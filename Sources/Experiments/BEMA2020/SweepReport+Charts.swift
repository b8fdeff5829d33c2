import MultipartyLearning

extension SweepReport {
  public var charts: [(name: String, chart: any Drawing)] {
    plan.parameters.flatMap { parameter -> [(name: String, chart: any Drawing)] in
      let values = values(parameter)
      guard values.count > 1 else { return [] }
      return [
        (parameter.rawValue, accuracy(parameter, values)),
        ("\(parameter.rawValue)-messages", messages(parameter, values)),
      ]
    }
  }

  private func subtitle(_ parameter: SweptParameter, _ values: [Double]) -> String {
    let standard = values.first { plan.isDefault(parameter, $0) }
    return "10 parties, \(plan.plan.iterations) iterations of \(plan.plan.messages) messages"
      + (standard.map { "; default: \(Self.label($0))" } ?? "")
  }

  /// Accuracy at the end, its seeds as a band; of values far apart, over their logarithms' places.
  private func accuracy(_ parameter: SweptParameter, _ values: [Double]) -> any Drawing {
    if parameter.isLogarithmic {
      return bars(
        parameter, values, title: "Accuracy and \(parameter.title)",
        axis: Axis("accuracy on held-out images", range: 0...1.04), decimals: 3
      ) { [($0.after, "")] }
    }
    var series = plan.shares.map { share in
      let found = values.map { curves(parameter, $0, share: share).map(\.after) }
      let shown = zip(values, found).filter { !$0.1.isEmpty }
      return LineChart.Series(
        ReportNumber.percent(share) + " bogus", shown.map { Point($0.0, $0.1.mean) },
        lower: shown.map { $0.1.mean - $0.1.deviation },
        upper: shown.map { $0.1.mean + $0.1.deviation }, hasMarkers: true)
    }
    if let standard = values.first(where: { plan.isDefault(parameter, $0) }) {
      let heights = series.flatMap { $0.points.map(\.y) }
      if let least = heights.min(), let greatest = heights.max() {
        series.append(
          LineChart.Series("default", [Point(standard, least), Point(standard, greatest)]))
      }
    }
    var chart = LineChart(
      title: "Accuracy and \(parameter.title)", x: Axis(parameter.title),
      y: Axis("accuracy on held-out images"), series: series)
    chart.subtitle = subtitle(parameter, values)
    return chart
  }

  /// How many messages were applied.
  private func messages(_ parameter: SweptParameter, _ values: [Double]) -> any Drawing {
    bars(
      parameter, values, title: "Messages applied and \(parameter.title)",
      axis: Axis("messages"), decimals: 0
    ) {
      [
        (Double($0.last.messages.validHonest), ", honest"),
        (Double($0.last.messages.validBogus), ", bogus"),
      ]
    }
  }

  private func bars(
    _ parameter: SweptParameter, _ values: [Double], title: String, axis: Axis, decimals: Int,
    _ figures: (CalibrationCurve) -> [(value: Double, name: String)]
  ) -> BarChart {
    var series: [BarChart.Series] = []
    for share in plan.shares {
      let found = values.map { curves(parameter, $0, share: share).map(figures) }
      guard let names = found.compactMap(\.first).first?.map(\.name) else { continue }
      for (place, name) in names.enumerated() {
        let own = found.map { $0.map { $0[place].value } }
        if share == 0 && name == ", bogus" { continue }
        series.append(
          BarChart.Series(
            ReportNumber.percent(share) + " bogus" + (name.isEmpty ? "" : ":" + name.dropFirst()),
            own.map { $0.isEmpty ? nil : $0.mean },
            errors: own.map { $0.isEmpty ? 0 : $0.deviation }))
      }
    }
    var chart = BarChart(
      title: title, y: axis,
      categories: values.map {
        Self.label($0) + (plan.isDefault(parameter, $0) ? " (default)" : "")
      }, series: series)
    chart.subtitle = subtitle(parameter, values)
    chart.decimals = decimals
    chart.size = Size(760, 420)
    return chart
  }
}
