/// A place, in points from the upper left corner.
public struct Point: Sendable, Hashable {
  public var x: Double
  public var y: Double

  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }

  var isFinite: Bool { x.isFinite && y.isFinite }
}

/// The size of a drawing, in points.
public struct Size: Sendable, Hashable {
  public var width: Double
  public var height: Double

  public init(_ width: Double, _ height: Double) {
    self.width = width
    self.height = height
  }
}

/// A rectangle, in points.
public struct Rectangle: Sendable, Hashable {
  public var left: Double
  public var top: Double
  public var right: Double
  public var bottom: Double

  public init(left: Double, top: Double, right: Double, bottom: Double) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  var width: Double { right - left }
  var height: Double { bottom - top }

  var corners: [Point] {
    [Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom)]
  }
}

/// A colour; each part is in 0...1.
public struct Colour: Sendable, Hashable {
  public var red: Double
  public var green: Double
  public var blue: Double
  public var opacity = 1.0

  /// - Parameter code: `0xRRGGBB`.
  public init(_ code: UInt32, opacity: Double = 1) {
    red = Double(code >> 16 & 255) / 255
    green = Double(code >> 8 & 255) / 255
    blue = Double(code & 255) / 255
    self.opacity = opacity
  }

  func withOpacity(_ opacity: Double) -> Colour {
    var colour = self
    colour.opacity = opacity
    return colour
  }

  /// Colours that people with any kind of colour vision tell apart (Okabe and Ito 2008).
  public static let palette = [
    Colour(0x0072B2), Colour(0xD55E00), Colour(0x009E73), Colour(0xCC79A7), Colour(0xE69F00),
    Colour(0x56B4E9),
  ]

  /// Text.
  public static let ink = Colour(0x222222)
  /// Lines and numbers of axes.
  public static let faint = Colour(0x666666)
  public static let grid = Colour(0xE4E4E4)
  public static let white = Colour(0xFFFFFF)
}

/// How a line is drawn.
public struct Stroke: Sendable, Hashable {
  public var colour: Colour
  /// In points.
  public var width: Double
  /// Lengths of dashes and of the gaps between them; empty for a solid line.
  public var dashes: [Double]

  public init(_ colour: Colour, width: Double, dashes: [Double] = []) {
    self.colour = colour
    self.width = width
    self.dashes = dashes
  }

  /// The line of a series by its number: colours and dashes differ, so that either tells.
  static func series(_ number: Int) -> Stroke {
    let dashes: [[Double]] = [[], [7, 3], [2.5, 2.5], [9, 3, 2.5, 3], [5, 2], [1.5, 1.5]]
    return Stroke(
      Colour.palette[number % Colour.palette.count], width: 1.8,
      dashes: dashes[number % dashes.count])
  }
}

/// How a text is written.
public struct TextStyle: Sendable, Hashable {
  /// In points.
  public var size: Double
  public var isBold = false
  public var colour = Colour.ink

  public init(_ size: Double, isBold: Bool = false, colour: Colour = .ink) {
    self.size = size
    self.isBold = isBold
    self.colour = colour
  }

  static let title = TextStyle(14, isBold: true)
  static let subtitle = TextStyle(10.5, colour: .faint)
  static let label = TextStyle(10.5, colour: .ink)
  static let tick = TextStyle(10, colour: .faint)
}

/// Which part of a text stands at its place.
public enum TextAnchor: Sendable { case start, middle, end }
