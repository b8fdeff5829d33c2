import Cryptography

/// Writes the canonical layout of what is hashed, signed and kept: little-endian, no padding, counts
/// before what is counted. A value has one encoding only.
public struct LedgerWriter {
  public private(set) var bytes: [UInt8] = []

  public init(reserving count: Int = 0) { bytes.reserveCapacity(count) }

  public mutating func byte(_ value: UInt8) { bytes.append(value) }

  public mutating func word(_ value: UInt32) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  public mutating func long(_ value: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  public mutating func flag(_ value: Bool) { byte(value ? 1 : 0) }

  /// The bits of an IEEE double.
  public mutating func number(_ value: Double) { long(value.bitPattern) }

  public mutating func numbers(_ values: [Double]) {
    word(UInt32(values.count))
    bytes.reserveCapacity(bytes.count + 8 * values.count)
    for value in values { number(value) }
  }

  public mutating func raw(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  /// Bytes behind their count.
  public mutating func blob(_ more: [UInt8]) {
    word(UInt32(more.count))
    raw(more)
  }

  public mutating func text(_ text: String) { blob(Array(text.utf8)) }

  public mutating func digest(_ digest: Digest) { raw(digest.bytes) }

  public mutating func block(_ block: Block) {
    long(block.height)
    digest(block.previous)
    long(block.time)
    blob(block.payload)
    blob(block.seal)
  }
}

/// Why bytes are not what they should be.
public enum LedgerCodingError: Error, Hashable, CustomStringConvertible {
  case truncated
  case trailingBytes(Int)
  case malformed(String)

  public var description: String {
    switch self {
    case .truncated: "the bytes end early"
    case .trailingBytes(let count): "\(count) bytes stand behind the end"
    case .malformed(let what): "the bytes have a malformed \(what)"
    }
  }
}

/// Reads what ``LedgerWriter`` wrote. What a count promises is checked against what is there before
/// any memory is taken for it.
public struct LedgerReader {
  private let bytes: [UInt8]
  private var position = 0

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public var remaining: Int { bytes.count - position }

  private mutating func take(_ count: Int) throws(LedgerCodingError) -> Int {
    guard count >= 0, remaining >= count else { throw .truncated }
    defer { position += count }
    return position
  }

  public mutating func byte() throws(LedgerCodingError) -> UInt8 { bytes[try take(1)] }

  public mutating func word() throws(LedgerCodingError) -> UInt32 {
    let start = try take(4)
    return (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
  }

  public mutating func long() throws(LedgerCodingError) -> UInt64 {
    let start = try take(8)
    var value: UInt64 = 0
    for i in 0..<8 { value |= UInt64(bytes[start + i]) << (8 * UInt64(i)) }
    return value
  }

  public mutating func flag() throws(LedgerCodingError) -> Bool {
    let value = try byte()
    guard value <= 1 else { throw .malformed("truth value") }
    return value == 1
  }

  public mutating func number() throws(LedgerCodingError) -> Double {
    Double(bitPattern: try long())
  }

  /// A count of things of at least `size` bytes each.
  ///
  /// - Parameter limit: the most there may be.
  public mutating func count(
    of what: String, size: Int, limit: Int = .max
  ) throws(LedgerCodingError) -> Int {
    let count = Int(try word())
    guard count <= limit else { throw .malformed("number of \(what)") }
    guard remaining / max(1, size) >= count else { throw .truncated }
    return count
  }

  public mutating func numbers() throws(LedgerCodingError) -> [Double] {
    let count = try count(of: "numbers", size: 8)
    var values: [Double] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try number()) }
    return values
  }

  public mutating func raw(_ count: Int) throws(LedgerCodingError) -> [UInt8] {
    let start = try take(count)
    return Array(bytes[start..<start + count])
  }

  public mutating func blob(limit: Int = Block.largestPart) throws(LedgerCodingError) -> [UInt8] {
    try raw(try count(of: "bytes", size: 1, limit: limit))
  }

  public mutating func text(limit: Int = 4096) throws(LedgerCodingError) -> String {
    guard let text = String(validating: try blob(limit: limit), as: UTF8.self) else {
      throw .malformed("text")
    }
    return text
  }

  public mutating func digest() throws(LedgerCodingError) -> Digest {
    Digest(bytes: try raw(Digest.byteCount))
  }

  public mutating func block() throws(LedgerCodingError) -> Block {
    let height = try long()
    let previous = try digest()
    let time = try long()
    let payload = try blob()
    return Block(
      height: height, previous: previous, time: time, payload: payload, seal: try blob())
  }

  public consuming func finish() throws(LedgerCodingError) {
    if remaining != 0 { throw .trailingBytes(remaining) }
  }
}
