import Cryptography
import Testing

@testable import Consensus
@testable import Simulation

/// A node is shown what no honest member would send it now: old messages again, messages of members
/// that are not expected, and any that can be read at all.
@Suite struct HostileMessageTests {
  /// All that decides what a node does next; what it remembers of when it last spoke is left out.
  private func state(_ node: ConsensusNode) -> String {
    "\(node.mode) \(node.work) \(node.outside.admission as Any) \(node.early.count) "
      + "\(node.ownRound) \(node.ownState) \(node.finishing) \(node.contributorLog.count)"
  }

  private struct Moment {
    let node: ConsensusNode
    let now: Double
    let entries: [Transcript.Entry]
  }

  /// A member's node at some moment of a run with drop-outs, and all that was sent until then.
  private func moment(_ test: TestNetwork, of member: Int, seed: UInt64, _ until: Double) -> Moment?
  {
    let transcript = Transcript()
    var network = VirtualNetwork(
      (0..<5).map { RecordedMember(test.member($0, count: 8, rounds: 50), transcript) },
      seed: seed)
    // Two epochs, several attempts.
    let gone = (member + 1 + Int(seed) % 4) % 5
    network.at(0.1) { $0.cut(gone) }
    network.at(1.5) { $0.heal(gone) }
    network.run(until: until) { _ in false }
    guard var node = network.members[member]?.member.node else { return nil }
    // What time alone leads to is done before anything is shown.
    node.tick(now: network.now)
    guard node.mode == .inside else { return nil }
    return Moment(node: node, now: network.now, entries: transcript.entries)
  }

  private func moments(_ test: TestNetwork) -> [Moment] {
    var moments: [Moment] = []
    for seed in 0..<6 as Range<UInt64> {
      for until in [0.09, 0.102, 0.3, 0.8, 0.9, 1.3, 1.7] {
        if let moment = moment(test, of: Int(seed) % 5, seed: seed, until + 0.0013 * Double(seed)) {
          moments.append(moment)
        }
      }
    }
    return moments
  }

  /// Effects that are answers, and change nothing at the sender of the old message.
  private func areAnswers(_ effects: [ConsensusNode.Effect]) -> Bool {
    effects.allSatisfy { effect in
      switch effect {
      case .send(.running, _), .send(.certificate, _), .send(.slice, _), .send(.reveal, _),
        .stateWanted, .note:
        true
      default: false
      }
    }
  }

  @Test func messagesOfEarlierRoundsAttemptsAndEpochsChangeNothing() throws {
    let test = try TestNetwork(members: 5)
    var shown = 0
    let moments = moments(test)
    #expect(moments.count > 20)
    for moment in moments {
      let own = moment.node.configuration.own
      var node = moment.node
      _ = node.takeEffects()
      let before = state(node)
      for entry in moment.entries where entry.to == own {
        // Hellos have no slot: it is the transport's numbering that keeps old ones out.
        let slot: Slot
        switch entry.message {
        case .hello: continue
        case .certificate(let certificate): slot = certificate.slot
        case .offer, .finish: slot = Slot(epoch: 0, round: 0)
        default: slot = entry.message.slot ?? Slot(epoch: 0, round: 0)
        }
        // Of assemblies all of this epoch and before are old.
        guard
          slot.round == Slot.assembly ? slot.epoch <= node.work.slot.epoch : slot < node.work.slot
        else { continue }
        node.receive(entry.message, from: entry.from, now: moment.now)
        shown += 1
      }
      #expect(state(node) == before)
      #expect(areAnswers(node.takeEffects()))
    }
    #expect(shown > 1000)
  }

  /// Within a round, too, and whatever their order.
  @Test func messagesThatComeAgainChangeNothing() throws {
    let test = try TestNetwork(members: 5)
    for moment in moments(test) {
      let own = moment.node.configuration.own
      var node = moment.node
      let delivered = moment.entries.filter { $0.to == own && $0.message.slot == node.work.slot }
      // All that is on its way arrives first, and what that leads to happens.
      for entry in delivered { node.receive(entry.message, from: entry.from, now: moment.now) }
      guard node.mode == .inside, node.work.slot == moment.node.work.slot else { continue }
      _ = node.takeEffects()
      let before = state(node)
      for entry in delivered.reversed() {
        node.receive(entry.message, from: entry.from, now: moment.now)
      }
      #expect(state(node) == before)
      #expect(areAnswers(node.takeEffects()))
    }
  }

