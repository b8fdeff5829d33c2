import Consensus
import Cryptography

/// A participant that takes part in a network: does what its ``ConsensusNode`` asks for, one thing
/// after the other. The node may run on another thread; what it needs to know comes back as replies.
public struct NetworkParticipant<Participant: CollaborativeParticipant> {
  /// What the node has to be told.
  public enum Reply: Sendable {
    case contribution([UInt32], round: UInt32)
    case offer(Digest, to: Int)
    case state([UInt8], to: Int)
    /// The last sum has been taken.
    case finish(Digest, round: UInt32)
  }

  /// What has happened, for those who keep a record of the run.
  public enum Event: Sendable {
    /// A sum was taken, or a round without one was left (``RoundSum/skipped(_:)``).
    case sum(RoundSum)
    /// The state is another one: rounds were missed.
    case adopted
    case decided(Certificate)
    case finished(FinishCertificate)
    case note(String)
  }

  public private(set) var participant: Participant
  /// This member's index.
  public let own: Int
  /// The round that comes next.
  public private(set) var round: UInt32
  /// The epoch of the last decision.
  public private(set) var epoch: UInt32
  /// Whose contributions were summed, by round, as far as this member knows.
  public private(set) var contributorLog: [UInt32: MemberSet] = [:]
  /// The round of a local update whose sum is not known yet.
  private var pending: UInt32?

  /// - Parameters:
  ///   - round: the round that comes next for the participant.
  ///   - epoch: the last epoch that it took part in.
  public init(_ participant: Participant, own: Int, round: UInt32 = 0, epoch: UInt32 = 0) {
    self.participant = participant
    self.own = own
    self.round = round
    self.epoch = epoch
  }

  public var isFinished: Bool { participant.isFinished }

  /// Takes note of a decision that is known from a record.
  public mutating func remember(_ certificate: Certificate) {
    guard let (round, contributors) = certificate.settled else { return }
    contributorLog[round] = contributors
  }

  /// Goes through a round again that is known from a record.
  public mutating func replay(_ sum: RoundSum) throws {
    if sum.contributors.isEmpty {
      try participant.skip()
    } else {
      if sum.wasCounted { _ = try participant.localUpdate() }
      try participant.optimise(sum.elements, contributors: sum.contributors.count)
    }
    contributorLog[sum.round] = sum.contributors
    round = sum.round + 1
  }

  /// Does what an effect asks the participant for.
  ///
  /// - Returns: what the node has to be told.
  /// - Throws: ``ParticipantFailure`` or whatever the participant throws: it cannot go on.
  public mutating func perform(
    _ effect: ConsensusNode.Effect, _ note: (Event, borrowing Self) throws -> Void
  ) throws -> [Reply] {
    switch effect {
    case .send: return []
    case .begin(let round):
      if participant.isFinished { return [] }
      // A round that starts anew after all were gone: what was contributed to it never counted.
      if pending != nil { participant.withdraw() }
      pending = round
      return [.contribution(try participant.localUpdate(), round: round)]
    case .withdraw(let round):
      if pending == round {
        participant.withdraw()
        pending = nil
      }
      return []
    case .skip(let round):
      if pending != nil { participant.withdraw() }
      pending = nil
      try participant.skip()
      self.round = round + 1
      try note(.sum(.skipped(round)), self)
      return finishReply
    case .sum(let sum):
      pending = nil
      try participant.optimise(sum.elements, contributors: sum.contributors.count)
      round = sum.round + 1
      try note(.sum(sum), self)
      return finishReply
    case .adopt(let round, let state, let wasCounted, let isUndone, _):
      if wasCounted {
        // Killed between its contribution and the sum: the update is made again, to the same bits.
        if pending == nil && !participant.isFinished { _ = try participant.localUpdate() }
      } else if pending != nil {
        participant.withdraw()
      }
      pending = nil
      if isUndone {
        participant.withdraw()
        contributorLog[self.round - 1] = MemberSet()
      }
      try participant.adopt(NamedArrays(decoding: state))
      // A certificate that was seen may be of a round that the others have given up since.
      let counted = wasCounted ? contributorLog[self.round] : nil
      for missed in self.round..<max(self.round, round) { contributorLog[missed] = nil }
      if let counted { contributorLog[self.round] = counted }
      self.round = round
      try note(.adopted, self)
      return finishReply
    case .offerWanted(let member):
      return [.offer(participant.sharedState.digest, to: member)]
    case .stateWanted(let member):
      return [.state(participant.sharedState.encoded, to: member)]
    case .decided(let certificate):
      epoch = certificate.slot.epoch
      remember(certificate)
      try note(.decided(certificate), self)
      return []
    case .finished(let certificate):
      try note(.finished(certificate), self)
      return []
    case .failed(let reason): throw ParticipantFailure(reason)
    case .note(let text):
      try note(.note(text), self)
      return []
    }
  }

  private var finishReply: [Reply] {
    participant.isFinished ? [.finish(participant.sharedState.digest, round: round)] : []
  }
}

/// Why a participant has to leave its network.
public struct ParticipantFailure: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

extension ConsensusNode {
  /// Takes what its participant has to say.
  public mutating func take<P>(_ reply: NetworkParticipant<P>.Reply, now: Double) {
    switch reply {
    case .contribution(let elements, let round): contribute(elements, to: round, now: now)
    case .offer(let digest, let member): offer(digest, to: member)
    case .state(let bytes, let member): sendState(bytes, to: member)
    case .finish(let digest, let round): finish(digest, round: round, now: now)
    }
  }
}
