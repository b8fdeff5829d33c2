/// A model in the Open Neural Network Exchange format: a graph with some texts about it.
///
/// See <https://github.com/onnx/onnx/blob/main/docs/IR.md>.
public struct ONNXModel: Sendable, Hashable {
  /// The version of the file format.
  public static let irVersion = 8
  /// The version of the operators.
  public static let operatorSet = 17

  public var graph: ONNXGraph
  /// What the model is for, in words.
  public var documentation: String
  /// Texts about the model, by name.
  public var metadata: [String: String]

  public init(_ graph: ONNXGraph, documentation: String = "", metadata: [String: String] = [:]) {
    self.graph = graph
    self.documentation = documentation
    self.metadata = metadata
  }
}

/// The types of elements that exports need; the raw value is the number in the format.
public enum ONNXElementType: Int, Sendable, Hashable {
  case float = 1
  case int64 = 7
  case bool = 9
  case double = 11
}

/// A number that a graph may hold as a constant.
public protocol ONNXNumber: Sendable {
  static var onnxType: ONNXElementType { get }
  /// The number as an integer of as many bits.
  var onnxBits: UInt64 { get }
}

extension Float: ONNXNumber {
  public static var onnxType: ONNXElementType { .float }
  public var onnxBits: UInt64 { UInt64(bitPattern) }
}

extension Double: ONNXNumber {
  public static var onnxType: ONNXElementType { .double }
  public var onnxBits: UInt64 { bitPattern }
}

extension Int64: ONNXNumber {
  public static var onnxType: ONNXElementType { .int64 }
  public var onnxBits: UInt64 { UInt64(bitPattern: self) }
}

/// A constant.
public struct ONNXTensor: Sendable, Hashable {
  public let name: String
  public let type: ONNXElementType
  public let shape: [Int]
  /// The elements, little-endian, the last dimension varying fastest.
  public let bytes: [UInt8]

  /// - Precondition: `values` has as many elements as `shape`; a scalar has the shape `[]`.
  public init<Number: ONNXNumber>(_ name: String, _ values: [Number], shape: [Int]) {
    precondition(
      shape.reduce(1, *) == values.count,
      "\(values.count) values are not those of the shape \(shape)")
    self.name = name
    self.shape = shape
    type = Number.onnxType
    var bytes: [UInt8] = []
    for value in values {
      if type == .float {
        bytes.appendLittleEndian(UInt32(truncatingIfNeeded: value.onnxBits))
      } else {
        bytes.appendLittleEndian(value.onnxBits)
      }
    }
    self.bytes = bytes
  }
}

/// The value of a node's attribute.
public enum ONNXAttribute: Sendable, Hashable {
  case integer(Int)
  case integers([Int])
  case number(Float)
  case text(String)
}

/// One operation of a graph.
public struct ONNXNode: Sendable, Hashable {
  /// The operator, as in the list of <https://onnx.ai/onnx/operators>.
  public let operation: String
  public let inputs: [String]
  public let outputs: [String]
  public let attributes: [String: ONNXAttribute]
}

/// The length of an axis of an input or output: known, or a name that stands for it.
public enum ONNXDimension: Sendable, Hashable, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral
{
  case length(Int)
  case symbol(String)

  public init(integerLiteral value: Int) { self = .length(value) }
  public init(stringLiteral value: String) { self = .symbol(value) }
}

/// An input or output of a graph.
public struct ONNXPort: Sendable, Hashable {
  public let name: String
  public let type: ONNXElementType
  public let shape: [ONNXDimension]
}
