import Cryptography
import Testing

@testable import Consensus

/// Members that go through the ballots of one slot, with a network that delivers in any order, late,
/// twice, or not at all, and time that passes as it likes: whoever has heard a majority may go on.
private struct Ballots {
  enum Word {
    case vote(Agreement.Vote, UInt32)
    case lock(Agreement.Lock, UInt32)
  }

  let majority: Int
  var members: [Agreement]
  var isUp: [Bool]
  var pending: [(to: Int, from: Int, word: Word)] = []
  /// What each member proposes when nothing binds it.
  let proposals: [Decision]
  /// Whether a member has seen all acknowledgements in ballot 0, so that it locks what is expected.
  let locksAtOnce: [Bool]
  let expected: Decision?
  /// Everything that was ever locked or voted for, by ballot and member: nobody says two things.
  var said: [String: Decision?] = [:]

  static func decision(_ number: Int) -> Decision {
    Decision(contributors: MemberSet([number, 8]), next: MemberSet([number]), nextRound: 1)
  }

  init(_ count: Int, startsWithVotes: Bool, _ random: inout TestRandom) {
    majority = count / 2 + 1
    let slot = Slot(epoch: 0, round: 0)
    var one = Agreement(slot: slot, majority: count / 2 + 1)
    if startsWithVotes { one.skipFirstBallot() }
    members = [Agreement](repeating: one, count: count)
    isUp = [Bool](repeating: true, count: count)
    expected = startsWithVotes ? nil : Self.decision(7)
    let kinds = 1 + random.below(3)
    proposals = (0..<count).map { _ in Self.decision(random.below(kinds)) }
    let share = random.below(5)
    locksAtOnce = (0..<count).map { _ in random.below(4) < share }
  }

  mutating func note(_ word: Word, at member: Int, from: Int) {
    switch word {
    case .vote(let vote, let ballot): members[member].note(vote, ballot: ballot, from: from)
    case .lock(let lock, let ballot): members[member].note(lock, ballot: ballot, from: from)
    }
  }

  private mutating func say(_ word: Word, _ member: Int) {
    note(word, at: member, from: member)
    members[member].spoke(at: 0)
    for other in members.indices where other != member { pending.append((other, member, word)) }
  }

  private func lock(_ decision: Decision?, _ member: Int) -> Word {
    var bytes = [UInt8](repeating: 0, count: Signature.byteCount)
    bytes[0] = UInt8(member)
    return .lock(
      .init(decision: decision, signature: Signature(bytes: bytes), report: MemberSet()),
      members[member].ballot)
  }

  /// A member's next step, if it may take one.
  mutating func step(_ member: Int) {
    guard isUp[member], members[member].certificate == nil else { return }
    let agreement = members[member]
    if agreement.hasSpoken {
      guard agreement.heard.count >= majority else { return }
      if agreement.step == .voting {
        members[member].beginLocking()
      } else {
        members[member].beginNextBallot()
      }
      return
    }
    if agreement.ballot == 0 {
      say(lock(locksAtOnce[member] ? expected : nil, member), member)
    } else if agreement.step == .voting {
      let proposal = agreement.inherited ?? agreement.favourite ?? proposals[member]
      say(
        .vote(.init(proposal: proposal, report: MemberSet()), agreement.ballot), member)
    } else {
      say(lock(agreement.lockable, member), member)
    }
  }

  mutating func deliver(_ place: Int) {
    let (to, from, word) = pending[place]
    pending.swapAt(place, pending.count - 1)
    pending.removeLast()
    if isUp[to] { note(word, at: to, from: from) }
  }

  mutating func deliverAll() {
    while !pending.isEmpty { deliver(pending.count - 1) }
  }
}

@Suite struct AgreementTests {
  #if DEBUG
    private static let schedules: UInt64 = 2_000
  #else
    private static let schedules: UInt64 = 30_000
  #endif

  /// The certificates that came up, checked one by one.
  private func certificates(_ ballots: Ballots) -> Set<Decision> {
    var decided = Set<Decision>()
    for agreement in ballots.members {
      guard let certificate = agreement.certificate else { continue }
      decided.insert(certificate.decision)
      let signers = certificate.signatures.map(\.member)
      #expect(signers.count >= ballots.majority)
      #expect(signers == Set(signers).sorted())
      // Each signature is the member's own.
      #expect(certificate.signatures.allSatisfy { Int($0.signature.bytes[0]) == $0.member })
    }
    return decided
  }

