/// What travels between members: a header and a payload. Neither is code, and nothing in them is
/// ever executed or looked up by name.
public struct Frame: Sendable, Hashable {
  /// The header. Its count of payload bytes is that of `payload`.
  public let header: FrameHeader
  public let payload: [UInt8]

  /// A frame; the header's count of payload bytes is set to that of the payload.
  ///
  /// - Precondition: fewer than 2³² bytes of payload.
  public init(_ header: FrameHeader, payload: [UInt8]) {
    var header = header
    header.payloadByteCount = UInt32(payload.count)
    self.header = header
    self.payload = payload
  }

  /// The frame as bytes: 48 and the payload's.
  public func encode() -> [UInt8] {
    var bytes = header.encode()
    bytes.append(contentsOf: payload)
    return bytes
  }

  /// The frame that some bytes are.
  ///
  /// - Parameter maximumPayloadBytes: longer payloads are refused before any memory is taken.
  public static func decode(
    _ bytes: [UInt8], maximumPayloadBytes: Int = FrameHeader.largestPayload
  ) throws(FrameError) -> Frame {
    let header = try FrameHeader.decode(bytes, maximumPayloadBytes: maximumPayloadBytes)
    return Frame(header, payload: Array(bytes[FrameHeader.byteCount...]))
  }
}
