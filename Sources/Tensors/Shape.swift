/// The lengths of a tensor's axes, at most four, kept inline: a shape never allocates.
public struct Shape: Sendable, Hashable, CustomStringConvertible {
  /// The number of axes, 0 for a scalar.
  public let rank: Int
  private let lengths: SIMD4<Int32>

  /// The largest rank.
  public static let maximumRank = 4

  /// A scalar's shape.
  public init() {
    rank = 0
    lengths = SIMD4(repeating: 1)
  }

  public init(_ a: Int) {
    rank = 1
    lengths = SIMD4(Self.checked(a), 1, 1, 1)
  }

  public init(_ a: Int, _ b: Int) {
    rank = 2
    lengths = SIMD4(Self.checked(a), Self.checked(b), 1, 1)
  }

  public init(_ a: Int, _ b: Int, _ c: Int) {
    rank = 3
    lengths = SIMD4(Self.checked(a), Self.checked(b), Self.checked(c), 1)
  }

  public init(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
    rank = 4
    lengths = SIMD4(Self.checked(a), Self.checked(b), Self.checked(c), Self.checked(d))
  }

  /// - Precondition: at most four lengths, none negative.
  public init(_ lengths: [Int]) {
    precondition(
      lengths.count <= Self.maximumRank, "\(lengths) has more than \(Self.maximumRank) axes")
    rank = lengths.count
    var inline = SIMD4<Int32>(repeating: 1)
    for (axis, length) in lengths.enumerated() { inline[axis] = Self.checked(length) }
    self.lengths = inline
  }

  private init(rank: Int, lengths: SIMD4<Int32>) {
    self.rank = rank
    self.lengths = lengths
  }

  private static func checked(_ length: Int) -> Int32 {
    precondition(length >= 0 && length <= Int(Int32.max), "an axis of length \(length)")
    return Int32(length)
  }

  /// The length of an axis; negative axes count from the last, as -1.
  public subscript(axis: Int) -> Int { Int(lengths[resolve(axis)]) }

  /// The axis as a number in `0..<rank`.
  public func resolve(_ axis: Int) -> Int {
    let resolved = axis < 0 ? axis + rank : axis
    precondition(resolved >= 0 && resolved < rank, "axis \(axis) of a tensor of shape \(self)")
    return resolved
  }

  /// The number of elements.
  public var count: Int {
    Int(lengths[0]) * Int(lengths[1]) * Int(lengths[2]) * Int(lengths[3])
  }

  /// The product of the lengths of all axes before this one.
  public func count(before axis: Int) -> Int {
    var product = 1
    for a in 0..<axis { product *= Int(lengths[a]) }
    return product
  }

  /// The product of the lengths of all axes after this one.
  public func count(after axis: Int) -> Int {
    var product = 1
    for a in (axis + 1)..<max(rank, axis + 1) { product *= Int(lengths[a]) }
    return product
  }

  /// The shape with one axis of another length.
  public func replacing(_ axis: Int, with length: Int) -> Shape {
    var changed = lengths
    changed[resolve(axis)] = Self.checked(length)
    return Shape(rank: rank, lengths: changed)
  }

  /// The shape without one axis.
  public func removing(_ axis: Int) -> Shape {
    let removed = resolve(axis)
    var shorter = SIMD4<Int32>(repeating: 1)
    var place = 0
    for a in 0..<rank where a != removed {
      shorter[place] = lengths[a]
      place += 1
    }
    return Shape(rank: rank - 1, lengths: shorter)
  }

  /// The lengths as four, with ones put before the first axis.
  var padded: SIMD4<Int> {
    var four = SIMD4<Int>(repeating: 1)
    for axis in 0..<rank { four[4 - rank + axis] = Int(lengths[axis]) }
    return four
  }

  /// Elements between neighbours along each of the four padded axes of a dense tensor; 0 where
  /// the axis has length 1, so that it broadcasts.
  var paddedStrides: SIMD4<Int> {
    let four = padded
    var strides = SIMD4<Int>(repeating: 0)
    var step = 1
    for axis in stride(from: 3, through: 0, by: -1) {
      strides[axis] = four[axis] == 1 ? 0 : step
      step *= four[axis]
    }
    return strides
  }

  /// The shape that two tensors broadcast to by NumPy's rule, or `nil` when they do not fit.
  public func broadcast(with other: Shape) -> Shape? {
    if self == other { return self }
    let a = padded
    let b = other.padded
    let rank = max(rank, other.rank)
    var joint = SIMD4<Int32>(repeating: 1)
    for axis in (4 - rank)..<4 {
      guard a[axis] == b[axis] || a[axis] == 1 || b[axis] == 1 else { return nil }
      joint[axis - (4 - rank)] = Int32(a[axis] == 1 ? b[axis] : a[axis])
    }
    return Shape(rank: rank, lengths: joint)
  }

  /// The lengths of all axes.
  public var dimensions: [Int] { (0..<rank).map { Int(lengths[$0]) } }

  public var description: String {
    "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
  }
}
