/// Several line charts one above the other, for curves that would hide one another.
public struct StackedCharts: Drawing {
  public var title: String
  public var subtitle = ""
  /// From the uppermost to the lowest; their own sizes and titles count for nothing.
  public var charts: [LineChart]
  public var width = 760.0
  /// The height of each chart.
  public var chartHeight = 150.0

  public init(title: String, charts: [LineChart]) {
    self.title = title
    self.charts = charts
  }

  private var headingHeight: Double {
    ChartFrame.margin + (title.isEmpty ? 0 : 18) + (subtitle.isEmpty ? 0 : 17)
  }

  public var size: Size {
    Size(width, headingHeight + chartHeight * Double(charts.count) + 8)
  }

  public func draw(on canvas: borrowing Canvas) {
    let frame = ChartFrame(title: title, subtitle: subtitle, size: size)
    _ = frame.drawHeading([], on: canvas)
    for (number, chart) in charts.enumerated() {
      var chart = chart
      chart.title = ""
      chart.subtitle = ""
      chart.size = Size(width, chartHeight)
      let place = Point(0, headingHeight - ChartFrame.margin + chartHeight * Double(number))
      let drawn = chart
      canvas.moved(by: place) { drawn.draw(on: $0) }
    }
  }
}
