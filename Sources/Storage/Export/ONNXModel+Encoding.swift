/// The messages of <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>, whose field numbers
/// stand here.
extension ONNXModel {
  /// Writes the model to `path`, whole or not at all.
  ///
  /// - Throws: ``StorageError``, such as `diskFull`; what was at `path` is then as it was.
  public func write(to path: String) throws(StorageError) {
    let bytes = self.bytes
    guard bytes.count <= Int(Int32.max) else {
      throw StorageError(
        .tooLarge, "an ONNX model of \(bytes.count) bytes exceeds the format's 2 GB",
        at: .init(file: path), remedy: "export it as .safetensors or .h5")
    }
    try AtomicFile.write(bytes, to: path)
  }

  /// The `ModelProto`.
  public var bytes: [UInt8] {
    var message = ProtobufMessage()
    message.append(1, Self.irVersion)
    message.append(2, "CollabDict")
    if !documentation.isEmpty { message.append(6, documentation) }
    message.append(7, graph.message)
    message.append(8) { operators in
      operators.append(1, "")
      operators.append(2, Self.operatorSet)
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      message.append(14) { entry in
        entry.append(1, key)
        entry.append(2, value)
      }
    }
    return message.bytes
  }
}

extension ONNXGraph {
  fileprivate var message: ProtobufMessage {
    var message = ProtobufMessage()
    for (index, node) in nodes.enumerated() { message.append(1, node.message(number: index)) }
    message.append(2, name)
    for tensor in constants { message.append(5, tensor.message) }
    for port in inputs { message.append(11, port.message) }
    for port in outputs { message.append(12, port.message) }
    return message
  }
}

extension ONNXNode {
  fileprivate func message(number: Int) -> ProtobufMessage {
    var message = ProtobufMessage()
    for input in inputs { message.append(1, input) }
    for output in outputs { message.append(2, output) }
    message.append(3, "\(operation)/\(number)")
    message.append(4, operation)
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      message.append(5) { attribute in
        attribute.append(1, name)
        value.encode(into: &attribute)
      }
    }
    return message
  }
}

extension ONNXAttribute {
  /// The value and, in field 20, its type.
  fileprivate func encode(into message: inout ProtobufMessage) {
    switch self {
    case .number(let value):
      message.append(2, value)
      message.append(20, 1)
    case .integer(let value):
      message.append(3, value)
      message.append(20, 2)
    case .text(let value):
      message.append(4, value)
      message.append(20, 3)
    case .integers(let values):
      for value in values { message.append(8, value) }
      message.append(20, 7)
    }
  }
}

extension ONNXTensor {
  fileprivate var message: ProtobufMessage {
    var message = ProtobufMessage()
    for length in shape { message.append(1, length) }
    message.append(2, type.rawValue)
    message.append(8, name)
    message.append(9, bytes)
    return message
  }
}

extension ONNXPort {
  /// A `ValueInfoProto` with a tensor's type.
  fileprivate var message: ProtobufMessage {
    var message = ProtobufMessage()
    message.append(1, name)
    message.append(2) { typeMessage in
      typeMessage.append(1) { tensor in
        tensor.append(1, type.rawValue)
        tensor.append(2) { shapeMessage in
          for dimension in shape {
            shapeMessage.append(1) { length in
              switch dimension {
              case .length(let value): length.append(1, value)
              case .symbol(let name): length.append(2, name)
              }
            }
          }
        }
      }
    }
    return message
  }
}
