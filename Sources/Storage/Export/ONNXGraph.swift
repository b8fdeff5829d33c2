/// A graph of operations, which grows from its inputs to its outputs.
///
/// ```swift
/// var graph = ONNXGraph("double")
/// let x = graph.input("x", .float, ["rows", 3])
/// let y = graph.append("Mul", x, graph.scalar(Float(2)), named: "y")
/// graph.output(y, .float, ["rows", 3])
/// ```
public struct ONNXGraph: Sendable, Hashable {
  /// A value in a graph: an input, a constant, or what a node computes.
  public struct Value: Sendable, Hashable {
    public let name: String
  }

  public let name: String
  public private(set) var nodes: [ONNXNode] = []
  public private(set) var constants: [ONNXTensor] = []
  public private(set) var inputs: [ONNXPort] = []
  public private(set) var outputs: [ONNXPort] = []
  private var names: Set<String> = []

  public init(_ name: String) { self.name = name }

  /// Adds an input.
  public mutating func input(
    _ name: String, _ type: ONNXElementType, _ shape: [ONNXDimension]
  ) -> Value {
    inputs.append(ONNXPort(name: name, type: type, shape: shape))
    return claim(name)
  }

  /// Makes a value an output, under the name that it has.
  public mutating func output(
    _ value: Value, _ type: ONNXElementType, _ shape: [ONNXDimension]
  ) {
    outputs.append(ONNXPort(name: value.name, type: type, shape: shape))
  }

  /// Adds a constant.
  ///
  /// - Precondition: `values` has as many elements as `shape`, and the name is new.
  public mutating func constant<Number: ONNXNumber>(
    _ values: [Number], shape: [Int], named name: String? = nil
  ) -> Value {
    let value = claim(name ?? fresh("constant"))
    constants.append(ONNXTensor(value.name, values, shape: shape))
    return value
  }

  /// Adds a constant with one axis.
  public mutating func vector<Number: ONNXNumber>(
    _ values: [Number], named name: String? = nil
  ) -> Value {
    constant(values, shape: [values.count], named: name)
  }

  /// Adds a list of lengths, axes or indices.
  public mutating func integers(_ values: Int...) -> Value { vector(values.map { Int64($0) }) }

  /// Adds a constant without axes.
  public mutating func scalar<Number: ONNXNumber>(
    _ value: Number, named name: String? = nil
  ) -> Value {
    constant([value], shape: [], named: name)
  }

  /// Adds a node with one result.
  ///
  /// - Precondition: the name is new.
  public mutating func append(
    _ operation: String, _ inputs: Value..., attributes: [String: ONNXAttribute] = [:],
    named name: String? = nil
  ) -> Value {
    append(operation, inputs, attributes: attributes, named: name)
  }

  /// The same with an array of inputs.
  public mutating func append(
    _ operation: String, _ inputs: [Value], attributes: [String: ONNXAttribute] = [:],
    named name: String? = nil
  ) -> Value {
    let result = claim(name ?? fresh(operation))
    nodes.append(
      ONNXNode(
        operation: operation, inputs: inputs.map(\.name), outputs: [result.name],
        attributes: attributes))
    return result
  }

  /// Adds a change of the type of elements.
  public mutating func cast(
    _ value: Value, to type: ONNXElementType, named name: String? = nil
  ) -> Value {
    append("Cast", value, attributes: ["to": .integer(type.rawValue)], named: name)
  }

  /// Adds a part of one axis, `start ..< end`; a negative end counts from the last element.
  public mutating func slice(
    _ value: Value, axis: Int, from start: Int, to end: Int
  ) -> Value {
    append("Slice", value, integers(start), integers(end), integers(axis))
  }

  private func fresh(_ stem: String) -> String { "\(stem)_\(names.count)" }

  private mutating func claim(_ name: String) -> Value {
    let (isNew, _) = names.insert(name)
    precondition(isNew && !name.isEmpty, "two values of a graph are named \(name)")
    return Value(name: name)
  }
}
