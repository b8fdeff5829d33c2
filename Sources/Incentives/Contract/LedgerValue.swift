import Ledger

/// A value with canonical bytes: one encoding for each value, and anything else is refused.
public protocol LedgerValue: Sendable {
  func write(to writer: inout LedgerWriter)
  init(from reader: inout LedgerReader) throws(LedgerCodingError)
}

extension LedgerValue {
  public var encoded: [UInt8] {
    var writer = LedgerWriter()
    write(to: &writer)
    return writer.bytes
  }

  /// - Throws: `LedgerCodingError` for anything but the bytes of one value.
  public init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    try self.init(from: &reader)
    try reader.finish()
  }
}

extension LedgerWriter {
  /// Values behind their number.
  mutating func values(_ values: [some LedgerValue]) {
    word(UInt32(values.count))
    for value in values { value.write(to: &self) }
  }
}

extension LedgerReader {
  /// - Parameter size: bytes of the shortest value.
  mutating func values<Value: LedgerValue>(
    of what: String, size: Int
  ) throws(LedgerCodingError) -> [Value] {
    let count = try count(of: what, size: size)
    var values: [Value] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try Value(from: &self)) }
    return values
  }
}
