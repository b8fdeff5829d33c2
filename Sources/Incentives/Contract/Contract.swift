import Cryptography

/// A deterministic state machine over token accounts: calls in, events out.
public protocol Contract: Sendable {
  associatedtype Call: Sendable
  associatedtype Event: Sendable
  associatedtype Refusal: Error

  /// Does what is due when a block begins, before its calls: what no caller may choose the time of.
  /// Nothing, unless a contract says otherwise.
  mutating func begin(_ context: CallContext, _ tokens: inout TokenAccounts) -> [Event]

  /// Does what a caller asks for, all or nothing: a refused call changes nothing in the contract or the
  /// accounts.
  ///
  /// - Parameters:
  ///   - caller: who signed the call; nobody else can have made it.
  ///   - tokens: of all; the contract moves only what its rules say.
  /// - Returns: what happened, in its order: the audit trail.
  mutating func perform(
    _ call: Call, by caller: AccountAddress, in context: CallContext,
    _ tokens: inout TokenAccounts
  ) throws(Refusal) -> [Event]
}

extension Contract {
  public mutating func begin(_ context: CallContext, _ tokens: inout TokenAccounts) -> [Event] {
    []
  }
}

/// Where and when a call is made: that of its block.
public struct CallContext: Sendable, Hashable {
  /// Of the block in which the call stands. It never goes back.
  public var height: UInt64
  /// Milliseconds since 1 January 1970, UTC, by the miner's clock.
  public var time: UInt64
  /// The hash of the block before. No caller chooses it, and no caller knows it when it signs for a
  /// later block; a miner that finds one it does not like can throw it away, and the work with it.
  public var entropy: Digest

  public init(height: UInt64, time: UInt64, entropy: Digest) {
    self.height = height
    self.time = time
    self.entropy = entropy
  }
}
