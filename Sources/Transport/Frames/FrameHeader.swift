/// What a frame is for.
public enum FrameKind: UInt8, Sendable, CaseIterable {
  /// A message over the connection of its two members.
  case direct = 0
  /// A message that others hand on without being able to read it.
  case sealed = 1
  /// A question for a node's state.
  case statusRequest = 2
  /// The answer to it.
  case statusReply = 3
}

/// The first 48 bytes of a frame, all numbers little-endian:
///
/// | byte | bytes | field |
/// |---|---|---|
/// | 0 | 4 | `CDCT` |
/// | 4 | 1 | version, 1 |
/// | 5 | 1 | kind, 0 to 3 |
/// | 6 | 1 | hops: how many members have handed the frame on |
/// | 7 | 1 | 0 |
/// | 8 | 8 | network |
/// | 16 | 4 | origin |
/// | 20 | 4 | destination |
/// | 24 | 8 | incarnation |
/// | 32 | 8 | number |
/// | 40 | 4 | bytes of the payload, which follows |
/// | 44 | 4 | 0 |
public struct FrameHeader: Sendable, Hashable {
  /// The bytes of a header.
  public static let byteCount = 48
  /// Where the count of hops stands: the only byte that changes on the way.
  static let hopsOffset = 6
  static let magic: [UInt8] = [0x43, 0x44, 0x43, 0x54]
  static let version: UInt8 = 1

  public var kind: FrameKind
  /// How many members have handed the frame on.
  public var hops: UInt8
  /// The first 8 bytes of the network file's digest.
  public var network: UInt64
  /// The index of the member who wrote the frame.
  public var origin: UInt32
  /// The index of the member for whom it is.
  public var destination: UInt32
  /// A random number that the origin's process chose when it started.
  public var incarnation: UInt64
  /// Counts an incarnation's frames to one destination, from 1.
  public var number: UInt64
  /// The bytes of the payload.
  public var payloadByteCount: UInt32

  public init(
    kind: FrameKind, hops: UInt8 = 0, network: UInt64, origin: UInt32, destination: UInt32,
    incarnation: UInt64, number: UInt64, payloadByteCount: UInt32
  ) {
    self.kind = kind
    self.hops = hops
    self.network = network
    self.origin = origin
    self.destination = destination
    self.incarnation = incarnation
    self.number = number
    self.payloadByteCount = payloadByteCount
  }

  /// Writes the header into the first 48 elements. The payload can then be put behind it where the
  /// frame will be sent from, so that it is copied only once.
  ///
  /// - Precondition: at least 48 elements.
  public func write(into bytes: inout MutableSpan<UInt8>) {
    precondition(
      bytes.count >= Self.byteCount, "room for \(bytes.count) bytes instead of a header's 48")
    for i in 0..<4 { bytes[i] = Self.magic[i] }
    bytes[4] = Self.version
    bytes[5] = kind.rawValue
    bytes[Self.hopsOffset] = hops
    bytes[7] = 0
    put(network, at: 8, of: &bytes)
    put(origin, at: 16, of: &bytes)
    put(destination, at: 20, of: &bytes)
    put(incarnation, at: 24, of: &bytes)
    put(number, at: 32, of: &bytes)
    put(payloadByteCount, at: 40, of: &bytes)
    put(UInt32(0), at: 44, of: &bytes)
  }

  /// The header's 48 bytes.
  public func encode() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.byteCount)
    var span = bytes.mutableSpan
    write(into: &span)
    return bytes
  }
}

/// Writes a number in little-endian order.
private func put<T: FixedWidthInteger & UnsignedInteger>(
  _ value: T, at start: Int, of bytes: inout MutableSpan<UInt8>
) {
  for i in 0..<T.bitWidth / 8 {
    bytes[start + i] = UInt8(truncatingIfNeeded: value >> T(8 * i))
  }
}
