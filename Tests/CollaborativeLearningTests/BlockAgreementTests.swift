import Consensus
import Cryptography
import Ledger
import Randomness
import Testing

@testable import CollaborativeLearning

/// Orderers that all want another block at the same height.
@Suite struct BlockAgreementTests {
  private static let job = SHA256.hash([1])
  private static let keys = (0..<5).map {
    SigningKey(seed: [UInt8](repeating: UInt8($0), count: 32))
  }

  private func quorum(_ count: Int, _ threshold: Int? = nil) -> Quorum {
    Quorum(Self.keys.prefix(count).map(\.verificationKey), threshold: threshold)
  }

  private func block(_ payload: UInt8) -> Block {
    Block(height: 7, previous: Self.job, time: 1, payload: [payload])
  }

  private func agreement(
    _ own: Int, _ quorum: Quorum, _ pledge: BlockAgreement.Pledge = .init(height: 7)
  ) -> BlockAgreement {
    BlockAgreement(quorum, job: Self.job, own: own, key: Self.keys[own], pledge: pledge)
  }

  /// Draws that are the same for the same seed.
  private struct Draws {
    private var words: [UInt32]
    private var next = 0
    init(_ seed: Int) {
      words = [UInt32](repeating: 0, count: 20000)
      var span = words.mutableSpan
      RandomStream(seed: UInt64(seed), purpose: .simulation).fillBits(&span)
    }
    mutating func below(_ n: Int) -> Int {
      defer { next = (next + 1) % words.count }
      return Int(words[next]) % n
    }
  }

  /// Every proposer proposes a block of its own; messages get lost, overtake one another and come
  /// twice; members stop between any two messages and come back with their pledge.
  @Test func noTwoBlocksOfOneHeightAreLocked() throws {
    var late = 0
    for seed in 0..<100 {
      var draws = Draws(seed)
      let count = 2 + seed % 4
      let quorum = quorum(count)
      var members = (0..<count).map { agreement($0, quorum) }
      var pledges = members.map(\.pledge)
      var mail: [(BlockAgreement.Message, to: Int)] = []
      var locked: Set<Digest> = []
      var number: UInt8 = 0
      func post(_ from: Int) {
        if members[from].pledge != pledges[from] { pledges[from] = members[from].pledge }
        for message in members[from].takeMessages() {
          for to in 0..<count where to != from { mail.append((message, to)) }
        }
        if let block = members[from].locked { locked.insert(block.hash) }
      }
      func propose(_ i: Int) {
        switch members[i].choice {
        case .none: break
        case .free:
          // Never the same twice, as time stamps never are.
          number &+= 1
          members[i].propose(block(number))
        case .only(let block): members[i].propose(block)
        }
        post(i)
      }
      for _ in 0..<300 {
        let i = draws.below(count)
        switch draws.below(20) {
        case 0 where members[i].locked == nil && members[i].view < 6:
          members[i].giveUpView()
          post(i)
        case 1:
          // It stops, and what it had in mind is gone.
          members[i] = agreement(i, quorum, pledges[i])
        case 2...4:
          for message in members[i].standing {
            for to in 0..<count where to != i { mail.append((message, to)) }
          }
        case 5...7: propose(i)
        default:
          guard !mail.isEmpty else { continue }
          let place = draws.below(mail.count)
          let (message, to) = mail[place]
          if draws.below(10) > 0 { mail.remove(at: place) }
          if draws.below(10) == 0 { continue }
          members[to].receive(message) { _ in true }
          post(to)
        }
        if mail.count > 60 { mail.removeFirst(mail.count - 60) }
      }
      // From now on everything arrives, and somebody's turn comes while all are there.
      for _ in 0..<40 where locked.isEmpty {
        for _ in 0..<3 {
          for i in 0..<count { propose(i) }
          let standing = (0..<count).flatMap { i in
            members[i].standing.flatMap { message in
              (0..<count).filter { $0 != i }.map { (message, to: $0) }
            }
          }
          mail = mail + standing
          while !mail.isEmpty {
            let (message, to) = mail.removeFirst()
            members[to].receive(message) { _ in true }
            post(to)
          }
        }
        if locked.isEmpty {
          for i in 0..<count where members[i].view == members.map(\.view).min() {
            members[i].giveUpView()
            post(i)
          }
        }
      }
      #expect(locked.count == 1, "seed \(seed): \(members.map(\.view))")
      if members.contains(where: { $0.view > 1 }) { late += 1 }
    }
    #expect(late > 20)
  }

