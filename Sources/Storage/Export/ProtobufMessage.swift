/// The bytes of one protobuf message, field after field.
///
/// A field is a varint with the field's number and its wire type, and then the value:
/// <https://protobuf.dev/programming-guides/encoding>. Repeated numbers are not packed, which every
/// reader of proto2 and proto3 accepts.
struct ProtobufMessage: Sendable {
  private(set) var bytes: [UInt8] = []

  /// How a value is stored; the raw value is its number in the format.
  private enum WireType: UInt64 {
    case varint = 0
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// Appends an integer, in as many groups of seven bits as it needs; a negative one takes ten.
  mutating func append(_ field: Int, _ value: Int64) {
    appendKey(field, .varint)
    appendVarint(UInt64(bitPattern: value))
  }

  /// Appends an integer.
  mutating func append(_ field: Int, _ value: Int) { append(field, Int64(value)) }

  /// Appends a number of single precision.
  mutating func append(_ field: Int, _ value: Float) {
    appendKey(field, .fixed32)
    bytes.appendLittleEndian(value.bitPattern)
  }

  /// Appends a text.
  mutating func append(_ field: Int, _ text: String) { append(field, Array(text.utf8)) }

  /// Appends raw bytes.
  mutating func append(_ field: Int, _ value: [UInt8]) {
    appendKey(field, .lengthDelimited)
    appendVarint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// Appends a message inside this one.
  mutating func append(_ field: Int, _ message: ProtobufMessage) { append(field, message.bytes) }

  /// Appends the message inside this one that `fill` fills.
  mutating func append(_ field: Int, _ fill: (inout ProtobufMessage) -> Void) {
    var message = ProtobufMessage()
    fill(&message)
    append(field, message)
  }

  private mutating func appendKey(_ field: Int, _ type: WireType) {
    appendVarint(UInt64(field) << 3 | type.rawValue)
  }

  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

extension [UInt8] {
  /// Appends an integer's bytes, the least significant first.
  mutating func appendLittleEndian<Integer: FixedWidthInteger>(_ value: Integer) {
    for shift in stride(from: 0, to: Integer.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