  @Test func whoIsNotExpectedChangesNothing() throws {
    let test = try TestNetwork(members: 5)
    var shown = 0
    for moment in moments(test) {
      var node = moment.node
      _ = node.takeEffects()
      let before = state(node)
      let strangers = (-1...6).filter {
        $0 != node.own && !node.work.expected.contains($0)
      }
      for stranger in strangers {
        for entry in moment.entries where entry.message.slot == node.work.slot {
          // An answer to one who asks is no change.
          if case .stateRequest = entry.message { continue }
          node.receive(entry.message, from: stranger, now: moment.now)
          shown += 1
        }
      }
      #expect(state(node) == before)
      #expect(areAnswers(node.takeEffects()))
    }
    #expect(shown > 1000)
  }

  /// What is said by one becomes what all decide, so that it must not name who is nobody.
  @Test func whoIsNobodyIsNeverExpected() throws {
    let test = try TestNetwork(members: 5)
    for stranger in [5, 64, 65535] {
      var node = ConsensusNode(test.configuration(0), now: 0)
      node.start(round: 0, state: SHA256.hash([]), epoch: 0, now: 0)
      let slot = Slot.assembly(1)
      let decision = Decision(
        contributors: MemberSet(), next: MemberSet([0, 1, 2, stranger]), nextRound: 0)
      for member in [1, 2] {
        node.receive(
          .vote(slot, ballot: 1, proposal: decision, report: MemberSet()), from: member, now: 0)
      }
      let statement = Statement.lock(
        network: test.digest, slot: slot, ballot: 1, decision: decision)
      for member in [1, 2, 3] {
        node.receive(
          .lock(
            slot, ballot: 1, decision: decision,
            signature: test.keys[member].signature(for: statement), report: MemberSet()),
          from: member, now: 0)
      }
      node.tick(now: 1)
      #expect(node.mode == .outside && !node.work.expected.contains(stranger))
    }
  }

  /// Only who starts an epoch gives a round up, and there must have been one.
  @Test func whatCannotBeGivenUpIsNobodys() {
    func isPlausible(_ slot: Slot, _ contributors: [Int], _ round: UInt32) -> Bool {
      let decision = Decision(
        contributors: MemberSet(contributors), next: MemberSet(0..<5), nextRound: round,
        givesUp: true)
      let messages: [RoundMessage] = [
        .vote(slot, ballot: 1, proposal: decision, report: MemberSet()),
        .lock(
          slot, ballot: 1, decision: decision,
          signature: Signature(bytes: [UInt8](repeating: 0, count: Signature.byteCount)),
          report: MemberSet()),
        .certificate(Certificate(slot: slot, ballot: 1, decision: decision, signatures: [])),
      ]
      let answers = Set(messages.map { $0.isPlausible(members: 5) })
      #expect(answers.count == 1)
      return answers == [true]
    }
    #expect(isPlausible(.assembly(2), [], 3))
    #expect(!isPlausible(.assembly(2), [], 0))
    #expect(!isPlausible(.assembly(2), [0, 1, 2], 3))
    #expect(!isPlausible(Slot(epoch: 2, round: 2), [], 3))
    for (member, isKnown) in [(4, true), (5, false)] {
      let hello = RoundMessage.hello(
        .init(epoch: 1, round: 2, state: SHA256.hash([]), open: MemberSet([member])))
      #expect(hello.isPlausible(members: 5) == isKnown)
    }
  }

  /// After the last number there is none.
  @Test func numbersWithoutASuccessorAreNobodys() throws {
    let test = try TestNetwork(members: 5)
    for number in [1 << 31, .max - 1, .max] as [UInt32] {
      var node = ConsensusNode(test.configuration(0), now: 0)
      node.start(round: 0, state: SHA256.hash([]), epoch: 0, now: 0)
      for member in 1..<5 {
        node.receive(
          .hello(
            .init(epoch: number, round: number, state: SHA256.hash([]), open: MemberSet())),
          from: member,
          now: 0)
      }
      node.tick(now: 1)
      #expect(node.outside.assembly == nil && node.work.slot == Slot(epoch: 0, round: 0))
    }
  }

