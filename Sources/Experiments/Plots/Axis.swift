/// What an axis shows.
public struct Axis: Sendable, Hashable {
  public var label: String
  /// From where to where; `nil` for as far as the data go.
  public var range: ClosedRange<Double>?

  public init(_ label: String, range: ClosedRange<Double>? = nil) {
    self.label = label
    self.range = range
  }

  /// The range shown: the given one, or that of the values with a twentieth of room.
  func shown(_ values: [Double], from start: Double? = nil) -> ClosedRange<Double> {
    if let range, range.lowerBound.isFinite, range.upperBound.isFinite {
      return range.lowerBound < range.upperBound
        ? range : range.lowerBound - 0.5...range.lowerBound + 0.5
    }
    let finite = values.filter(\.isFinite)
    guard let smallest = finite.min(), let largest = finite.max() else { return 0...1 }
    var (low, high) = (min(smallest, start ?? smallest), max(largest, start ?? largest))
    if low == high { (low, high) = (low - 0.5, high + 0.5) }
    let room = 0.05 * (high - low)
    return (low == start ? low : low - room)...(high == start ? high : high + room)
  }
}

/// A rectangle of a drawing and the numbers along its sides.
struct PlotArea {
  let place: Rectangle
  let x: ClosedRange<Double>
  let y: ClosedRange<Double>

  func across(_ value: Double) -> Double {
    place.left + (value - x.lowerBound) / (x.upperBound - x.lowerBound) * place.width
  }

  func up(_ value: Double) -> Double {
    place.bottom - (value - y.lowerBound) / (y.upperBound - y.lowerBound) * place.height
  }

  func point(_ x: Double, _ y: Double) -> Point { Point(across(x), up(y)) }
}

/// What charts have in common: the heading, the legend, and axes.
struct ChartFrame {
  /// One entry of a legend: its name, and what draws its sample about a place.
  struct Entry {
    let name: String
    /// The width of the sample.
    var width = 26.0
    let sample: (borrowing Canvas, Point) -> Void
  }

  static let margin = 16.0

  let title: String
  let subtitle: String
  let size: Size

  /// Writes title, subtitle and legend.
  ///
  /// - Returns: where they end.
  func drawHeading(_ entries: [Entry], on canvas: borrowing Canvas) -> Double {
    var y = Self.margin + 6
    if !title.isEmpty {
      canvas.text(title, at: Point(Self.margin, y), .title)
      y += 18
    }
    if !subtitle.isEmpty {
      canvas.text(subtitle, at: Point(Self.margin, y), .subtitle)
      y += 17
    }
    guard !entries.isEmpty else { return y }
    y += 3
    var x = Self.margin
    for entry in entries {
      let width = entry.width + 6 + canvas.width(of: entry.name, .label)
      if x > Self.margin && x + width > size.width - Self.margin {
        x = Self.margin
        y += 16
      }
      entry.sample(canvas, Point(x + entry.width / 2, y))
      canvas.text(entry.name, at: Point(x + entry.width + 6, y), .label)
      x += width + 18
    }
    return y + 14
  }

  /// Grid lines and numbers of the upright axis; its label stands above it.
  func drawUpright(_ area: PlotArea, _ ticks: Ticks, label: String, on canvas: borrowing Canvas) {
    for (value, text) in zip(ticks.values, ticks.labels) {
      let y = area.up(value)
      canvas.line(
        [Point(area.place.left, y), Point(area.place.right, y)], Stroke(.grid, width: 1))
      canvas.text(text, at: Point(area.place.left - 7, y), .tick, .end)
    }
    canvas.text(label, at: Point(Self.margin, area.place.top - 14), .label)
  }

  /// The line below, with numbers and label.
  func drawLevel(_ area: PlotArea, _ ticks: Ticks, label: String, on canvas: borrowing Canvas) {
    let y = area.place.bottom
    canvas.line(
      [Point(area.place.left, y), Point(area.place.right, y)], Stroke(.faint, width: 1))
    for (value, text) in zip(ticks.values, ticks.labels) {
      let x = area.across(value)
      canvas.line([Point(x, y), Point(x, y + 4)], Stroke(.faint, width: 1))
      canvas.text(text, at: Point(x, y + 13), .tick, .middle)
    }
    canvas.text(
      label, at: Point((area.place.left + area.place.right) / 2, y + 31), .label, .middle)
  }

  /// Where the plot stands, given where the heading ends.
  func area(
    below top: Double, x: ClosedRange<Double>, y: ClosedRange<Double>, ticks: Ticks, foot: Double,
    hasLabel: Bool, on canvas: borrowing Canvas
  ) -> PlotArea {
    var width = 0.0
    for label in ticks.labels { width = max(width, canvas.width(of: label, .tick)) }
    let left = Self.margin + width + 8
    let upper = top + (hasLabel ? 24 : 6)
    return PlotArea(
      place: Rectangle(
        left: left, top: upper, right: size.width - Self.margin - 8,
        bottom: max(upper + 20, size.height - foot)), x: x, y: y)
  }
}
