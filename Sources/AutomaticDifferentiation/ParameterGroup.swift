import Tensors

/// A named tensor inside a parameter vector.
public struct ParameterSlot: Sendable, Equatable {
  public let name: String
  public let shape: Shape
  /// Where its elements start in the vector.
  public let offset: Int

  /// The elements' places in the vector.
  public var range: Range<Int> { offset..<offset + shape.count }
}

/// The layout of a flat parameter vector: what an optimiser steps, what participants sum, and what
/// a checkpoint stores.
public struct ParameterLayout: Sendable, Equatable {
  public private(set) var slots: [ParameterSlot] = []
  /// The number of parameters.
  public private(set) var count = 0

  public init() {}

  /// Appends a tensor and returns its number.
  ///
  /// - Precondition: the name is new.
  @discardableResult
  public mutating func append(_ name: String, _ shape: Shape) -> Int {
    precondition(!slots.contains { $0.name == name }, "two parameters are named \(name)")
    slots.append(ParameterSlot(name: name, shape: shape, offset: count))
    count += shape.count
    return slots.count - 1
  }

  /// The slot of that name, if any.
  public subscript(name: String) -> ParameterSlot? { slots.first { $0.name == name } }
}

/// A parameter vector that lives on a tape, with its gradient.
public struct ParameterGroup: Hashable, Sendable {
  let index: Int32
  /// The tape's variable of slot 0; slot i follows at `first + i`.
  let first: Int32

  /// The variable of a slot, by its number in the layout.
  public func callAsFunction(_ slot: Int) -> Variable { Variable(index: first + Int32(slot)) }
}