  /// A slice that comes before it is known how long it must be does not keep the right one out.
  @Test func slicesThatCameTooEarlyAndDoNotFitAreForgotten() throws {
    let test = try TestNetwork(members: 5)
    let transcript = Transcript()
    var network = VirtualNetwork(
      (0..<5).map { RecordedMember(test.member($0, count: 8, rounds: 2), transcript) }, seed: 1)
    for member in 0..<5 {
      _ = network.withMember(member) { member, _ in
        member.member.contributionOf = { _, _ in [] }
      }
    }
    network.run(until: 0.2) { $0.members[0]?.member.node.mode == .inside }
    guard var node = network.members[0]?.member.node else { return }
    node.begin(Slot(epoch: 1, round: 1), expected: MemberSet(0..<5), 1)
    for slice in [0, 7, 15] as [UInt32] {
      node.receive(
        .slice(node.work.slot, slice: slice, elements: [1, 2, 3]), from: 1, now: 1)
    }
    #expect(node.work.slices.count == 3)
    node.contribute([UInt32](repeating: 1, count: 8), to: 1, now: 1)
    #expect(node.work.slices.isEmpty)
  }

  /// Signatures under an end that is not this node's end are no part of its proof.
  @Test func endsOfOtherRoundsDoNotCertify() throws {
    let test = try TestNetwork(members: 5)
    var node = ConsensusNode(test.configuration(0), now: 0)
    let state = SHA256.hash(Array("the end".utf8))
    func finish(_ member: Int, _ round: UInt32) -> RoundMessage {
      let statement = Statement.finish(network: test.digest, round: round, state: state)
      return .finish(
        .init(
          round: round, state: state, signature: test.keys[member].signature(for: statement),
          isCertified: false, knowsReceiver: false))
    }
    func certificates(_ effects: [ConsensusNode.Effect]) -> [FinishCertificate] {
      effects.compactMap { if case .finished(let certificate) = $0 { certificate } else { nil } }
    }
    node.start(round: 9, state: state, epoch: 1, now: 0)
    node.receive(finish(1, 8), from: 1, now: 0)
    node.receive(finish(2, 8), from: 2, now: 0)
    node.finish(state, round: 9, now: 0)
    #expect(certificates(node.takeEffects()).isEmpty)
    node.receive(finish(3, 9), from: 3, now: 0)
    #expect(certificates(node.takeEffects()).isEmpty)
    node.receive(finish(4, 9), from: 4, now: 0)
    let certified = certificates(node.takeEffects())
    #expect(certified.count == 1)
    #expect(certified.first?.signatures.map(\.member) == [0, 3, 4])
    #expect(certified.first?.isValid(network: test.digest, electorate: test.electorate) == true)
  }

  // MARK: Anything that can be read

  #if DEBUG
    private static let messages = 20_000
  #else
    private static let messages = 100_000
  #endif

  private struct Source {
    var random: SimulationRandom
    let keys: [SigningKey]
    let network: Digest
    /// Whether they say that a round is on its way, which keeps a node from starting one.
    let tellsOfRounds: Bool
    var favourite: Decision?

    mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    mutating func number() -> UInt32 {
      switch below(8) {
      case 0: .max
      case 1: .max - 1
      case 2: UInt32(truncatingIfNeeded: random.next())
      default: UInt32(below(4))
      }
    }

    mutating func slot(_ node: ConsensusNode) -> Slot {
      if below(6) == 0 || (node.mode == .outside && below(2) == 0) {
        return node.outside.assembly?.slot ?? .assembly(node.work.slot.epoch &+ number())
      }
      var slot = node.work.slot
      switch below(12) {
      case 0: slot.epoch = slot.epoch &+ number()
      case 1: slot.round = slot.round &+ number()
      case 2: slot.attempt = slot.attempt &+ number()
      default: break
      }
      return slot
    }

    mutating func set() -> MemberSet {
      var set = MemberSet()
      for _ in 0..<below(6) { set.insert(below(5)) }
      if below(12) == 0 { set.insert(below(65536)) }
      return set
    }

    mutating func decision(_ node: ConsensusNode) -> Decision {
      // Now and then the two agree with one another, and with this one.
      if below(3) > 0 {
        if below(40) == 0 || favourite == nil { favourite = anyDecision(node) }
        if let favourite { return favourite }
      }
      return anyDecision(node)
    }

    private mutating func anyDecision(_ node: ConsensusNode) -> Decision {
      Decision(
        contributors: set(), next: set(),
        nextRound: below(2) == 0 ? node.work.slot.round &+ 1 : number(), givesUp: below(8) == 0)
    }

    mutating func elements(_ node: ConsensusNode) -> [UInt32] {
      let right = node.work.layout?.fullShareElements(of: node.own) ?? 8
      return (0..<(below(4) == 0 ? below(20) : right)).map { _ in UInt32(below(1 << 31 - 1)) }
    }

    func digest(_ number: Int) -> Digest {
      Digest(bytes: [UInt8](repeating: UInt8(number), count: Digest.byteCount))
    }

