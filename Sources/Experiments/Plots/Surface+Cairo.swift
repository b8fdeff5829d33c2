internal import CCairo

/// A sheet that cairo draws on, which its end gives back.
@safe struct Surface: ~Copyable {
  let handle: OpaquePointer

  /// Pixels in memory.
  init(pixelsAcross width: Int, down height: Int) throws(PlotError) {
    guard
      let handle = unsafe cairo_image_surface_create(
        CAIRO_FORMAT_ARGB32, Int32(clamping: width), Int32(clamping: height))
    else { throw PlotError("cairo: no memory for a picture of \(width) × \(height) pixels") }
    // A surface in error is one that nobody has to give back.
    try Cairo.check(unsafe cairo_surface_status(handle))
    unsafe self.handle = unsafe handle
  }

  /// An SVG document, which is handed to the collector when the surface is finished.
  ///
  /// - Precondition: the collector outlives the surface.
  init(svgInto collector: ByteCollector, width: Double, height: Double) throws(PlotError) {
    let place = unsafe Unmanaged.passUnretained(collector).toOpaque()
    guard
      let handle = unsafe cairo_svg_surface_create_for_stream(
        ByteCollector.collect, place, width, height)
    else { throw PlotError("cairo: no memory for a drawing") }
    // A surface in error is one that nobody has to give back.
    try Cairo.check(unsafe cairo_surface_status(handle))
    unsafe self.handle = unsafe handle
  }

  deinit {
    unsafe cairo_surface_destroy(handle)
  }

  /// Ends the document; nothing can be drawn after that.
  borrowing func finish() throws(PlotError) {
    unsafe cairo_surface_finish(handle)
    try check()
  }

  /// The pixels as a PNG file.
  borrowing func png() throws(PlotError) -> [UInt8] {
    unsafe cairo_surface_flush(handle)
    let collector = ByteCollector()
    let status = unsafe cairo_surface_write_to_png_stream(
      handle, ByteCollector.collect, Unmanaged.passUnretained(collector).toOpaque())
    try Cairo.check(status)
    return collector.bytes
  }

  private borrowing func check() throws(PlotError) {
    try Cairo.check(unsafe cairo_surface_status(handle))
  }
}

/// Takes the bytes that cairo writes.
final class ByteCollector {
  private(set) var bytes: [UInt8] = []

  static let collect:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, UInt32) -> cairo_status_t = {
      place, data, count in
      guard let place = unsafe place, let data = unsafe data else {
        return CAIRO_STATUS_WRITE_ERROR
      }
      let collector = unsafe Unmanaged<ByteCollector>.fromOpaque(place).takeUnretainedValue()
      unsafe collector.bytes.append(
        contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
      return CAIRO_STATUS_SUCCESS
    }
}

/// The library as a whole.
enum Cairo {
  /// Throws what a status says, in one line.
  static func check(_ status: cairo_status_t) throws(PlotError) {
    if status == CAIRO_STATUS_SUCCESS { return }
    let text =
      unsafe cairo_status_to_string(status).map { unsafe String(cString: $0) }
      ?? "error \(status.rawValue)"
    throw PlotError("cairo: \(text); make the drawing smaller, or give it fewer marks")
  }
}
