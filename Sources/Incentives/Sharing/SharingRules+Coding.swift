import Ledger

extension SharingRules: LedgerValue {
  private static let version: UInt8 = 1

  public func write(to writer: inout LedgerWriter) {
    writer.byte(Self.version)
    for number in [token, costWeight, refundTime, anyTime] { writer.long(number) }
    writer.byte(lock == .deposit ? 0 : 1)
    writer.long(entropyWeight)
    writer.long(probation)
    for limit in [goodPerBad, storageLimit] {
      writer.flag(limit != nil)
      if let limit { writer.long(limit) }
    }
  }

  /// - Throws: `LedgerCodingError` for rules with a ``problem`` as well.
  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    guard try reader.byte() == Self.version else { throw .malformed("version of the rules") }
    token = try reader.long()
    costWeight = try reader.long()
    refundTime = try reader.long()
    anyTime = try reader.long()
    switch try reader.byte() {
    case 0: lock = .deposit
    case 1: lock = .cost
    default: throw .malformed("rule of what is locked")
    }
    entropyWeight = try reader.long()
    probation = try reader.long()
    goodPerBad = try reader.flag() ? try reader.long() : nil
    storageLimit = try reader.flag() ? try reader.long() : nil
    if let problem { throw .malformed("set of rules: \(problem)") }
  }
}
