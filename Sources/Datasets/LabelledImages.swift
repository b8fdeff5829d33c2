import LinearAlgebra

/// Images with one label each, as bytes: what digits and photographs are published as.
public struct LabelledImages: Sendable, Equatable {
  public let channels: Int
  public let height: Int
  public let width: Int
  /// The number of classes; labels are below it.
  public let classes: Int
  /// `[count, channels, height, width]`.
  public let pixels: [UInt8]
  /// `[count]`.
  public let labels: [UInt8]

  /// - Precondition: as many pixels as the shape asks for, and labels below `classes`.
  public init(
    channels: Int, height: Int, width: Int, classes: Int, pixels: [UInt8], labels: [UInt8]
  ) {
    precondition(
      pixels.count == labels.count * channels * height * width,
      "\(pixels.count) pixels for \(labels.count) images of [\(channels), \(height), \(width)]")
    precondition(
      labels.allSatisfy { $0 < classes }, "a label is not among the \(classes) classes")
    self.channels = channels
    self.height = height
    self.width = width
    self.classes = classes
    self.pixels = pixels
    self.labels = labels
  }

  public var count: Int { labels.count }
  /// The pixels of one image.
  public var imageSize: Int { channels * height * width }

  /// The bytes of one image.
  public func image(_ index: Int) -> [UInt8] {
    Array(pixels[index * imageSize..<(index + 1) * imageSize])
  }

  /// The images at some places, in that order.
  public func selecting(_ places: [Int]) -> LabelledImages {
    var chosen: [UInt8] = []
    chosen.reserveCapacity(places.count * imageSize)
    for place in places { chosen += pixels[place * imageSize..<(place + 1) * imageSize] }
    return LabelledImages(
      channels: channels, height: height, width: width, classes: classes, pixels: chosen,
      labels: places.map { labels[$0] })
  }

  /// The images of some labels, in their order.
  public func selecting(labels wanted: Set<UInt8>) -> LabelledImages {
    selecting(labels.indices.filter { wanted.contains(labels[$0]) })
  }

  /// The images of several sets of the same shape, one set after the other; `nil` of none.
  public init?(joining sets: [LabelledImages]) {
    guard let first = sets.first else { return nil }
    precondition(
      sets.allSatisfy {
        $0.channels == first.channels && $0.height == first.height && $0.width == first.width
          && $0.classes == first.classes
      }, "images of several shapes")
    self.init(
      channels: first.channels, height: first.height, width: first.width, classes: first.classes,
      pixels: sets.flatMap(\.pixels), labels: sets.flatMap(\.labels))
  }

  /// Writes an image as numbers from 0 to 1, moved by some pixels; what comes in from outside is 0.
  ///
  /// - Parameters:
  ///   - shift: how many rows down and columns to the right.
  ///   - out: `[channels, height, width]`, elements from `start` on.
  public func write(
    _ index: Int, shift: (rows: Int, columns: Int) = (0, 0), into out: inout MutableSpan<Float>,
    at start: Int
  ) {
    let bytes = pixels.span.extracting(index * imageSize..<(index + 1) * imageSize)
    if shift == (0, 0) {
      for i in 0..<imageSize { out[start + i] = Float(bytes[i]) * (1 / 255) }
      return
    }
    for i in 0..<imageSize { out[start + i] = 0 }
    guard abs(shift.rows) < height && abs(shift.columns) < width else { return }
    let rows = max(0, shift.rows)..<min(height, height + shift.rows)
    let columns = max(0, shift.columns)..<min(width, width + shift.columns)
    for channel in 0..<channels {
      for row in rows {
        let to = start + (channel * height + row) * width
        let from = (channel * height + row - shift.rows) * width - shift.columns
        for column in columns { out[to + column] = Float(bytes[from + column]) * (1 / 255) }
      }
    }
  }
}
