import Consensus
import Cryptography
import Simulation

/// All messages of a run, and what its members decided: what an adversary sees who sits everywhere.
final class Transcript {
  struct Entry {
    let from: Int
    let to: Int
    let message: RoundMessage
  }

  private(set) var entries: [Entry] = []
  /// What was decided in each slot; more than one would be a failure of the protocol.
  private(set) var decisions: [Slot: Set<Decision>] = [:]

  /// The highest round of whose sum any part was given away.
  private(set) var latestReveal: UInt32?

  func add(_ message: RoundMessage, from: Int, to: Int) {
    if case .reveal(let slot, _, _, _) = message {
      latestReveal = max(latestReveal ?? 0, slot.round)
    }
    entries.append(Entry(from: from, to: to, message: message))
  }

  func add(_ certificate: Certificate) {
    decisions[certificate.slot, default: []].insert(certificate.decision)
  }

  /// What was sent to some members and did not come from one of them.
  func view(of coalition: Set<Int>) -> [Entry] {
    entries.filter { coalition.contains($0.to) && !coalition.contains($0.from) }
  }

  /// By round: the certified contributors of whose sum any part was given away, and in which slot.
  var revealedSets: [UInt32: [MemberSet: Set<Slot>]] {
    var sets: [UInt32: [MemberSet: Set<Slot>]] = [:]
    for entry in entries {
      let slot: Slot
      switch entry.message {
      case .reveal(let of, _, _, _), .slice(let of, _, _): slot = of
      default: continue
      }
      // Nothing may be given away without a decision.
      for contributors in decisions[slot]?.map(\.contributors) ?? [MemberSet()] {
        sets[slot.round, default: [:]][contributors, default: []].insert(slot)
      }
    }
    return sets
  }
}

/// A member whose every message is written down.
struct RecordedMember: SimulatedMember {
  var member: SummingMember
  let transcript: Transcript
  private var noted = 0

  init(_ member: SummingMember, _ transcript: Transcript) {
    self.member = member
    self.transcript = transcript
  }

  mutating func receive(_ message: RoundMessage, from member: Int, now: Double) {
    self.member.receive(message, from: member, now: now)
  }
  mutating func connected(_ member: Int, now: Double) { self.member.connected(member, now: now) }
  mutating func disconnected(_ member: Int, now: Double) {
    self.member.disconnected(member, now: now)
  }
  mutating func tick(now: Double) { member.tick(now: now) }

  mutating func takeMessages() -> [(message: RoundMessage, to: Int)] {
    let messages = member.takeMessages()
    for (message, to) in messages {
      transcript.add(message, from: member.node.configuration.own, to: to)
    }
    for certificate in member.certificates[noted...] { transcript.add(certificate) }
    noted = member.certificates.count
    return messages
  }
}

extension VirtualNetwork<RecordedMember> {
  /// Stops a member, and starts it again with what it had on its disk.
  mutating func restart(
    _ index: Int, _ test: TestNetwork, after pause: Double, _ transcript: Transcript,
    rounds: UInt32
  ) {
    guard let old = members[index]?.member else { return }
    stop(index)
    at(now + pause) { network in
      let now = network.now
      // A certificate whose sum is still to come stands in the record, too.
      var contributors = old.node.contributorLog
      for certificate in old.certificates {
        if let settled = certificate.settled, settled.round >= old.round {
          contributors[settled.round] = settled.contributors
        }
      }
      var member = test.member(
        index, count: 16, rounds: rounds, now: now, round: old.round, state: old.state,
        epoch: old.certificates.last?.slot.epoch ?? 0, contributors: contributors)
      member.sums = old.sums
      if old.round == rounds {
        member.node.finish(SHA256.hash(old.state), round: rounds, now: now)
      }
      network.start(index, RecordedMember(member, transcript))
    }
  }
}
