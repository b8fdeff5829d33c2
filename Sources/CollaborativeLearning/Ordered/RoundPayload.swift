import Ledger

/// What a block of the chain settles: the outcome of the block before it, with the votes for it, and
/// the local statistics of one round, {θˢ} of CollabDict 2018, Sec. IV-C. The last block of a chain
/// has an outcome that concludes the job, and no statistics.
public struct RoundPayload: Sendable, Equatable {
  /// What is known of a client in a round.
  public enum Entry: Sendable, Equatable {
    /// Never heard of so far.
    case absent
    /// Silent: what it reported in the block of that height counts again.
    case recycled(from: UInt64)
    case reported(StatisticsTransaction)
  }

  /// Who put the block together.
  public var orderer: Int
  /// Of the block before; `nil` in the block behind the first.
  public var outcome: EndorsedOutcome?
  /// By client; empty in the last block.
  public var entries: [Entry]

  public init(orderer: Int, outcome: EndorsedOutcome?, entries: [Entry]) {
    self.orderer = orderer
    self.outcome = outcome
    self.entries = entries
  }

  public var isLast: Bool { outcome.map { $0.outcome.conclusion != .goesOn } ?? false }

  var encoded: [UInt8] {
    var writer = LedgerWriter()
    writer.text("collabdict round 1")
    writer.member(orderer)
    writer.flag(outcome != nil)
    outcome?.write(to: &writer)
    writer.word(UInt32(entries.count))
    for entry in entries {
      switch entry {
      case .absent: writer.byte(0)
      case .recycled(let height):
        writer.byte(1)
        writer.long(height)
      case .reported(let transaction):
        writer.byte(2)
        transaction.write(to: &writer)
      }
    }
    return writer.bytes
  }

  /// - Throws: `LedgerCodingError`.
  public init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    guard try reader.text() == "collabdict round 1" else { throw .malformed("beginning") }
    orderer = try reader.member()
    outcome = try reader.flag() ? try EndorsedOutcome(&reader) : nil
    let count = try reader.count(of: "entries", size: 1, limit: OrderedJob.mostMembers)
    entries = []
    for _ in 0..<count {
      switch try reader.byte() {
      case 0: entries.append(.absent)
      case 1: entries.append(.recycled(from: try reader.long()))
      case 2: entries.append(.reported(try StatisticsTransaction(&reader)))
      default: throw .malformed("entry")
      }
    }
    try reader.finish()
  }
}
