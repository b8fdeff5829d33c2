import Consensus
import Cryptography
import Ledger

/// Somebody in a job: a role, and a number within it.
public struct OrderedNode: Sendable, Hashable, CustomStringConvertible {
  public enum Role: UInt8, Sendable, Hashable, CaseIterable { case client, endorser, orderer }

  public var role: Role
  public var index: Int

  public init(_ role: Role, _ index: Int) {
    self.role = role
    self.index = index
  }

  public var description: String { "\(role) \(index)" }
}

/// An endorser's vote for what it made of a block.
public struct OutcomeVote: Sendable, Equatable {
  public var outcome: Outcome
  public var endorser: Int
  public var signature: Signature
}

/// The latest dictionary, for a client: with the outcomes that it has not seen, each of which names
/// the one before, so that the votes for the last one vouch for all.
public struct DictionaryUpdate: Sendable, Equatable {
  /// Outcomes before the last, ascending, without gaps.
  public var before: [Outcome]
  public var latest: EndorsedOutcome
  /// The numbers of the learning, of which `latest` has the digest.
  public var numbers: [Double]
}

/// What is sent between clients, endorsers and orderers.
public enum OrderedMessage: Sendable, Equatable {
  /// To orderers.
  case transaction(StatisticsTransaction)
  /// Among orderers.
  case proposal(BlockProposal)
  case prepare(BlockVote)
  case commit(BlockVote)
  case change(ViewChange)
  /// A locked block.
  case block(Block)
  /// To orderers and endorsers.
  case vote(OutcomeVote)
  /// To clients.
  case update(DictionaryUpdate)
  /// Asks for what comes at a height: for blocks, or by a client for the outcome of one.
  case request(UInt64)
}

extension OrderedMessage {
  init(_ message: BlockAgreement.Message) {
    switch message {
    case .proposal(let proposal): self = .proposal(proposal)
    case .prepare(let vote): self = .prepare(vote)
    case .commit(let vote): self = .commit(vote)
    case .change(let change): self = .change(change)
    }
  }

  /// What it is among orderers, and of which height.
  var ordering: (message: BlockAgreement.Message, height: UInt64)? {
    switch self {
    case .proposal(let proposal): (.proposal(proposal), proposal.block.height)
    case .prepare(let vote): (.prepare(vote), vote.height)
    case .commit(let vote): (.commit(vote), vote.height)
    case .change(let change): (.change(change), change.height)
    default: nil
    }
  }
}

/// What a role asks of whoever drives it, in this order.
public enum OrderedEffect: Sendable {
  case send(OrderedMessage, to: OrderedNode)
  /// To be kept, in place of what was kept before, before anything is sent that follows: a role that
  /// starts again has to have it.
  case remember([UInt8])
  /// A locked block, to be added to the store.
  case append(Block)
  /// Blocks of the store to be sent, as many of these heights as there are.
  case supply(Range<Int>, to: OrderedNode)
  /// A transaction that an orderer does not take.
  case refused(TransactionError, from: OrderedNode)
  /// One line for a journal.
  case note(String)
}

/// Seconds that the roles wait.
public struct OrderedTiming: Sendable {
  /// An orderer for silent clients.
  public var collection = 2.0
  /// An orderer for the block of the one whose turn it is; doubled view by view, up to 16 times.
  public var view = 1.0
  /// Until something is said again.
  public var repetition = 0.5
  /// Without news until somebody else is asked.
  public var patience = 1.0

  public init() {}
}
