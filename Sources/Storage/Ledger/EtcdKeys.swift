import Cryptography
import Ledger

/// The keys of a chain in an etcd cluster, and what stands under them.
///
/// - `prefix/head`: the kind of the chain, the number of its blocks and the hash of the last.
/// - `prefix/height/…`: the hash at each height, in 16 hexadecimal digits, so that they are in order.
/// - `prefix/block/…`, `prefix/content/…`: bytes by hash.
/// - `prefix/part/…`: parts of bytes that are too long for one value, by their digest, for contents
///   a tag of who wrote them, and their number.
///
/// Every value ends with a check sum over the key and what stands before.
struct EtcdKeys: Sendable {
  let prefix: String

  var head: String { prefix + "/head" }
  func height(_ height: Int) -> String {
    let digits = String(height, radix: 16)
    return heights + String(repeating: "0", count: 16 - digits.count) + digits
  }
  var heights: String { prefix + "/height/" }
  func block(_ hash: Digest) -> String { "\(prefix)/block/\(hash)" }
  func content(_ digest: Digest) -> String { "\(prefix)/content/\(digest)" }
  /// What the parts of contents start with, whatever their tag. No part of a block does.
  func taggedParts(_ digest: Digest) -> String { "\(prefix)/part/\(digest)." }
  /// What parts with a tag, or those without one, start with.
  func parts(_ digest: Digest, tag: String?) -> String {
    if let tag { return taggedParts(digest) + tag + "/" }
    return "\(prefix)/part/\(digest)/"
  }
  func part(_ digest: Digest, tag: String?, _ number: Int) -> String {
    parts(digest, tag: tag) + String(number, radix: 16)
  }

  /// The height that a key of `heights` names.
  func height(ofKey key: [UInt8]) -> Int? {
    let start = Array(heights.utf8)
    guard key.starts(with: start), key.count == start.count + 16 else { return nil }
    return Int(String(decoding: key[start.count...], as: UTF8.self), radix: 16)
  }
}

/// What stands under a key.
enum EtcdValue: Equatable {
  case head(kind: String, count: Int, hash: Digest)
  case hash(Digest)
  case bytes([UInt8])
  /// The bytes are cut into parts of this size; the last may be shorter. Those of a block have no
  /// tag, nor have contents that were written before each writing had one.
  case parts(digest: Digest, tag: String?, count: Int, size: Int)
  case pruned(count: Int, reason: String)

  private static let checkSize = 8

  private static func check(_ key: String, _ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(Array(key.utf8))
    hash.update(bytes)
    return Array(hash.finalise().bytes.prefix(checkSize))
  }

  func encoded(for key: String) -> [UInt8] {
    var writer = LedgerWriter()
    switch self {
    case .head(let kind, let count, let hash):
      writer.byte(1)
      writer.text(kind)
      writer.long(UInt64(count))
      writer.digest(hash)
    case .hash(let digest):
      writer.byte(2)
      writer.digest(digest)
    case .bytes(let bytes):
      writer.byte(3)
      writer.blob(bytes)
    case .parts(let digest, let tag, let count, let size):
      writer.byte(tag == nil ? 4 : 6)
      writer.digest(digest)
      if let tag { writer.text(tag) }
      writer.long(UInt64(count))
      writer.long(UInt64(size))
    case .pruned(let count, let reason):
      writer.byte(5)
      writer.long(UInt64(count))
      writer.text(reason)
    }
    return writer.bytes + Self.check(key, writer.bytes)
  }

  /// - Throws: ``LedgerCodingError``.
  init(decoding bytes: [UInt8], of key: String) throws(LedgerCodingError) {
    guard bytes.count >= Self.checkSize else { throw .truncated }
    let body = Array(bytes.dropLast(Self.checkSize))
    guard Self.check(key, body) == Array(bytes.suffix(Self.checkSize)) else {
      throw .malformed("check sum")
    }
    var reader = LedgerReader(body)
    func number() throws(LedgerCodingError) -> Int {
      guard let number = Int(exactly: try reader.long()) else { throw .malformed("number") }
      return number
    }
    switch try reader.byte() {
    case 1:
      self = .head(kind: try reader.text(), count: try number(), hash: try reader.digest())
    case 2: self = .hash(try reader.digest())
    case 3: self = .bytes(try reader.blob())
    case 4:
      self = .parts(
        digest: try reader.digest(), tag: nil, count: try number(), size: try number())
    case 5: self = .pruned(count: try number(), reason: try reader.text())
    case 6:
      self = .parts(
        digest: try reader.digest(), tag: try reader.text(), count: try number(),
        size: try number())
    default: throw .malformed("kind of value")
    }
    try reader.finish()
  }
}