  /// With three of four needed, one that proposes two blocks and votes for both locks neither twice.
  @Test func oneLiarAmongFourLocksNothingTwice() throws {
    let quorum = quorum(4, 3)
    // It is the turn of orderer 3 at height 7 in view 0, and of 0 in view 1.
    let (a, b) = (block(1), block(2))
    var honest = (0..<3).map { agreement($0, quorum) }
    func lie(_ block: Block) -> [BlockAgreement.Message] {
      func signature(_ kind: String) -> Signature {
        Self.keys[3].signature(
          for: OrderingStatement.bytes(
            kind, job: Self.job, height: 7, view: 0, block: block.hash))
      }
      func vote(_ kind: String) -> BlockVote {
        BlockVote(
          height: 7, view: 0, block: block.hash, orderer: 3, signature: signature(kind))
      }
      return [
        .proposal(
          BlockProposal(
            view: 0, block: block, changes: [], orderer: 3, signature: signature("proposal"))),
        .prepare(vote("prepare")), .commit(vote("commit")),
      ]
    }
    func deliver(_ messages: [BlockAgreement.Message], to i: Int) {
      for message in messages { honest[i].receive(message) { _ in true } }
    }
    // 0 and 1 get one block, 2 the other; the first two prepare and commit with the liar's votes, but
    // only 0 hears it all, and locks.
    deliver(lie(a), to: 0)
    deliver(lie(a), to: 1)
    deliver(lie(b), to: 2)
    let first = honest.indices.map { honest[$0].takeMessages() }
    deliver(first[1], to: 0)
    deliver(first[0].filter { if case .prepare = $0 { true } else { false } }, to: 1)
    let second = honest[1].takeMessages()
    deliver(second, to: 0)
    #expect(honest[0].locked?.hash == a.hash)
    #expect(honest[2].locked == nil)
    // The others go on without 0: what was locked is what comes next, though 2 and the liar would
    // have the other block.
    var lies = honest[1]
    _ = lies.takeMessages()
    let statement = OrderingStatement.change(job: Self.job, height: 7, view: 2, proof: nil)
    let change = ViewChange(
      height: 7, view: 2, proof: nil, block: nil, orderer: 3,
      signature: Self.keys[3].signature(for: statement))
    for i in 1...2 {
      honest[i].giveUpView()
      honest[i].giveUpView()
    }
    let changes = (1...2).map { honest[$0].takeMessages() }
    deliver(changes[1] + [.change(change)], to: 1)
    deliver(changes[0] + [.change(change)], to: 2)
    // View 2 is the turn of orderer 1: (7 + 2) mod 4.
    guard case .only(let only) = honest[1].choice else {
      Issue.record("a free choice in view \(honest[1].view)")
      return
    }
    #expect(only.hash == a.hash)
    honest[1].propose(only)
    let proposal = honest[1].takeMessages()
    deliver(proposal, to: 2)
    #expect(honest[2].proposal?.block.hash == a.hash)
    // A proposal of another block, on the same reasons, is not taken.
    guard case .proposal(var forged)? = proposal.first else { return }
    forged.block = b
    forged.signature = Self.keys[1].signature(
      for: OrderingStatement.bytes(
        "proposal", job: Self.job, height: 7, view: 2, block: b.hash))
    var other = agreement(2, quorum)
    other.receive(.proposal(forged)) { _ in true }
    #expect(other.proposal == nil)
    // Nor one on the reasons of too few.
    forged.block = a
    forged.changes.removeLast()
    forged.signature = Self.keys[1].signature(
      for: OrderingStatement.bytes(
        "proposal", job: Self.job, height: 7, view: 2, block: a.hash))
    other.receive(.proposal(forged)) { _ in true }
    #expect(other.proposal == nil)
  }

  @Test func whatIsNotSignedOrNotSoundIsNotTaken() throws {
    let quorum = quorum(3)
    var leader = agreement(1, quorum)
    leader.propose(block(1))
    let messages = leader.takeMessages()
    var member = agreement(0, quorum)
    member.receive(messages[0]) { _ in false }
    #expect(member.proposal == nil)
    guard case .proposal(var proposal) = messages[0], case .prepare(var vote) = messages[1] else {
      Issue.record("\(messages)")
      return
    }
    proposal.block = block(2)
    member.receive(.proposal(proposal)) { _ in true }
    #expect(member.proposal == nil)
    vote.orderer = 2
    member.receive(messages[0]) { _ in true }
    #expect(member.pledge.commit == nil)
    member.receive(.prepare(vote)) { _ in true }
    #expect(member.pledge.commit == nil)
    member.receive(messages[1]) { _ in true }
    #expect(member.pledge.commit == block(1).hash)
    #expect(try BlockAgreement.Pledge(decoding: member.pledge.encoded) == member.pledge)
  }
}
