/// A protobuf message, read without knowing what it means: fields by number, in order.
///
/// The twin of the writer is the format's description, not the writer itself.
struct ProtobufReader {
  enum Value: Equatable {
    case integer(UInt64)
    case bytes([UInt8])
    case fixed32(UInt32)
  }

  private(set) var fields: [(number: Int, value: Value)] = []

  /// `nil` if the bytes are no message.
  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let key = Self.varint(&rest) else { return nil }
      let number = Int(key >> 3)
      switch key & 7 {
      case 0:
        guard let value = Self.varint(&rest) else { return nil }
        fields.append((number, .integer(value)))
      case 2:
        guard let count = Self.varint(&rest), count <= rest.count else { return nil }
        fields.append((number, .bytes(Array(rest.prefix(Int(count))))))
        rest = rest.dropFirst(Int(count))
      case 5:
        guard rest.count >= 4 else { return nil }
        let bits = rest.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        fields.append((number, .fixed32(bits)))
        rest = rest.dropFirst(4)
      default: return nil
      }
    }
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }

  /// All values of a field.
  subscript(number: Int) -> [Value] { fields.filter { $0.number == number }.map(\.value) }

  func integers(_ number: Int) -> [Int] {
    self[number].compactMap {
      if case .integer(let v) = $0 { Int(Int64(bitPattern: v)) } else { nil }
    }
  }

  func texts(_ number: Int) -> [String] {
    self[number].compactMap {
      if case .bytes(let v) = $0 { String(decoding: v, as: UTF8.self) } else { nil }
    }
  }

  func messages(_ number: Int) -> [ProtobufReader] {
    self[number].compactMap { if case .bytes(let v) = $0 { ProtobufReader(v) } else { nil } }
  }

  func rawBytes(_ number: Int) -> [UInt8] {
    self[number].reduce(into: []) { if case .bytes(let v) = $1 { $0 += v } }
  }
}

/// What tests look at in an ONNX model.
struct ONNXSummary {
  struct Port: Equatable {
    let name: String
    let type: Int
    /// Lengths, or names of lengths.
    let shape: [String]
  }

  let irVersion: Int
  let operatorSets: [Int]
  let metadata: [String: String]
  let inputs: [Port]
  let outputs: [Port]
  let operations: [String]
  let nodes: [ProtobufReader]
  /// Single precision constants, by name.
  let constants: [String: [Float]]

  init?(_ bytes: [UInt8]) {
    guard let model = ProtobufReader(bytes), let graph = model.messages(7).first,
      let version = model.integers(1).first
    else { return nil }
    irVersion = version
    operatorSets = model.messages(8).flatMap { $0.integers(2) }
    metadata = Dictionary(
      uniqueKeysWithValues: model.messages(14).map { ($0.texts(1)[0], $0.texts(2)[0]) })
    nodes = graph.messages(1)
    operations = nodes.flatMap { $0.texts(4) }
    inputs = graph.messages(11).map(Self.port)
    outputs = graph.messages(12).map(Self.port)
    var constants: [String: [Float]] = [:]
    for tensor in graph.messages(5) where tensor.integers(2) == [1] {
      let bytes = tensor.rawBytes(9)
      constants[tensor.texts(8)[0]] = stride(from: 0, to: bytes.count, by: 4).map { start in
        Float(
          bitPattern: bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
      }
    }
    self.constants = constants
  }

  private static func port(_ message: ProtobufReader) -> Port {
    let tensor = message.messages(2)[0].messages(1)[0]
    return Port(
      name: message.texts(1)[0], type: tensor.integers(1)[0],
      shape: tensor.messages(2)[0].messages(1).map { dimension in
        dimension.texts(2).first ?? "\(dimension.integers(1)[0])"
      })
  }
}
