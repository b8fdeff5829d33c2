import Ledger

/// A contract that can run on a chain: its calls and events have canonical bytes, and a chain's first
/// block says how it starts.
public protocol CodedContract: Contract
where Call: LedgerValue, Event: LedgerValue, Refusal: CustomStringConvertible {
  /// The name that the first block's second record begins with, as a text.
  static var application: String { get }

  /// The contract and its accounts as the first block has them.
  ///
  /// - Parameter records: of the first block, behind the chain's rules.
  static func start(
    records: [[UInt8]]
  ) throws(LedgerCodingError) -> (contract: Self, tokens: TokenAccounts)
}

/// What a block records of a contract: what was due when the block began, and what became of each call.
/// Together they are the audit trail.
public enum ContractRecord<Event: LedgerValue>: LedgerValue {
  /// Before the calls; only where something happened.
  case begun([Event], [TokenEvent])
  /// The call of the block's transaction with this number.
  case performed(UInt32, [Event], [TokenEvent])
  /// A call that was refused. It stays in the block, so that its sender's numbers go on and everybody
  /// sees what it sent. Why is not recorded: words may change, and blocks may not. Executing the block
  /// tells it (``ContractApplication/State/reasons``).
  case refused(UInt32)

  public func write(to writer: inout LedgerWriter) {
    switch self {
    case .begun(let events, let tokens):
      writer.byte(0)
      writer.values(events)
      writer.values(tokens)
    case .performed(let place, let events, let tokens):
      writer.byte(1)
      writer.word(place)
      writer.values(events)
      writer.values(tokens)
    case .refused(let place):
      writer.byte(2)
      writer.word(place)
    }
  }

  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    switch try reader.byte() {
    case 0:
      let events: [Event] = try reader.values(of: "events", size: 1)
      self = .begun(events, try reader.values(of: "token events", size: 1))
    case 1:
      let place = try reader.word()
      let events: [Event] = try reader.values(of: "events", size: 1)
      self = .performed(place, events, try reader.values(of: "token events", size: 1))
    case 2: self = .refused(try reader.word())
    default: throw .malformed("record of a contract")
    }
  }

  /// The events, whatever brought them about.
  public var events: [Event] {
    switch self {
    case .begun(let events, _), .performed(_, let events, _): events
    case .refused: []
    }
  }

  public var tokenEvents: [TokenEvent] {
    switch self {
    case .begun(_, let events), .performed(_, _, let events): events
    case .refused: []
    }
  }
}

extension ContractRecord: Equatable where Event: Equatable {}
