/// Why some bytes are no frame.
public enum FrameError: Error, Hashable, Sendable {
  /// Fewer bytes than a header has.
  case tooShort(Int)
  case wrongMagic
  case wrongVersion(UInt8)
  case wrongKind(UInt8)
  /// A byte that must be zero is not.
  case wrongReserve
  /// The payload is not as long as the header says.
  case lengthMismatch(declared: Int, actual: Int)
  /// The payload is longer than the receiver takes.
  case oversized(Int)
}

extension FrameError: CustomStringConvertible {
  /// What was wrong, in words.
  public var description: String {
    switch self {
    case .tooShort(let count): "a frame of \(count) bytes, fewer than the 48 of its header"
    case .wrongMagic: "bytes that are no frame"
    case .wrongVersion(let version): "a frame of version \(version) instead of 1"
    case .wrongKind(let kind): "a frame of the unknown kind \(kind)"
    case .wrongReserve: "a frame with something where nothing may be"
    case .lengthMismatch(let declared, let actual):
      "a frame with \(actual) bytes of payload instead of \(declared)"
    case .oversized(let count): "a frame with \(count) bytes of payload, more than allowed"
    }
  }
}

extension FrameHeader {
  /// The longest payload that is decoded unless the caller says otherwise: 64 MiB.
  public static let largestPayload = 64 << 20

  /// The header at the start of a whole frame.
  ///
  /// - Parameters:
  ///   - bytes: the frame, to the end of its payload.
  ///   - maximumPayloadBytes: longer payloads are refused.
  public static func decode(
    _ bytes: Span<UInt8>, maximumPayloadBytes: Int = largestPayload
  ) throws(FrameError) -> FrameHeader {
    guard bytes.count >= byteCount else { throw .tooShort(bytes.count) }
    for i in 0..<4 where bytes[i] != magic[i] { throw .wrongMagic }
    guard bytes[4] == version else { throw .wrongVersion(bytes[4]) }
    guard let kind = FrameKind(rawValue: bytes[5]) else { throw .wrongKind(bytes[5]) }
    guard bytes[7] == 0, take(UInt32.self, at: 44, of: bytes) == 0 else { throw .wrongReserve }
    let declared = take(UInt32.self, at: 40, of: bytes)
    let actual = bytes.count - byteCount
    // What is there counts: a frame may not claim little and be long, either.
    guard actual <= maximumPayloadBytes else { throw .oversized(actual) }
    guard Int(declared) == actual else {
      throw .lengthMismatch(declared: Int(declared), actual: actual)
    }
    return FrameHeader(
      kind: kind, hops: bytes[hopsOffset], network: take(UInt64.self, at: 8, of: bytes),
      origin: take(UInt32.self, at: 16, of: bytes),
      destination: take(UInt32.self, at: 20, of: bytes),
      incarnation: take(UInt64.self, at: 24, of: bytes),
      number: take(UInt64.self, at: 32, of: bytes), payloadByteCount: declared)
  }

  /// The header at the start of a whole frame.
  public static func decode(
    _ bytes: [UInt8], maximumPayloadBytes: Int = largestPayload
  ) throws(FrameError) -> FrameHeader {
    try decode(bytes.span, maximumPayloadBytes: maximumPayloadBytes)
  }
}

/// Reads a number in little-endian order.
private func take<T: FixedWidthInteger & UnsignedInteger>(
  _ type: T.Type, at start: Int, of bytes: Span<UInt8>
) -> T {
  var value: T = 0
  for i in 0..<T.bitWidth / 8 { value |= T(bytes[start + i]) << T(8 * i) }
  return value
}