    mutating func message(_ node: ConsensusNode, from member: Int) -> RoundMessage {
      let slot = slot(node)
      let agreement =
        slot.round == Slot.assembly ? node.outside.assembly : node.work.agreement
      let ballot = below(8) == 0 ? number() : agreement?.ballot ?? 1
      switch below(14) {
      case 0:
        return .hello(
          .init(
            epoch: number(), round: number(), state: digest(below(3)),
            open: below(2) == 0 ? MemberSet() : set()))
      case 1: return tellsOfRounds ? .running(slot) : .ask(slot, slices: set())
      case 2:
        return .deal(
          slot,
          .init(seed: [UInt8](repeating: 1, count: 32), shares: elements(node)))
      case 3: return .acknowledgement(slot, returning: set())
      case 4: return .vote(slot, ballot: ballot, proposal: decision(node), report: set())
      case 5, 6:
        // Two of the five are hostile, and sign what they like.
        let decision = below(3) == 0 ? nil : decision(node)
        let statement = Statement.lock(
          network: network, slot: slot, ballot: ballot, decision: decision)
        return .lock(
          slot, ballot: ballot, decision: decision,
          signature: keys[member].signature(for: statement),
          report: set())
      case 7:
        return .certificate(
          Certificate(slot: slot, ballot: ballot, decision: decision(node), signatures: []))
      case 8:
        return .reveal(slot, slice: number(), holder: number(), share: elements(node))
      case 9: return .slice(slot, slice: number(), elements: elements(node))
      case 10: return .ask(slot, slices: set())
      case 11:
        return .offer(
          .init(
            slot: slot, state: digest(below(3)), wasCounted: below(2) == 0,
            isUndone: below(2) == 0, isFinished: below(4) == 0))
      case 12:
        return below(2) == 0 ? .stateRequest(slot) : .state(slot, bytes: [UInt8(below(3))])
      default:
        let (round, state) = (number(), digest(below(3)))
        let statement = Statement.finish(network: network, round: round, state: state)
        return .finish(
          .init(
            round: round, state: state, signature: keys[member].signature(for: statement),
            isCertified: below(2) == 0, knowsReceiver: below(2) == 0))
      }
    }
  }

  /// Nothing that two of five members send, who sign what they like, stops the process of a third, or
  /// makes it remember more than a few things of each.
  @Test func noMessageTrapsAndMemoryStaysBounded() throws {
    let test = try TestNetwork(members: 5)
    for seed in 0..<4 as Range<UInt64> {
      var source = Source(
        random: SimulationRandom(seed: seed), keys: test.keys, network: test.digest,
        tellsOfRounds: seed % 2 == 0)
      var member = test.member(0, count: 8, rounds: .max)
      var now = 0.0
      for other in 1..<5 { member.connected(other, now: now) }
      for index in 0..<Self.messages / 4 {
        now += 0.002
        let from = 1 + source.below(2)
        member.receive(source.message(member.node, from: from), from: from, now: now)
        if index % 25 == 0 { member.tick(now: now) }
        // The honest come and go.
        if index % 50 == 0 && index % 2500 < 1000 {
          let honest = 3 + source.below(2)
          member.receive(
            .hello(.init(epoch: 0, round: 0, state: SHA256.hash([]), open: MemberSet())),
            from: honest, now: now)
        }
        _ = member.takeMessages()
        if index % 5000 == 4999 {
          // A node that has been left behind starts again.
          member = test.member(0, count: 8, rounds: .max, now: now)
          for other in 1..<5 { member.connected(other, now: now) }
        }
        let node = member.node
        #expect(node.early.count <= 16 * 5)
        for agreement in [node.work.agreement] + (node.outside.assembly.map { [$0] } ?? []) {
          #expect(agreement.votes.count <= Int(Agreement.ballotLimit) + 1)
          #expect(agreement.votes.allSatisfy { $0.count <= 5 })
        }
        #expect(node.work.deals.count <= 5 && node.work.acknowledgements.count <= 5)
        #expect(node.work.slices.count <= 16 && node.work.revealed.count <= 16)
        #expect(node.work.revealed.values.allSatisfy { $0.count <= 5 })
        #expect(node.outside.offers.count <= 5 && node.finishing.signatures.count <= 5)
        // Nothing is remembered of members that there are not.
        let named = node.work.expected.union(
          node.work.acknowledgements.values.reduce(MemberSet()) { $0.union($1) })
        #expect(named.isSubset(of: MemberSet(0..<5)))
      }
    }
  }
}
