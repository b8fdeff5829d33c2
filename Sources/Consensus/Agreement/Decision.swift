import Cryptography

/// What is being decided: one attempt at one sum, or who starts a run.
///
/// An epoch begins when a majority of the members has come together; it ends when so many are gone
/// that the rest cannot decide anything.
public struct Slot: Sendable, Hashable, Comparable {
  public var epoch: UInt32
  /// The number of the sum, from 0; ``assembly`` for the decision who starts.
  public var round: UInt32
  /// A round that was given up is tried again.
  public var attempt: UInt32

  public init(epoch: UInt32, round: UInt32, attempt: UInt32 = 0) {
    self.epoch = epoch
    self.round = round
    self.attempt = attempt
  }

  /// The round number that stands for the decision who starts an epoch.
  static let assembly = UInt32.max

  /// The slot in which it is decided who starts an epoch.
  static func assembly(_ epoch: UInt32) -> Slot { Slot(epoch: epoch, round: assembly) }

  public static func < (a: Slot, b: Slot) -> Bool {
    (a.epoch, a.round, a.attempt) < (b.epoch, b.round, b.attempt)
  }
}

/// What members decide together.
public struct Decision: Sendable, Hashable {
  /// Whose contributions are summed; empty when the attempt is given up, or nothing is summed. In
  /// the decision who starts an epoch: over whom alone its first round may be summed, because that
  /// sum may be known already; empty for anybody.
  public var contributors: MemberSet
  /// Who is expected in the next attempt or round.
  public var next: MemberSet
  /// The round that comes next.
  public var nextRound: UInt32
  /// In the decision who starts an epoch: whether the round before ``nextRound`` is given up for
  /// good. Nobody takes a sum of it any more.
  public var givesUp: Bool

  public init(
    contributors: MemberSet, next: MemberSet, nextRound: UInt32, givesUp: Bool = false
  ) {
    self.contributors = contributors
    self.next = next
    self.nextRound = nextRound
    self.givesUp = givesUp
  }
}

/// The bytes that a member signs. Every kind of statement starts with words of its own, and with
/// the network's digest, so that no signature can be taken for another.
enum Statement {
  static func lock(
    network: Digest, slot: Slot, ballot: UInt32, decision: Decision?
  ) -> [UInt8] {
    var bytes = ByteWriter()
    bytes.raw(Array("collabdict lock 1".utf8))
    bytes.raw(network.bytes)
    bytes.slot(slot)
    bytes.word(ballot)
    bytes.decision(decision)
    return bytes.bytes
  }

  static func finish(network: Digest, round: UInt32, state: Digest) -> [UInt8] {
    var bytes = ByteWriter()
    bytes.raw(Array("collabdict finish 1".utf8))
    bytes.raw(network.bytes)
    bytes.word(round)
    bytes.raw(state.bytes)
    return bytes.bytes
  }
}

/// Proof that a majority of the members decided: their signatures under one lock.
///
/// There cannot be two for different decisions in one slot as long as members sign what the
/// protocol lets them sign: any two majorities share a member, and see ``Agreement``.
public struct Certificate: Sendable, Hashable {
  public var slot: Slot
  public var ballot: UInt32
  public var decision: Decision
  /// Signatures by member, ascending.
  public var signatures: [MemberSignature]

  public init(slot: Slot, ballot: UInt32, decision: Decision, signatures: [MemberSignature]) {
    self.slot = slot
    self.ballot = ballot
    self.decision = decision
    self.signatures = signatures
  }

  /// What it settles of a round: whose contributions are its sum, nobody's where the round was given
  /// up. `nil` where an attempt was given up, or an epoch began and gave nothing up.
  public var settled: (round: UInt32, contributors: MemberSet)? {
    if slot.round == Slot.assembly {
      return decision.givesUp && decision.nextRound > 0
        ? (decision.nextRound - 1, MemberSet()) : nil
    }
    return decision.contributors.isEmpty ? nil : (slot.round, decision.contributors)
  }

  /// Whether what it settles has come to pass, as far as a member's record shows: a round that was
  /// certified may have been given up when the next epoch began. A later round of the same epoch
  /// shows that it was not.
  public func isConfirmed(by record: [Certificate]) -> Bool {
    if slot.round == Slot.assembly { return true }
    return record.contains {
      $0.slot.epoch == slot.epoch && $0.slot.round > slot.round && $0.slot.round != Slot.assembly
    }
  }

  /// Whether a majority of the members signed it.
  public func isValid(network: Digest, electorate: Electorate) -> Bool {
    let statement = Statement.lock(
      network: network, slot: slot, ballot: ballot, decision: decision)
    return electorate.isMajority(signatures, of: statement)
  }
}

/// Proof that a majority of the members ended a run with the same shared state.
public struct FinishCertificate: Sendable, Hashable {
  /// The number of sums of the run.
  public var round: UInt32
  /// SHA-256 of the shared state.
  public var state: Digest
  public var signatures: [MemberSignature]

  public init(round: UInt32, state: Digest, signatures: [MemberSignature]) {
    self.round = round
    self.state = state
    self.signatures = signatures
  }

  /// Whether a majority of the members signed it.
  public func isValid(network: Digest, electorate: Electorate) -> Bool {
    electorate.isMajority(
      signatures,
      of: Statement.finish(network: network, round: round, state: state))
  }
}

/// A member's signature.
public struct MemberSignature: Sendable, Hashable {
  public var member: Int
  public var signature: Signature

  public init(member: Int, signature: Signature) {
    self.member = member
    self.signature = signature
  }
}

/// Who may sign, with which keys.
public struct Electorate: Sendable {
  /// The members' keys by index; `nil` for those that have left.
  public var keys: [VerificationKey?]
  /// `false` only in simulations, whose honest members share one process: then all signatures count.
  public var verifies = true

  public init(keys: [VerificationKey?]) { self.keys = keys }

  /// Members that have not left.
  public var count: Int { keys.reduce(0) { $0 + ($1 == nil ? 0 : 1) } }

  /// The smallest number of members that is more than half of them.
  public var majority: Int { count / 2 + 1 }

  /// Whether a member signed a statement.
  public func isValid(_ signature: Signature, by member: Int, of statement: [UInt8]) -> Bool {
    guard keys.indices.contains(member), let key = keys[member] else { return false }
    return !verifies || key.isValid(signature, for: statement)
  }

  /// Whether enough different members signed a statement.
  func isMajority(_ signatures: [MemberSignature], of statement: [UInt8]) -> Bool {
    var signers = MemberSet()
    for one in signatures where isValid(one.signature, by: one.member, of: statement) {
      signers.insert(one.member)
    }
    return signers.count >= majority
  }
}
