import Randomness

/// A dense array of Float with up to four axes, row-major; a value.
public struct Tensor: Sendable, Equatable {
  public let shape: Shape
  /// The elements, the last axis running fastest.
  public var elements: [Float] {
    didSet { precondition(elements.count == shape.count, Self.misfit(elements.count, shape)) }
  }

  /// - Precondition: as many elements as the shape holds.
  public init(_ shape: Shape, _ elements: [Float]) {
    precondition(elements.count == shape.count, Self.misfit(elements.count, shape))
    self.shape = shape
    self.elements = elements
  }

  /// A tensor of one repeated value.
  public init(_ shape: Shape, repeating value: Float = 0) {
    self.init(shape, [Float](repeating: value, count: shape.count))
  }

  /// Independent standard normal draws.
  public init(normal shape: Shape, from stream: RandomStream) {
    self.init(shape, stream.normal(shape.count))
  }

  /// The element at an index, one number an axis.
  public subscript(index: Int...) -> Float {
    precondition(index.count == shape.rank, "\(index.count) indices into shape \(shape)")
    var place = 0
    for (axis, i) in index.enumerated() {
      precondition(i >= 0 && i < shape[axis], "index \(i) on axis \(axis) of shape \(shape)")
      place = place * shape[axis] + i
    }
    return elements[place]
  }

  /// The same elements in another shape of the same count.
  public func reshaped(_ shape: Shape) -> Tensor { Tensor(shape, elements) }

  private static func misfit(_ count: Int, _ shape: Shape) -> String {
    "\(count) elements do not fill shape \(shape)"
  }
}
