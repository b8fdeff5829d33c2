import Cryptography
import LinearAlgebra

/// Writes the fixed binary layout: little-endian, no padding, counts before what is counted.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  init(reserving count: Int = 0) { bytes.reserveCapacity(count) }

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func word(_ value: UInt32) {
    bytes.append(UInt8(truncatingIfNeeded: value))
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    bytes.append(UInt8(truncatingIfNeeded: value >> 16))
    bytes.append(UInt8(truncatingIfNeeded: value >> 24))
  }

  mutating func raw(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  mutating func words(_ values: [UInt32]) {
    word(UInt32(values.count))
    LittleEndianWords.append(values.span, to: &bytes)
  }

  mutating func set(_ set: MemberSet) {
    byte(UInt8(set.words.count >> 8))
    byte(UInt8(set.words.count & 255))
    for bits in set.words {
      word(UInt32(truncatingIfNeeded: bits))
      word(UInt32(truncatingIfNeeded: bits >> 32))
    }
  }

  mutating func slot(_ slot: Slot) {
    word(slot.epoch)
    word(slot.round)
    word(slot.attempt)
  }

  mutating func decision(_ decision: Decision?) {
    guard let decision else { return byte(0) }
    byte(decision.givesUp ? 2 : 1)
    set(decision.contributors)
    set(decision.next)
    word(decision.nextRound)
  }

  mutating func signatures(_ signatures: [MemberSignature]) {
    word(UInt32(signatures.count))
    for one in signatures {
      word(UInt32(one.member))
      raw(one.signature.bytes)
    }
  }
}

/// Why bytes are no message.
public enum MessageError: Error, Hashable, CustomStringConvertible {
  case truncated
  case trailingBytes
  case unknownKind(UInt8)
  case tooMany(String)
  case malformed(String)

  public var description: String {
    switch self {
    case .truncated: "the message ends early"
    case .trailingBytes: "the message has bytes behind its end"
    case .unknownKind(let kind): "there are no messages of kind \(kind)"
    case .tooMany(let what): "the message has too many \(what)"
    case .malformed(let what): "the message has a malformed \(what)"
    }
  }
}

/// Reads the fixed binary layout. What a count promises is checked against what is there before any
/// memory is taken for it.
struct ByteReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var remaining: Int { bytes.count - position }

  mutating func byte() throws(MessageError) -> UInt8 {
    guard remaining >= 1 else { throw .truncated }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func word() throws(MessageError) -> UInt32 {
    guard remaining >= 4 else { throw .truncated }
    defer { position += 4 }
    return UInt32(bytes[position]) | UInt32(bytes[position + 1]) << 8
      | UInt32(bytes[position + 2]) << 16 | UInt32(bytes[position + 3]) << 24
  }

  mutating func raw(_ count: Int) throws(MessageError) -> [UInt8] {
    guard remaining >= count else { throw .truncated }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  /// Field elements: each below the prime.
  mutating func elements() throws(MessageError) -> [UInt32] {
    let count = Int(try word())
    guard remaining >= 4 * count else { throw .truncated }
    defer { position += 4 * count }
    let words = LittleEndianWords.read(bytes.span, from: position, count: count)
    guard PrimeFieldVectors.firstOther(in: words.span) == nil else {
      throw .malformed("field element")
    }
    return words
  }

  mutating func member() throws(MessageError) -> Int {
    let member = Int(try word())
    guard member < MemberSet.capacity else { throw .malformed("member") }
    return member
  }

  mutating func set() throws(MessageError) -> MemberSet {
    let count = Int(try byte()) << 8 | Int(try byte())
    guard count <= MemberSet.capacity / 64 else { throw .tooMany("members") }
    guard remaining >= 8 * count else { throw .truncated }
    var words: [UInt64] = []
    for _ in 0..<count {
      let low = UInt64(try word())
      words.append(low | UInt64(try word()) << 32)
    }
    if let last = words.last, last == 0 { throw .malformed("set") }
    return MemberSet(words: words)
  }

  mutating func slot() throws(MessageError) -> Slot {
    let epoch = try word()
    let round = try word()
    return Slot(epoch: epoch, round: round, attempt: try word())
  }

  mutating func decision() throws(MessageError) -> Decision? {
    let kind = try byte()
    guard kind <= 2 else { throw .malformed("decision") }
    if kind == 0 { return nil }
    let contributors = try set()
    let next = try set()
    return Decision(
      contributors: contributors, next: next, nextRound: try word(), givesUp: kind == 2)
  }

  mutating func digest() throws(MessageError) -> Digest {
    Digest(bytes: try raw(Digest.byteCount))
  }

  mutating func signature() throws(MessageError) -> Signature {
    Signature(bytes: try raw(Signature.byteCount))
  }

  mutating func signatures() throws(MessageError) -> [MemberSignature] {
    let count = Int(try word())
    guard remaining >= count * (4 + Signature.byteCount) else { throw .truncated }
    var signatures: [MemberSignature] = []
    signatures.reserveCapacity(count)
    for _ in 0..<count {
      let member = try member()
      signatures.append(MemberSignature(member: member, signature: try signature()))
    }
    return signatures
  }

  consuming func finish() throws(MessageError) {
    if remaining != 0 { throw .trailingBytes }
  }
}
