import Cryptography

/// The decision of one slot without a leader: every member does the same.
///
/// Ballot 0 has only one admissible decision, known to all from the round before and the
/// acknowledgements: a member that has seen all of those locks it, any other member locks nothing.
/// From ballot 1 on, a ballot has two steps, as in Ben-Or's consensus (1983): members vote for what
/// they propose, and lock what a majority voted for, or nothing; whoever sees a lock proposes it in
/// the next ballot. A majority of locks decides.
///
/// Why no two decisions differ: in a ballot at most one decision can be locked (ballot 0 admits only
/// one; later a majority must have voted for it, and everybody votes once). If a majority locked it,
/// every majority of locks contains one of them, so all members that go on vote for it.
///
/// Members may crash, be cut off, and return; they do not sign two different things for the same
/// step. Whoever forgot what it signed takes no part until the others have moved on.
struct Agreement {
  struct Vote: Sendable, Hashable {
    var proposal: Decision
    var report: MemberSet
  }
  struct Lock: Sendable, Hashable {
    var decision: Decision?
    var signature: Signature
    var report: MemberSet
  }
  enum Step: Sendable { case voting, locking }

  let slot: Slot
  let majority: Int
  private(set) var ballot: UInt32 = 0
  private(set) var step = Step.locking
  /// Whether this member's own part in the present step is done.
  private(set) var hasSpoken = false
  /// When the present step's own part was done.
  private(set) var since = 0.0
  private(set) var votes: [[Int: Vote]] = [[:]]
  private(set) var locks: [[Int: Lock]] = [[:]]
  /// Who voted and who locked in each ballot, and how often what was locked: kept along the way,
  /// because a thousand members would have to be counted anew with every message.
  private var voters = [MemberSet()]
  private var lockers = [MemberSet()]
  private var lockCounts: [[Decision: Int]] = [[:]]
  private(set) var certificate: Certificate?
  /// What a lock of the ballot before says that has to be proposed.
  private(set) var inherited: Decision?

  /// More ballots than that are never kept: a frame that names a later one is not of this protocol.
  static let ballotLimit: UInt32 = 1000

  init(slot: Slot, majority: Int) {
    self.slot = slot
    self.majority = majority
  }

  /// Slots without an admissible decision known beforehand start with votes.
  mutating func skipFirstBallot() {
    ballot = 1
    step = .voting
    grow(to: 1)
  }

  private mutating func grow(to ballot: UInt32) {
    while votes.count <= Int(ballot) {
      votes.append([:])
      locks.append([:])
      voters.append(MemberSet())
      lockers.append(MemberSet())
      lockCounts.append([:])
    }
  }

  /// Takes note of a vote. A member's first vote in a ballot counts.
  mutating func note(_ vote: Vote, ballot: UInt32, from member: Int) {
    guard ballot <= Self.ballotLimit else { return }
    grow(to: ballot)
    if votes[Int(ballot)][member] == nil {
      votes[Int(ballot)][member] = vote
      voters[Int(ballot)].insert(member)
    }
  }

  /// Takes note of a lock whose signature was found valid.
  mutating func note(_ lock: Lock, ballot: UInt32, from member: Int) {
    guard ballot <= Self.ballotLimit else { return }
    grow(to: ballot)
    guard locks[Int(ballot)][member] == nil else { return }
    locks[Int(ballot)][member] = lock
    lockers[Int(ballot)].insert(member)
    if let decision = lock.decision {
      lockCounts[Int(ballot)][decision, default: 0] += 1
      certify(decision, ballot)
    }
  }

  private mutating func certify(_ decision: Decision, _ ballot: UInt32) {
    guard certificate == nil, lockCounts[Int(ballot)][decision, default: 0] >= majority else {
      return
    }
    let agreeing = locks[Int(ballot)].filter { $0.value.decision == decision }
    certificate = Certificate(
      slot: slot, ballot: ballot, decision: decision,
      signatures: agreeing.sorted { $0.key < $1.key }.map {
        MemberSignature(member: $0.key, signature: $0.value.signature)
      })
  }

  mutating func adopt(_ certificate: Certificate) {
    if self.certificate == nil { self.certificate = certificate }
  }

  /// This member's own vote or lock was sent.
  mutating func spoke(at now: Double) {
    hasSpoken = true
    since = now
  }

  /// Members heard in the present step.
  var heard: MemberSet { step == .voting ? voters[Int(ballot)] : lockers[Int(ballot)] }

  /// How many they are.
  var heardCount: Int {
    step == .voting ? votes[Int(ballot)].count : locks[Int(ballot)].count
  }

  /// The decision to lock in this ballot, from the votes seen; `nil` for none.
  var lockable: Decision? {
    var counts: [Decision: Int] = [:]
    for vote in votes[Int(ballot)].values { counts[vote.proposal, default: 0] += 1 }
    return counts.first { $0.value >= majority }?.key
  }

  /// From voting to locking in the same ballot.
  mutating func beginLocking() {
    step = .locking
    hasSpoken = false
  }

  /// To the next ballot, with what its vote has to be, if a lock was seen.
  mutating func beginNextBallot() {
    inherited = locks[Int(ballot)].values.compactMap(\.decision).first
    ballot += 1
    step = .voting
    hasSpoken = false
    grow(to: ballot)
  }

  /// The proposal with the most votes of the ballot before; of equals, the first in an order that
  /// everybody knows.
  var favourite: Decision? {
    guard ballot > 1 else { return nil }
    var counts: [Decision: Int] = [:]
    for vote in votes[Int(ballot) - 1].values { counts[vote.proposal, default: 0] += 1 }
    return counts.min { a, b in
      a.value != b.value
        ? a.value > b.value
        : a.key.orderingBytes.lexicographicallyPrecedes(b.key.orderingBytes)
    }?.key
  }

  /// The latest report of each member that was heard in the last locks and in votes since.
  var reports: [Int: MemberSet] {
    var reports: [Int: MemberSet] = [:]
    if ballot > 0 {
      for (member, lock) in locks[Int(ballot) - 1] { reports[member] = lock.report }
    }
    for (member, vote) in votes[Int(ballot)] { reports[member] = vote.report }
    for (member, lock) in locks[Int(ballot)] { reports[member] = lock.report }
    return reports
  }
}

extension Decision {
  /// Bytes whose order is the same for everybody.
  var orderingBytes: [UInt8] {
    var bytes = ByteWriter()
    bytes.decision(self)
    return bytes.bytes
  }
}
