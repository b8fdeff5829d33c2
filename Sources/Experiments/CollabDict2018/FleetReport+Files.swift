import Foundation
import Storage

extension FleetReport {
  /// Writes tables, curves and drawings into a folder: CSV, JSON, SVG, PNG and Graphviz text.
  ///
  /// - Returns: the paths of the files.
  /// - Throws: `StorageError` or ``PlotError``.
  public func write(into folder: String) throws -> [String] {
    let base = "\(folder)/\(name)"
    try writeCSV(to: base + ".csv")
    try AtomicFile.write(try json(), to: base + ".json")
    var paths = [base + ".csv", base + ".json"]
    paths += try areas.write(to: base)
    for fleet in fleets {
      let stem = base + "-" + Self.fileName(fleet)
      paths += try curves(of: fleet).write(to: stem + "-curves")
      guard let first = outcomes.first(where: { $0.fleet == fleet }) else { continue }
      if let chart = signals(of: first) { paths += try chart.write(to: stem + "-signals") }
      for (number, pattern) in first.graphs.enumerated() {
        let path = "\(stem)-pattern-\(number + 1)"
        let drawing = self.drawing(pattern, number: number + 1, of: fleet)
        paths += try drawing.write(to: path)
        try AtomicFile.write(
          Array(pattern.graph.graphviz(title: drawing.title).utf8), to: path + ".dot")
        paths.append(path + ".dot")
      }
    }
    return paths
  }

  /// A name without what a file's name should not have.
  static func fileName(_ text: String) -> String {
    let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.joined(separator: "-")
  }

  // MARK: Drawings

  private var seedsInWords: String {
    let count = Set(outcomes.map(\.seed)).count
    return count == 1 ? "one seed" : "\(count) seeds: mean and standard deviation"
  }

  /// The areas of all fleets, and the published ones.
  var areas: BarChart {
    let rows = rows
    guard let measure = measures.first else {
      return BarChart(title: title, y: Axis(""), categories: [], series: [])
    }
    var chart = BarChart(
      title: title, y: Axis(measure.title, range: 0...1.02), categories: fleets + [Self.source],
      series: ComparedMethod.allCases.map { method in
        let own = rows.filter { $0.method == method }.map { $0.values[measure.key] ?? [] }
        return BarChart.Series(
          method.rawValue, own.map { $0.isEmpty ? nil : $0.mean } + [published[method]],
          errors: own.map(\.deviation) + [0])
      })
    chart.subtitle = seedsInWords
    chart.decimals = 2
    chart.size = Size(760, 420)
    return chart
  }

  func curves(of fleet: String) -> LineChart {
    var chart = LineChart(
      title: "\(title): \(fleet)", x: Axis(axes.x, range: 0...1), y: Axis(axes.y, range: 0...1),
      series: rows.filter { $0.fleet == fleet }.map { row in
        LineChart.Series(
          row.method.rawValue,
          zip(CleansingExperiment.grid, row.curve).map { Point($0, $1.mean) },
          lower: row.curve.map { max(0, $0.mean - $0.deviation) },
          upper: row.curve.map { min(1, $0.mean + $0.deviation) })
      })
    chart.subtitle = seedsInWords
    chart.size = Size(660, 440)
    return chart
  }

  /// The scores of each method along the rows, to the same scale.
  func signals(of outcome: FleetOutcome) -> StackedCharts? {
    let all = outcome.signals.flatMap(\.scores).filter(\.isFinite)
    guard let least = all.min(), let greatest = all.max(), least < greatest else { return nil }
    let room = 0.05 * (greatest - least)
    var stack = StackedCharts(
      title: "Scores of \(outcome.signalName)",
      charts: outcome.signals.enumerated().map { place, signal in
        var series = LineChart.Series(
          "", signal.scores.enumerated().map { Point(Double($0), $1) })
        series.style = 0
        return LineChart(
          title: "", x: Axis(place == outcome.signals.count - 1 ? "row" : ""),
          y: Axis("\(signal.method.rawValue), nats", range: least - room...greatest + room),
          series: [series])
      })
    stack.subtitle = "\(outcome.fleet), training rows, conditional on the other variables"
    return stack
  }

  func drawing(_ pattern: FleetOutcome.Pattern, number: Int, of fleet: String) -> GraphDrawing {
    var drawing = GraphDrawing(title: "Pattern \(number) of \(fleet)", pattern.graph)
    drawing.subtitle = String(
      format: "%.0f %% of the rows; |partial correlation| ≥ %.2f", 100 * pattern.share,
      FleetOutcome.Pattern.threshold)
    return drawing
  }
}
