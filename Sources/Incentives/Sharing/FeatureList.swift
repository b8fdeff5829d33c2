import Ledger

/// Which of many features a sample has: their numbers, sorted, each once. The most frequent words of a
/// text, for example (Ding and Hu 2022, Sec. III-B).
public struct FeatureList: Sendable, Hashable {
  public let numbers: [UInt16]

  /// - Precondition: sorted numbers, each once.
  public init(_ numbers: [UInt16]) {
    precondition(Self.isSound(numbers), "\(numbers.count) features that are not sorted, each once")
    self.numbers = numbers
  }

  private static func isSound(_ numbers: [UInt16]) -> Bool {
    numbers.indices.dropFirst().allSatisfy { numbers[$0 - 1] < numbers[$0] }
  }
}

extension FeatureList: LedgerValue {
  public func write(to writer: inout LedgerWriter) {
    writer.word(UInt32(numbers.count))
    for number in numbers {
      writer.byte(UInt8(truncatingIfNeeded: number))
      writer.byte(UInt8(truncatingIfNeeded: number >> 8))
    }
  }

  /// - Throws: `LedgerCodingError` for numbers out of order or repeated as well: equal samples have equal
  ///   bytes.
  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    let count = try reader.count(of: "features", size: 2)
    var numbers: [UInt16] = []
    numbers.reserveCapacity(count)
    for _ in 0..<count {
      let low = try reader.byte()
      numbers.append(UInt16(low) | UInt16(try reader.byte()) << 8)
    }
    guard Self.isSound(numbers) else { throw .malformed("order of features") }
    self.numbers = numbers
  }
}

extension Bool: LedgerValue {
  public func write(to writer: inout LedgerWriter) { writer.flag(self) }
  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    self = try reader.flag()
  }
}
