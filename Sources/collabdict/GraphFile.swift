import AnomalyDetection
import CollaborativeLearning
import Experiments
import Foundation
import Storage

/// `collabdict inspect MODEL.h5 --graph FILE`: which variables depend on one another in a pattern, as a
/// drawing or for Graphviz.
struct GraphFile {
  private let output: String
  private let format: Format
  private let pattern: Int
  private let threshold: Double

  private enum Format: String, CaseIterable {
    case svg, png, dot
  }

  init(_ output: String, _ arguments: Arguments) throws {
    let end = URL(fileURLWithPath: output).pathExtension.lowercased()
    guard let format = Format(rawValue: end) else {
      throw UsageError("--graph \(output): name a file that ends in .svg, .png or .dot")
    }
    self.output = output
    self.format = format
    pattern = try arguments.integer("pattern", 1...65536) ?? 1
    threshold = try arguments.number("least", 0...1) ?? 0.1
  }

  /// Draws a pattern of the model at `path`.
  func write(_ run: FinishedRun, at path: String) throws {
    guard case .mixture(let run) = run else {
      throw FileError(
        path: path,
        cause: ConfigurationError("an autoencoder has no graph of dependencies; a mixture has"))
    }
    let model = run.detector
    guard pattern <= model.patterns.count else {
      throw FileError(
        path: path,
        cause: ConfigurationError("it has \(model.patterns.count) patterns, no pattern \(pattern)"))
    }
    let graph = DependencyGraph(
      model.patterns[pattern - 1], names: (0..<model.features).map { model.featureName($0) },
      threshold: threshold)
    let title = "Pattern \(pattern) of \(model.patterns.count)"
    var drawing = GraphDrawing(title: title, graph)
    drawing.subtitle =
      "\(Console.percent(model.share(of: pattern - 1))) of the rows; |partial correlation| ≥ "
      + Console.number(threshold, 2)
    let bytes =
      switch format {
      case .svg: try drawing.svg()
      case .png: try drawing.png()
      case .dot: Array(graph.graphviz(title: title).utf8)
      }
    try AtomicFile.refuseOverwriting(output: output, inputs: [path])
    try AtomicFile.write(bytes, to: output)
    Console.note("\(output): \(graph.edges.count) dependencies of \(title.lowercased())")
  }
}
