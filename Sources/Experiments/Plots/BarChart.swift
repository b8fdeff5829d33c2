/// Groups of bars with error bars.
public struct BarChart: Drawing {
  /// The bars of one colour, one for each category.
  public struct Series: Sendable, Hashable {
    public var name: String
    /// `nil` where there is nothing to show.
    public var values: [Double?]
    /// Half the length of each error bar; empty for none.
    public var errors: [Double]

    public init(_ name: String, _ values: [Double?], errors: [Double] = []) {
      precondition(
        errors.isEmpty || errors.count == values.count,
        "\(errors.count) error bars on \(values.count) bars")
      self.name = name
      self.values = values
      self.errors = errors
    }
  }

  public var title: String
  public var subtitle = ""
  public var y: Axis
  public var categories: [String]
  public var series: [Series]
  /// Decimals of the numbers above the bars; `nil` for none.
  public var decimals: Int? = 3
  public var size = Size(620, 400)

  /// - Precondition: each series has a value or a gap for each category.
  public init(title: String, y: Axis, categories: [String], series: [Series]) {
    precondition(
      series.allSatisfy { $0.values.count == categories.count },
      "series of \(series.map(\.values.count)) bars for \(categories.count) categories")
    self.title = title
    self.y = y
    self.categories = categories
    self.series = series
  }

  public func draw(on canvas: borrowing Canvas) {
    let frame = ChartFrame(title: title, subtitle: subtitle, size: size)
    let entries = series.enumerated().map { number, series in
      ChartFrame.Entry(name: series.name, width: 12) { canvas, place in
        canvas.rectangle(
          Rectangle(
            left: place.x - 6, top: place.y - 6, right: place.x + 6, bottom: place.y + 6),
          Colour.palette[number % Colour.palette.count])
      }
    }
    let top = frame.drawHeading(entries, on: canvas)
    var ends: [Double] = []
    for series in series {
      for (i, value) in series.values.enumerated() {
        guard let value else { continue }
        let error = series.errors.isEmpty ? 0 : series.errors[i]
        ends += [value - error, value + error]
      }
    }
    let up = y.shown(ends, from: 0)
    let ticks = Ticks(in: up, about: 6)
    let area = frame.area(
      below: top + (decimals == nil ? 0 : 8), x: 0...Double(max(1, categories.count)), y: up,
      ticks: ticks, foot: 36, hasLabel: !y.label.isEmpty, on: canvas)
    frame.drawUpright(area, ticks, label: y.label, on: canvas)
    for category in categories.indices { draw(category, area, canvas) }
    let base = area.up(min(max(0, up.lowerBound), up.upperBound))
    canvas.line(
      [Point(area.place.left, base), Point(area.place.right, base)], Stroke(.faint, width: 1))
    for (i, name) in categories.enumerated() {
      let place = Point(area.across(Double(i) + 0.5), area.place.bottom + 15)
      canvas.text(name, at: place, .label, .middle)
    }
  }

  private func draw(_ category: Int, _ area: PlotArea, _ canvas: borrowing Canvas) {
    let share = 0.78 / Double(max(1, series.count))
    let base = min(max(0, area.y.lowerBound), area.y.upperBound)
    // Numbers shrink with the bars that they stand on.
    let barWidth = share * area.place.width / Double(max(1, categories.count))
    let numbers = TextStyle(min(9.5, 0.3 * barWidth))
    for (number, series) in series.enumerated() {
      guard let value = series.values[category], value.isFinite else { continue }
      let left = Double(category) + 0.11 + share * Double(number)
      let held = min(max(value, area.y.lowerBound), area.y.upperBound)
      let (x0, x1) = (area.across(left) + 1, area.across(left + share) - 1)
      let (y0, y1) = (area.up(base), area.up(held))
      canvas.rectangle(
        Rectangle(left: x0, top: min(y0, y1), right: x1, bottom: max(y0, y1)),
        Colour.palette[number % Colour.palette.count])
      let x = (x0 + x1) / 2
      var edge = y1
      if !series.errors.isEmpty, series.errors[category] > 0 {
        let low = area.up(max(value - series.errors[category], area.y.lowerBound))
        let high = area.up(min(value + series.errors[category], area.y.upperBound))
        let stroke = Stroke(.ink, width: 1.1)
        canvas.line([Point(x, low), Point(x, high)], stroke)
        for y in [low, high] { canvas.line([Point(x - 3, y), Point(x + 3, y)], stroke) }
        edge = value < base ? max(low, y1) : min(high, y1)
      }
      if let decimals {
        let place = Point(x, edge + (value < base ? 8 : -8))
        let text = Ticks.label(value, decimals: decimals)
        let half = canvas.width(of: text, numbers) / 2
        // No grid line runs through a number.
        canvas.rectangle(
          Rectangle(
            left: x - half, top: place.y - 5, right: x + half, bottom: place.y + 5),
          Colour.white.withOpacity(0.85))
        canvas.text(text, at: place, numbers, .middle)
      }
    }
  }
}
