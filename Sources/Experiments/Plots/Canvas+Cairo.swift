internal import CCairo

/// Where a ``Drawing`` puts its lines, areas and texts, in points from the upper left corner. The same
/// calls make an SVG document and a picture of pixels.
///
/// Marks at places that are not finite are left out.
@safe public struct Canvas: ~Copyable {
  public let size: Size
  private let context: OpaquePointer

  init(_ surface: borrowing Surface, size: Size, scale: Double = 1) throws(PlotError) {
    guard let context = unsafe cairo_create(surface.handle) else {
      throw PlotError("cairo: no memory for a drawing")
    }
    // A context in error is one that nobody has to give back.
    try Cairo.check(unsafe cairo_status(context))
    self.size = size
    unsafe self.context = unsafe context
    unsafe cairo_scale(context, scale, scale)
    unsafe cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    // Letters stand where they do at any size, so that both files look alike.
    let options = unsafe cairo_font_options_create()
    unsafe cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    unsafe cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    unsafe cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    unsafe cairo_set_font_options(context, options)
    unsafe cairo_font_options_destroy(options)
  }

  deinit {
    unsafe cairo_destroy(context)
  }

  /// Throws what went wrong with any of the calls so far.
  borrowing func check() throws(PlotError) {
    try Cairo.check(unsafe cairo_status(context))
  }

  // MARK: Lines and areas

  /// Draws a line through points; it is interrupted where one is not finite.
  public borrowing func line(_ points: [Point], _ stroke: Stroke) {
    trace(points, closes: false)
    apply(stroke)
  }

  /// Fills the area within points.
  public borrowing func area(_ points: [Point], _ colour: Colour) {
    guard points.allSatisfy(\.isFinite), !points.isEmpty else { return }
    trace(points, closes: true)
    set(colour)
    unsafe cairo_fill(context)
  }

  /// Fills a rectangle.
  public borrowing func rectangle(_ place: Rectangle, _ colour: Colour) {
    area(place.corners, colour)
  }

  /// Draws a disc with a rim.
  public borrowing func disc(
    _ centre: Point, radius: Double, _ colour: Colour, rim: Stroke? = nil
  ) {
    guard centre.isFinite, radius.isFinite, radius >= 0 else { return }
    unsafe cairo_new_path(context)
    unsafe cairo_arc(context, centre.x, centre.y, radius, 0, 2 * Double.pi)
    set(colour)
    unsafe cairo_fill_preserve(context)
    if let rim { apply(rim) } else { unsafe cairo_new_path(context) }
  }

  /// Draws a curve from one point to another, bent towards a third (a quadratic Bézier curve).
  public borrowing func curve(from: Point, towards bend: Point, to: Point, _ stroke: Stroke) {
    guard from.isFinite, bend.isFinite, to.isFinite else { return }
    func between(_ a: Double, _ b: Double) -> Double { a + 2 * (b - a) / 3 }
    unsafe cairo_new_path(context)
    unsafe cairo_move_to(context, from.x, from.y)
    unsafe cairo_curve_to(
      context, between(from.x, bend.x), between(from.y, bend.y), between(to.x, bend.x),
      between(to.y, bend.y), to.x, to.y)
    apply(stroke)
  }

  /// Draws only within a rectangle as long as `body` runs.
  public borrowing func clipped(to place: Rectangle, _ body: (borrowing Canvas) -> Void) {
    unsafe cairo_save(context)
    unsafe cairo_rectangle(context, place.left, place.top, place.width, place.height)
    unsafe cairo_clip(context)
    body(self)
    unsafe cairo_restore(context)
  }

  /// Draws further to the right and further down as long as `body` runs.
  public borrowing func moved(by offset: Point, _ body: (borrowing Canvas) -> Void) {
    guard offset.isFinite else { return }
    unsafe cairo_save(context)
    unsafe cairo_translate(context, offset.x, offset.y)
    body(self)
    unsafe cairo_restore(context)
  }

  private borrowing func trace(_ points: [Point], closes: Bool) {
    unsafe cairo_new_path(context)
    var isDown = false
    for point in points {
      guard point.isFinite else {
        isDown = false
        continue
      }
      if isDown {
        unsafe cairo_line_to(context, point.x, point.y)
      } else {
        unsafe cairo_move_to(context, point.x, point.y)
      }
      isDown = true
    }
    if closes { unsafe cairo_close_path(context) }
  }

  private borrowing func apply(_ stroke: Stroke) {
    set(stroke.colour)
    unsafe cairo_set_line_width(context, stroke.width)
    unsafe cairo_set_line_cap(
      context, stroke.dashes.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
    unsafe stroke.dashes.withUnsafeBufferPointer {
      unsafe cairo_set_dash(context, $0.baseAddress, Int32($0.count), 0)
    }
    unsafe cairo_stroke(context)
  }

  private borrowing func set(_ colour: Colour) {
    unsafe cairo_set_source_rgba(context, colour.red, colour.green, colour.blue, colour.opacity)
  }

  // MARK: Text

  /// The width of a text in a style.
  public borrowing func width(of text: String, _ style: TextStyle) -> Double {
    select(style)
    var extents = cairo_text_extents_t()
    unsafe cairo_text_extents(context, Self.line(text), &extents)
    return extents.x_advance
  }

  /// Writes a line of text.
  ///
  /// - Parameters:
  ///   - place: on the text's middle height, at its start, middle or end.
  ///   - angle: in radians, clockwise about the place.
  public borrowing func text(
    _ text: String, at place: Point, _ style: TextStyle, _ anchor: TextAnchor = .start,
    angle: Double = 0
  ) {
    guard place.isFinite, angle.isFinite else { return }
    let width = width(of: text, style)
    let offset =
      switch anchor {
      case .start: 0.0
      case .middle: -width / 2
      case .end: -width
      }
    unsafe cairo_save(context)
    unsafe cairo_translate(context, place.x, place.y)
    unsafe cairo_rotate(context, angle)
    set(style.colour)
    // Half the height of a digit: the same for all texts of a line, whatever letters they have.
    unsafe cairo_move_to(context, offset, 0.365 * style.size)
    unsafe cairo_show_text(context, Self.line(text))
    unsafe cairo_restore(context)
    unsafe cairo_new_path(context)
  }

  private borrowing func select(_ style: TextStyle) {
    unsafe cairo_select_font_face(
      context, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
      style.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    unsafe cairo_set_font_size(context, style.size)
  }

  /// A text without what is no letter: line breaks, and a zero, which would end it.
  private static func line(_ text: String) -> String {
    String(
      text.map { character in
        character.unicodeScalars.contains { $0.value < 32 || $0.value == 127 } ? " " : character
      })
  }
}
