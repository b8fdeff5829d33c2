import Storage

/// What can be drawn: to an SVG document and to a PNG picture, by the same code.
///
/// The same drawing gives the same bytes each time, with the same fonts on the machine.
public protocol Drawing: Sendable {
  /// In points.
  var size: Size { get }
  func draw(on canvas: borrowing Canvas)
}

extension Drawing {
  /// The drawing as an SVG document.
  public func svg() throws(PlotError) -> [UInt8] {
    try checkSize(scale: 1)
    let collector = ByteCollector()
    let size = size
    do {
      let surface = try Surface(svgInto: collector, width: size.width, height: size.height)
      do {
        let canvas = try Canvas(surface, size: size)
        paint(canvas)
        try canvas.check()
      }
      try surface.finish()
    }
    return Self.withoutSurfaceNumber(collector.bytes)
  }

  /// The drawing as a PNG picture.
  ///
  /// - Parameter scale: pixels a point.
  public func png(scale: Double = 2) throws(PlotError) -> [UInt8] {
    try checkSize(scale: scale)
    let size = size
    let surface = try Surface(
      pixelsAcross: Int((scale * size.width).rounded()),
      down: Int((scale * size.height).rounded()))
    do {
      let canvas = try Canvas(surface, size: size, scale: scale)
      paint(canvas)
      try canvas.check()
    }
    return try surface.png()
  }

  /// Writes `PATH.svg` and `PATH.png`, each whole or not at all.
  ///
  /// - Returns: the paths of both files.
  /// - Throws: ``PlotError`` or `StorageError`.
  @discardableResult
  public func write(to path: String) throws -> [String] {
    let files = [(path + ".svg", try svg()), (path + ".png", try png())]
    for (path, bytes) in files { try AtomicFile.write(bytes, to: path) }
    return files.map(\.0)
  }

  private func paint(_ canvas: borrowing Canvas) {
    let sheet = Rectangle(left: 0, top: 0, right: size.width, bottom: size.height)
    canvas.rectangle(sheet, .white)
    draw(on: canvas)
  }

  private func checkSize(scale: Double) throws(PlotError) {
    let (width, height) = (scale * size.width, scale * size.height)
    guard width >= 1, height >= 1, width <= 32_000, height <= 32_000 else {
      throw PlotError(
        "a drawing of \(size.width) × \(size.height) points cannot be made; "
          + "it has from 1 to 32000 pixels a side")
    }
  }

  /// Some versions of cairo number the drawings of a process in their documents.
  private static func withoutSurfaceNumber(_ svg: [UInt8]) -> [UInt8] {
    let mark = Array("<g id=\"surface".utf8)
    guard let start = svg.firstRange(of: mark)?.upperBound else { return svg }
    let end = svg[start...].firstIndex { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return Array(svg[..<start]) + Array(svg[(end ?? start)...])
  }
}
