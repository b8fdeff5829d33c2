import Foundation

extension DependencyGraph {
  /// The graph in the language of Graphviz, which `neato -Tsvg` draws. Edges carry their partial
  /// correlations; their colour tells the sign and their width the size.
  ///
  /// - Parameter title: stands above the drawing.
  public func graphviz(title: String = "") -> String {
    var text = "graph dependencies {\n"
    if !title.isEmpty {
      text += "  graph [label=\(Self.quoted(title)), labelloc=t, fontname=\"sans-serif\"];\n"
    }
    text += "  graph [overlap=false, splines=true];\n"
    text += "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n"
    text += "  edge [fontname=\"sans-serif\", fontsize=8];\n"
    // Numbers as identifiers: any text can be a label, and two variables may have one name.
    for (i, name) in names.enumerated() { text += "  v\(i + 1) [label=\(Self.quoted(name))];\n" }
    for edge in edges {
      let value = edge.partialCorrelation
      let colour = value < 0 ? "#D55E00" : "#0072B2"
      let width = String(format: "%.2f", 0.5 + 4.5 * min(value.magnitude, 1))
      text +=
        "  v\(edge.i + 1) -- v\(edge.j + 1) [label=\"\(String(format: "%.2f", value))\", "
        + "color=\"\(colour)\", penwidth=\(width)\(value < 0 ? ", style=dashed" : "")];\n"
    }
    return text + "}\n"
  }

  /// A text as a quoted label: quotation marks and backslashes mean themselves, and lines stay.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where character.isNewline: result += "\\n"
      case "\0": break
      default: result.append(character)
      }
    }
    return result + "\""
  }
}
