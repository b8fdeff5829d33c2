/// Lines over a common axis.
public struct LineChart: Drawing {
  /// One line.
  public struct Series: Sendable, Hashable {
    public var name: String
    /// In the order in which they are joined; the line is interrupted where one is not finite.
    public var points: [Point]
    /// How far the values spread about the line: below and above, as many as there are points.
    public var lower: [Double]
    public var upper: [Double]
    /// Whether a value holds until the next one.
    public var isStep: Bool
    /// Whether points are marked.
    public var hasMarkers: Bool
    /// Which colour, dashes and marker it has; `nil` for those of its place among the series.
    public var style: Int?

    public init(
      _ name: String, _ points: [Point], lower: [Double] = [], upper: [Double] = [],
      isStep: Bool = false, hasMarkers: Bool = false
    ) {
      precondition(
        lower.count == upper.count && (lower.isEmpty || lower.count == points.count),
        "a band of \(lower.count) and \(upper.count) values about \(points.count) points")
      self.name = name
      self.points = points
      self.lower = lower
      self.upper = upper
      self.isStep = isStep
      self.hasMarkers = hasMarkers
    }
  }

  public var title: String
  public var subtitle = ""
  public var x: Axis
  public var y: Axis
  public var series: [Series]
  public var size = Size(620, 400)

  public init(title: String, x: Axis, y: Axis, series: [Series]) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
  }

  public func draw(on canvas: borrowing Canvas) {
    let frame = ChartFrame(title: title, subtitle: subtitle, size: size)
    let named = series.enumerated().filter { !$0.element.name.isEmpty }
    let entries = named.map { place, series in
      let number = series.style ?? place
      return ChartFrame.Entry(name: series.name) { canvas, place in
        let half = 13.0
        canvas.line(
          [Point(place.x - half, place.y), Point(place.x + half, place.y)], .series(number))
        if series.hasMarkers { Marker(number).draw(at: place, on: canvas) }
      }
    }
    let top = frame.drawHeading(entries, on: canvas)
    let shown = series.flatMap { $0.points.filter(\.isFinite) }
    let across = x.shown(shown.map(\.x))
    let up = y.shown(shown.map(\.y) + series.flatMap { $0.lower + $0.upper })
    let (level, upright) = (
      Ticks(in: across, about: 8), Ticks(in: up, about: max(2, min(6, Int(size.height / 65))))
    )
    let area = frame.area(
      below: top, x: across, y: up, ticks: upright, foot: x.label.isEmpty ? 36 : 52,
      hasLabel: !y.label.isEmpty, on: canvas)
    frame.drawUpright(area, upright, label: y.label, on: canvas)
    // A little more than the area, so that lines along its rim keep their width.
    let room = Rectangle(
      left: area.place.left - 3, top: area.place.top - 3, right: area.place.right + 3,
      bottom: area.place.bottom + 3)
    canvas.clipped(to: room) { canvas in
      for (place, series) in series.enumerated() {
        drawBand(series.style ?? place, series, area, canvas)
      }
    }
    frame.drawLevel(area, level, label: x.label, on: canvas)
    canvas.clipped(to: room) { canvas in
      for (place, series) in series.enumerated() {
        let number = series.style ?? place
        canvas.line(path(series, series.points.map(\.y), area), .series(number))
        guard series.hasMarkers else { continue }
        for point in series.points {
          Marker(number).draw(at: area.point(point.x, point.y), on: canvas)
        }
      }
    }
  }

  private func drawBand(
    _ number: Int, _ series: Series, _ area: PlotArea, _ canvas: borrowing Canvas
  ) {
    guard !series.lower.isEmpty else { return }
    let outline =
      path(series, series.upper, area) + path(series, series.lower, area).reversed()
    canvas.area(outline.filter(\.isFinite), Stroke.series(number).colour.withOpacity(0.14))
  }

  /// The places of a line of values over the series' points.
  private func path(_ series: Series, _ values: [Double], _ area: PlotArea) -> [Point] {
    var places: [Point] = []
    for (i, value) in values.enumerated() {
      let place = area.point(series.points[i].x, value)
      if series.isStep, let last = places.last { places.append(Point(place.x, last.y)) }
      places.append(place)
    }
    return places
  }
}

/// What marks a point: shapes differ, so that they tell without their colours.
struct Marker {
  private let number: Int

  init(_ number: Int) { self.number = number }

  func draw(at place: Point, on canvas: borrowing Canvas) {
    let colour = Stroke.series(number).colour
    func outline(_ corners: [(Double, Double)]) {
      let points = corners.map { Point(place.x + $0.0, place.y + $0.1) }
      canvas.area(points, colour)
      canvas.line(points + points.prefix(1), Stroke(.white, width: 0.8))
    }
    switch number % 4 {
    case 0: canvas.disc(place, radius: 3.6, colour, rim: Stroke(.white, width: 0.8))
    case 1: outline([(-3.3, -3.3), (3.3, -3.3), (3.3, 3.3), (-3.3, 3.3)])
    case 2: outline([(0, -4.4), (4.1, 3.1), (-4.1, 3.1)])
    default: outline([(0, -4.6), (4.6, 0), (0, 4.6), (-4.6, 0)])
    }
  }
}
