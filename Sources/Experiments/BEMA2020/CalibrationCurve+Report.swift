extension ReportSheet {
  /// Columns of every run of parties, behind those of its own.
  static let runColumns = [
    "before", "after", "honest", "valid_honest", "bogus", "valid_bogus", "seconds",
  ]

  /// What stands in those columns.
  static func runNumbers(_ curve: CalibrationCurve) -> [Double] {
    let messages = curve.last.messages
    return [
      curve.before, curve.after, Double(messages.honest), Double(messages.validHonest),
      Double(messages.bogus), Double(messages.validBogus), curve.last.seconds,
    ]
  }
}

extension LineChart.Series {
  /// Accuracy over the iterations: the mean of several seeds, with a band of their standard
  /// deviation; of the iterations at which all were measured.
  static func accuracy(_ name: String, _ curves: [CalibrationCurve]) -> LineChart.Series? {
    guard let first = curves.first else { return nil }
    let places = first.measurements.map(\.iteration).compactMap {
      iteration -> (Int, [Double])? in
      let values = curves.compactMap { $0.accuracy(after: iteration) }
      return values.count == curves.count ? (iteration, values) : nil
    }
    return LineChart.Series(
      name, places.map { Point(Double($0.0), $0.1.mean) },
      lower: curves.count < 2 ? [] : places.map { $0.1.mean - $0.1.deviation },
      upper: curves.count < 2 ? [] : places.map { $0.1.mean + $0.1.deviation }, hasMarkers: true)
  }
}
