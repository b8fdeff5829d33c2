import Cryptography
import LinearAlgebra

extension NamedArrays {
  /// The arrays as bytes: names in order, little-endian numbers. Equal arrays give equal bytes.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    func count(_ value: Int) { append([UInt32(value)], to: &bytes) }
    func name(_ name: String) {
      count(name.utf8.count)
      bytes.append(contentsOf: name.utf8)
    }
    count(floats.count)
    for (key, values) in floats.sorted(by: { $0.key < $1.key }) {
      name(key)
      count(values.count)
      append(values.map(\.bitPattern), to: &bytes)
    }
    count(doubles.count)
    for (key, values) in doubles.sorted(by: { $0.key < $1.key }) {
      name(key)
      count(values.count)
      append(
        values.flatMap {
          [UInt32(truncatingIfNeeded: $0.bitPattern), UInt32($0.bitPattern >> 32)]
        },
        to: &bytes)
    }
    return bytes
  }

  /// SHA-256 of ``encoded``.
  public var digest: Digest { SHA256.hash(encoded) }

  /// Reads ``encoded``.
  ///
  /// - Throws: ``ResumeError`` for any other bytes.
  public init(decoding bytes: [UInt8]) throws {
    self.init()
    var position = 0
    func words(_ count: Int) throws -> [UInt32] {
      guard count >= 0, bytes.count - position >= 4 * count else {
        throw ResumeError.missing("end of the shared state")
      }
      defer { position += 4 * count }
      return LittleEndianWords.read(bytes.span, from: position, count: count)
    }
    func number() throws -> Int { Int(try words(1)[0]) }
    func name() throws -> String {
      let count = try number()
      guard bytes.count - position >= count else {
        throw ResumeError.missing("name in the shared state")
      }
      defer { position += count }
      return String(decoding: bytes[position..<position + count], as: UTF8.self)
    }
    for _ in 0..<(try number()) {
      let key = try name()
      floats[key] = try words(try number()).map(Float.init(bitPattern:))
    }
    for _ in 0..<(try number()) {
      let key = try name()
      let halves = try words(2 * (try number()))
      doubles[key] = stride(from: 0, to: halves.count, by: 2).map {
        Double(bitPattern: UInt64(halves[$0]) | UInt64(halves[$0 + 1]) << 32)
      }
    }
    guard position == bytes.count else { throw ResumeError.missing("end of the shared state") }
  }
}

private func append(_ words: [UInt32], to bytes: inout [UInt8]) {
  LittleEndianWords.append(words.span, to: &bytes)
}
