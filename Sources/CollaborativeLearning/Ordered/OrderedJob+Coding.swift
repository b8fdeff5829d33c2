import Cryptography
import Ledger

extension OrderedJob {
  private static let magic = "collabdict ordered job 1"

  /// The canonical bytes.
  var encoded: [UInt8] {
    var writer = LedgerWriter()
    writer.text(Self.magic)
    writer.text(name)
    writer.word(UInt32(variables))
    for keys in [clients, endorsers.keys, orderers.keys] {
      writer.word(UInt32(keys.count))
      for key in keys { writer.raw(key.bytes) }
    }
    for count in [
      endorsers.threshold, orderers.threshold, startPatterns, leastReports, roundLimit, trialLimit,
    ] { writer.word(UInt32(count)) }
    writer.long(timeWindow)
    writer.flag(cardinalityPenalty != nil)
    for number in [penalty, priorStrength, cardinalityPenalty ?? 0, fewestRows, tolerance] {
      writer.number(number)
    }
    return writer.bytes
  }

  init(_ reader: inout LedgerReader) throws(LedgerCodingError) {
    guard try reader.text() == Self.magic else { throw .malformed("beginning") }
    name = try reader.text()
    variables = Int(try reader.word())
    func keys(_ reader: inout LedgerReader) throws(LedgerCodingError) -> [VerificationKey] {
      let count = try reader.count(of: "keys", size: VerificationKey.byteCount)
      var keys: [VerificationKey] = []
      for _ in 0..<count {
        keys.append(VerificationKey(bytes: try reader.raw(VerificationKey.byteCount)))
      }
      return keys
    }
    clients = try keys(&reader)
    let endorserKeys = try keys(&reader)
    let ordererKeys = try keys(&reader)
    endorsers = Quorum(endorserKeys, threshold: Int(try reader.word()))
    orderers = Quorum(ordererKeys, threshold: Int(try reader.word()))
    startPatterns = Int(try reader.word())
    leastReports = Int(try reader.word())
    roundLimit = Int(try reader.word())
    trialLimit = Int(try reader.word())
    timeWindow = try reader.long()
    let hasPenalty = try reader.flag()
    penalty = try reader.number()
    priorStrength = try reader.number()
    let cardinality = try reader.number()
    cardinalityPenalty = hasPenalty ? cardinality : nil
    fewestRows = try reader.number()
    tolerance = try reader.number()
    if !hasPenalty && cardinality.bitPattern != 0 { throw .malformed("penalty") }
  }
}
