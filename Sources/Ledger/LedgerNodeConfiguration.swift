import Cryptography

/// How a member of a mined chain behaves. Times are in seconds.
public struct LedgerNodeConfiguration: Sendable {
  /// Who mines here; `nil` for a member that only follows.
  public var miner: MinerInformation?
  /// The height of the chain at which the node neither asks for nonces nor takes blocks that were
  /// found here, until the chain is lower again; `nil` for a miner without an end.
  public var lastMinedHeight: Int?
  /// Between two words about where one stands.
  public var statusInterval = 2.0
  /// Until something that was asked for counts as lost.
  public var requestTimeout = 2.0
  /// Between two templates on the same head, when new transactions wait.
  public var templateInterval = 0.25
  /// Until a template is dated anew.
  public var templateAge = 5.0
  /// Blocks that one peer is asked for at the same time.
  public var blocksInFlight = 16
  /// Recent states that are kept for reorganisations.
  public var keptStates = 64
  /// Headers whose blocks are not stored, at most; see ``BlockTree/sideLimit``.
  public var sideLimit = 20_000
  public var pool = TransactionPool.Limits()
  /// Bytes of one content, at most, and of a piece of it.
  public var contentLimit = 1 << 30
  public var pieceBytes = 1 << 18
  /// Broken rules after which a peer is not listened to for a while.
  public var faultLimit = 10
  public var ignoringTime = 60.0

  public init(miner: MinerInformation? = nil) { self.miner = miner }
}

/// What a ``LedgerNode`` asks its surroundings to do, or tells them.
public enum LedgerEffect: Sendable {
  case send(LedgerMessage, to: Int)
  /// Search a nonce for this block, in the place of any earlier one; then
  /// ``LedgerNode/mined(_:now:)``.
  case mine(MinedBlock)
  /// The head is another one.
  case moved(LedgerMove)
  case contentArrived(Digest)
  /// A block that a peer gave breaks a rule.
  case refused(ChainFault, from: Int?)
  /// A peer's chain is another network's.
  case foreign(peer: Int, network: Digest)
}

/// A change of a chain's head.
public struct LedgerMove: Sendable, Hashable {
  /// Blocks that are no longer on the chain, the newest first.
  public var undone: [Digest]
  /// Blocks that are on it now, the oldest first.
  public var done: [Digest]
}

/// What a node knows of another.
struct LedgerPeer {
  /// The heaviest header that it has shown.
  var best: Digest?
  var isForeign = false
  var faults = 0
  var ignoredUntil = -Double.infinity
  /// Not asked for blocks before this time.
  var stalledUntil = -Double.infinity
  /// Requests in a row that it left unanswered.
  var stalls = 0
  /// Blocks that it was asked for, and until when.
  var inFlight: [Digest: Double] = [:]
  /// Transactions that it was asked for, and until when.
  var asked: [Digest: Double] = [:]
  var headersAskedAt = -Double.infinity
  /// It has headers behind this one, which are asked for when more blocks are here.
  var moreHeadersBehind: Digest?

  mutating func stall(now: Double, _ timeout: Double) {
    stalls += 1
    stalledUntil = now + timeout * Double(min(stalls - 1, 8))
  }
}
