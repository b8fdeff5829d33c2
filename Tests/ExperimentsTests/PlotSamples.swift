import Foundation
import GraphicalModels
import LinearAlgebra
import Testing

@testable import Experiments

/// Drawings of all kinds, with what makes them awkward.
enum PlotSamples {
  static var lines: LineChart {
    let grid = (0...40).map { Double($0) / 40 }
    var chart = LineChart(
      title: "Accuracy over coverage", x: Axis("coverage", range: 0...1),
      y: Axis("accuracy", range: 0...1),
      series: ["CollabDict", "group lasso", "fused lasso"].enumerated().map { k, name in
        let points = grid.map { Point($0, 1 - (-(6 - 1.5 * Double(k)) * $0).exponential) }
        return LineChart.Series(
          name, points, lower: k == 0 ? points.map { $0.y - 0.04 } : [],
          upper: k == 0 ? points.map { $0.y + 0.04 } : [], isStep: k == 1, hasMarkers: k == 2)
      })
    chart.subtitle = "ten participants, mean over five seeds"
    return chart
  }

  static var bars: BarChart {
    BarChart(
      title: "Area under the curve", y: Axis("area"),
      categories: ["tep", "skab & <valve1>", "asd"],
      series: [
        BarChart.Series("CollabDict", [0.93, 0.88, nil], errors: [0.02, 0.01, 0]),
        BarChart.Series("group", [0.86, 0.8, 0.71], errors: [0.03, 0.02, 0.05]),
        BarChart.Series("fused", [0.85, 0.81, -0.12], errors: [0.03, 0.02, 0.01]),
      ])
  }

  static func graph(_ count: Int, names: [String]? = nil) -> DependencyGraph {
    var precision = SymmetricMatrix(identityOfOrder: count)
    for i in 1..<count {
      let value = i % 3 == 0 ? 0.35 : -0.1 - 0.035 * Double(i % 9)
      precision[i, i - 1] = value
      precision[i - 1, i] = value
      if i > 4 && i % 2 == 0 {
        precision[i, i - 5] = -0.15
        precision[i - 5, i] = -0.15
      }
    }
    let pattern = GaussianPattern(
      mean: [Double](repeating: 0, count: count), precision: precision)
    return DependencyGraph(pattern, names: names ?? (1...count).map { "XMEAS(\($0))" })
  }

  static var all: [any Drawing] {
    var force = GraphDrawing(title: "A pattern", graph(14), layout: .force)
    force.subtitle = "edges of the first pattern"
    var stack = StackedCharts(title: "Three curves", charts: [lines, lines, lines])
    stack.subtitle = "one above the other"
    return [
      stack, lines, bars, GraphDrawing(title: "Pattern 1", graph(22)), force,
      LineChart(title: "", x: Axis(""), y: Axis(""), series: []),
      LineChart(
        title: "One value \u{0}\n<&>\"", x: Axis("x"), y: Axis("y"),
        series: [LineChart.Series("", [Point(1, 5), Point(.nan, 2), Point(2, .infinity)])]),
      BarChart(title: "Nothing", y: Axis(""), categories: [], series: []),
      GraphDrawing(title: "Nobody", DependencyGraph(names: [], edges: [])),
      GraphDrawing(title: "One", DependencyGraph(names: ["a"], edges: []), layout: .force),
    ]
  }
}
