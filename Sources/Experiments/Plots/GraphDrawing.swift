import Foundation

/// A drawing of a sparse dependency structure: an edge is as wide as its partial correlation is
/// large, blue and solid where it is positive, orange and dashed where it is negative.
public struct GraphDrawing: Drawing {
  public var title: String
  public var subtitle = ""
  public var graph: DependencyGraph
  public var layout: GraphLayout
  public var size = Size(560, 600)

  public init(title: String, _ graph: DependencyGraph, layout: GraphLayout = .circle) {
    self.title = title
    self.graph = graph
    self.layout = layout
  }

  public func draw(on canvas: borrowing Canvas) {
    let frame = ChartFrame(title: title, subtitle: subtitle, size: size)
    let top = frame.drawHeading(
      [entry("positive", 0.4), entry("negative", -0.4), entry("0.1", 0.1), entry("0.9", 0.9)],
      on: canvas)
    let names = TextStyle(min(10.5, max(6, 330 / Double(max(1, graph.names.count)))))
    var longest = 0.0
    for name in graph.names { longest = max(longest, canvas.width(of: name, names)) }
    switch layout {
    case .circle: drawCircle(below: top, names, longest, canvas)
    case .force: drawForce(below: top, names, longest, canvas)
    }
  }

  private func entry(_ name: String, _ value: Double) -> ChartFrame.Entry {
    ChartFrame.Entry(name: name) { canvas, place in
      let half = 13.0
      var stroke = Self.stroke(value)
      if name.first?.isNumber == true { stroke.colour = .faint }
      canvas.line([Point(place.x - half, place.y), Point(place.x + half, place.y)], stroke)
    }
  }

  static func stroke(_ value: Double) -> Stroke {
    let size = min(value.magnitude, 1)
    return Stroke(
      (value < 0 ? Colour.palette[1] : Colour.palette[0]).withOpacity(0.45 + 0.5 * size),
      width: 0.6 + 5.4 * size, dashes: value < 0 ? [5, 2.5] : [])
  }

  /// Weak edges first, so that strong ones lie above.
  private var ordered: [DependencyGraph.Edge] {
    graph.edges.sorted {
      ($0.partialCorrelation.magnitude, $0.i, $0.j)
        < ($1.partialCorrelation.magnitude, $1.i, $1.j)
    }
  }

  private func drawCircle(
    below top: Double, _ names: TextStyle, _ longest: Double, _ canvas: borrowing Canvas
  ) {
    let room = longest + 16
    let centre = Point(size.width / 2, (top + size.height - 8) / 2)
    let radius = max(
      20, min(size.width / 2 - ChartFrame.margin, (size.height - 8 - top) / 2) - room)
    let unit = layout.places(of: graph)
    let places = unit.map { Point(centre.x + radius * $0.x, centre.y + radius * $0.y) }
    for edge in ordered {
      let (a, b) = (places[edge.i], places[edge.j])
      // Bent inwards, the more the longer: edges of one node part soon.
      let (dx, dy) = (unit[edge.i].x - unit[edge.j].x, unit[edge.i].y - unit[edge.j].y)
      let inwards = 0.12 + 0.2 * (dx * dx + dy * dy).squareRoot()
      let half = (1 - inwards) / 2
      let bend = Point(
        inwards * centre.x + half * (a.x + b.x), inwards * centre.y + half * (a.y + b.y))
      canvas.curve(from: a, towards: bend, to: b, Self.stroke(edge.partialCorrelation))
    }
    for (i, name) in graph.names.enumerated() {
      canvas.disc(places[i], radius: 4, .ink, rim: Stroke(.white, width: 1.2))
      let angle = atan2(unit[i].y, unit[i].x)
      let place = Point(
        centre.x + (radius + 9) * unit[i].x, centre.y + (radius + 9) * unit[i].y)
      // Names read outwards, and none stands on its head.
      if unit[i].x < -1e-9 {
        canvas.text(name, at: place, names, .end, angle: angle + Double.pi)
      } else {
        canvas.text(name, at: place, names, .start, angle: angle)
      }
    }
  }

  private func drawForce(
    below top: Double, _ names: TextStyle, _ longest: Double, _ canvas: borrowing Canvas
  ) {
    let side = ChartFrame.margin + longest / 2 + 8
    let place = Rectangle(
      left: side, top: top + 16, right: size.width - side, bottom: size.height - 24)
    let places = layout.places(of: graph).map { unit in
      Point(
        place.left + (unit.x + 1) / 2 * place.width, place.top + (unit.y + 1) / 2 * place.height)
    }
    for edge in ordered {
      canvas.line([places[edge.i], places[edge.j]], Self.stroke(edge.partialCorrelation))
    }
    let height = names.size + 7
    for (i, name) in graph.names.enumerated() {
      let half = canvas.width(of: name, names) / 2 + 5
      let box = Rectangle(
        left: places[i].x - half, top: places[i].y - height / 2, right: places[i].x + half,
        bottom: places[i].y + height / 2)
      canvas.rectangle(box, .white)
      canvas.line(box.corners + box.corners.prefix(2), Stroke(.faint, width: 0.8))
      canvas.text(name, at: places[i], names, .middle)
    }
  }
}