  @Test(arguments: [false, true])
  func noScheduleLeadsToTwoDecisions(startsWithVotes: Bool) {
    var decidedAtOnce = 0
    var decidedLater = 0
    for seed in 0..<Self.schedules {
      var random = TestRandom(seed << 1 | (startsWithVotes ? 1 : 0))
      let count = 3 + random.below(5)
      var ballots = Ballots(count, startsWithVotes: startsWithVotes, &random)
      let loses = random.happens(3)
      let crashes = random.happens(2)
      // Some members are slow to hear, which keeps them ballots behind.
      let deaf = random.happens(2) ? random.below(count) : -1
      for _ in 0..<(60 * count) {
        switch random.below(20) {
        case 0..<11 where !ballots.pending.isEmpty:
          let place = random.below(ballots.pending.count)
          if ballots.pending[place].to == deaf && !random.happens(8) { break }
          if loses && random.happens(10) {
            ballots.pending.remove(at: place)
          } else if random.happens(10) {
            let (to, from, word) = ballots.pending[place]
            ballots.note(word, at: to, from: from)
          } else {
            ballots.deliver(place)
          }
        case 19 where crashes && random.happens(30): ballots.isUp[random.below(count)] = false
        default: ballots.step(random.below(count))
        }
      }
      let decided = certificates(ballots)
      #expect(decided.count <= 1, "seed \(seed)")
      // What is decided was proposed.
      for decision in decided {
        #expect(decision == ballots.expected || ballots.proposals.contains(decision))
        if ballots.members.contains(where: { $0.certificate?.ballot ?? 9 <= 1 }) {
          decidedAtOnce += 1
        } else {
          decidedLater += 1
        }
      }
      // Whatever happened, once all that is said arrives, it does not come out differently.
      ballots.deliverAll()
      #expect(certificates(ballots).union(decided).count <= 1, "seed \(seed)")
    }
    // The schedules are not all of one sort.
    #expect(decidedAtOnce > Int(Self.schedules) / 20)
    #expect(decidedLater > Int(Self.schedules) / 100)
  }

  /// A majority that can talk to one another comes to an end, whatever went before.
  @Test func aConnectedMajorityDecides() {
    for seed in 0..<Self.schedules / 10 {
      var random = TestRandom(seed)
      let count = 3 + random.below(5)
      var ballots = Ballots(count, startsWithVotes: random.happens(2), &random)
      for _ in 0..<random.below(40 * count) {
        if random.happens(2), !ballots.pending.isEmpty {
          ballots.deliver(random.below(ballots.pending.count))
        } else {
          ballots.step(random.below(count))
        }
      }
      for _ in 0..<random.below((count + 1) / 2) { ballots.isUp[random.below(count)] = false }
      for _ in 0..<200 {
        ballots.deliverAll()
        for member in 0..<count { ballots.step(member) }
      }
      for member in 0..<count where ballots.isUp[member] {
        #expect(ballots.members[member].certificate != nil, "seed \(seed)")
      }
    }
  }

  /// A minority that talks to itself never decides, however long it does.
  @Test(arguments: 3...7)
  func aMinorityDecidesNothing(count: Int) {
    var random = TestRandom(UInt64(count))
    var ballots = Ballots(count, startsWithVotes: true, &random)
    for member in (count - 1) / 2..<count { ballots.isUp[member] = false }
    for _ in 0..<100 {
      ballots.deliverAll()
      for member in 0..<count { ballots.step(member) }
    }
    #expect(certificates(ballots).isEmpty)
    #expect(ballots.members[0].ballot == 1)
  }

  @Test func aMembersFirstWordInAStepCounts() {
    var agreement = Agreement(slot: Slot(epoch: 0, round: 0), majority: 2)
    let (a, b) = (Ballots.decision(0), Ballots.decision(1))
    agreement.note(.init(proposal: a, report: MemberSet()), ballot: 1, from: 0)
    agreement.note(.init(proposal: b, report: MemberSet()), ballot: 1, from: 0)
    #expect(agreement.votes[1][0]?.proposal == a)
    let signature = Signature(bytes: [UInt8](repeating: 0, count: Signature.byteCount))
    for decision in [a, b] {
      agreement.note(
        .init(decision: decision, signature: signature, report: MemberSet()), ballot: 1, from: 0)
    }
    agreement.note(
      .init(decision: b, signature: signature, report: MemberSet()), ballot: 1, from: 1)
    #expect(agreement.certificate == nil)
    // Locks of different ballots do not add up.
    agreement.note(
      .init(decision: b, signature: signature, report: MemberSet()), ballot: 2, from: 2)
    #expect(agreement.certificate == nil)
    agreement.note(
      .init(decision: b, signature: signature, report: MemberSet()), ballot: 1, from: 2)
    #expect(agreement.certificate?.decision == b)
    #expect(agreement.certificate?.signatures.map(\.member) == [1, 2])
  }

  @Test func ballotsBeyondTheLimitTakeNoMemory() {
    var agreement = Agreement(slot: Slot(epoch: 0, round: 0), majority: 2)
    for ballot in [Agreement.ballotLimit + 1, 1 << 20, .max] {
      agreement.note(
        .init(proposal: Ballots.decision(0), report: MemberSet()), ballot: ballot, from: 0)
    }
    #expect(agreement.votes.count == 1 && agreement.locks.count == 1)
  }
}
