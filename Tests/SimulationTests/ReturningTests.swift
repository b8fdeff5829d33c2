import Consensus
import Cryptography
import Testing

@testable import Simulation

/// Members that were away, or late, at the moments that matter.
@Suite struct ReturningTests {
  /// Runs until all members are done, each leaving when nobody needs it any more.
  ///
  /// - Returns: the members as they left; `nil` for those that never did.
  private func runToTheEnd(
    _ network: inout VirtualNetwork<SummingMember>, until limit: Double
  ) -> [SummingMember?] {
    var left: [SummingMember?] = network.members.map { _ in nil }
    var time = 0.0
    while time < limit && left.contains(where: { $0 == nil }) {
      time += 0.01
      network.run(until: time) { _ in false }
      for (index, member) in network.members.enumerated() {
        guard let member, member.finish != nil, member.node.mayLeave(now: network.now) else {
          continue
        }
        left[index] = member
        network.stop(index)
      }
    }
    return left
  }

  /// A returning member says hello until it hears that it was taken in; one that is on its way then
  /// is no sign that it is gone again.
  @Test(arguments: 1...24 as ClosedRange<UInt64>)
  func aLateHelloDoesNotTurnAwayWhoWasJustTakenIn(seed: UInt64) throws {
    let test = try TestNetwork(members: 8)
    var faults = NetworkFaults()
    faults.latency = 0.02...0.05
    var network = VirtualNetwork(
      (0..<8).map { test.member($0, rounds: 40) }, faults: faults, seed: seed)
    network.run(until: 60) { ($0.members[0]?.round ?? 0) >= 5 }
    let member = try #require(network.members[2])
    network.stop(2)
    network.run(until: network.now + 1.5) { _ in false }
    let now = network.now
    // What was decided before it started again, some of it with its last contribution.
    let former = try #require(network.members[0]).certificates.count
    network.start(
      2,
      test.member(
        2, rounds: 40, now: now, round: member.round, state: member.state,
        epoch: member.node.slot.epoch))
    #expect(network.run(until: 300) { $0.members.allSatisfy { $0?.finish != nil } })
    // Taken in once: from then on, its contribution is in every sum.
    var isBack = false
    for certificate in try #require(network.members[0]).certificates.dropFirst(former)
    where !certificate.decision.contributors.isEmpty {
      if isBack { #expect(certificate.decision.contributors.contains(2)) }
      if certificate.decision.next.contains(2) { isBack = true }
    }
    #expect(isBack)
  }

  /// A local update that took longer than the others waited: its vector is not counted, but its
  /// member goes on with them. In the last round nothing else would tell it the sum.
  @Test(arguments: [1, 2] as [UInt32]) func whoIsTooLateGetsTheSumAllTheSame(
    late: UInt32
  ) throws {
    let test = try TestNetwork(members: 8)
    var network = VirtualNetwork((0..<8).map { test.member($0, rounds: 3) }, seed: 5)
    network.run(until: 60) { ($0.members[6]?.round ?? 0) == late - 1 }
    _ = network.withMember(6) { member, _ in member.isBusy = true }
    network.run(until: 60) { ($0.members[0]?.round ?? 0) > late }
    _ = network.withMember(6) { member, now in member.becomeFree(now: now) }
    let left = runToTheEnd(&network, until: network.now + 10)
    for member in left { #expect(member?.round == 3) }
    #expect(Set(left.map { $0?.state }).count == 1)
  }

  /// Cut off for a moment at any time around the end: nobody leaves while another has not heard that
  /// a majority is done.
  @Test func nobodyIsLeftAloneAtTheEnd() throws {
    let test = try TestNetwork(members: 5)
    func network() -> VirtualNetwork<SummingMember> {
      VirtualNetwork((0..<5).map { test.member($0, rounds: 3) }, seed: 9)
    }
    var plain = network()
    #expect(plain.run(until: 60) { $0.members.contains { $0?.finish != nil } })
    let end = plain.now
    for step in -10..<10 {
      var network = network()
      let cut = (step + 10) % 5
      network.at(end + 0.0008 * Double(step)) { $0.cut(cut) }
      network.at(end + 1) { $0.heal(cut) }
      let left = runToTheEnd(&network, until: 15)
      for (index, member) in left.enumerated() {
        #expect(member?.finish != nil, "member \(index), step \(step)")
      }
    }
  }

  /// Where an attempt was given up without a member, no certificate of it and no later round tells
  /// that member so when the run ends before.
  @Test func whoIsStuckInAnAttemptThatWasGivenUpComesBack() throws {
    let test = try TestNetwork(members: 4, threshold: 3, holders: 3)
    func network() -> VirtualNetwork<SummingMember> {
      VirtualNetwork((0..<4).map { test.member($0, rounds: 3) }, seed: 11)
    }
    var plain = network()
    #expect(plain.run(until: 60) { $0.members.contains { $0?.finish != nil } })
    let end = plain.now
    for step in 0..<10 {
      for away in [0.9, 1.3, 1.7] {
        var network = network()
        let cut = step % 4
        let at = end * (1 - Double(step) / 10)
        network.at(at) { $0.cut(cut) }
        network.at(at + away) { $0.heal(cut) }
        let left = runToTheEnd(&network, until: 15)
        for (index, member) in left.enumerated() {
          #expect(member?.round == 3, "member \(index), step \(step), away \(away)")
        }
        #expect(Set(left.map { $0?.state }).count == 1, "step \(step), away \(away)")
      }
    }
  }

  /// All were gone when only one had the last sum: its state is the end of the run for all, and no
  /// second sum is formed that would differ by its contribution.
  @Test func oneThatHasTheLastSumEndsTheRunForAll() throws {
    let test = try TestNetwork(members: 8)
    let all = MemberSet(0..<8)
    let before = SHA256.hash(Array("before".utf8)).bytes
    let after = SummingMember.state(
      before, after: SummingMember.sum(Array(0..<8), 2, count: 100))
    for last in [0, 7] {
      var network = VirtualNetwork(
        (0..<8).map {
          test.member(
            $0, rounds: 3, round: $0 == last ? 3 : 2, state: $0 == last ? after : before,
            epoch: 1, contributors: $0 == last ? [2: all] : [:])
        }, seed: 13)
      let left = runToTheEnd(&network, until: 30)
      for (index, member) in left.enumerated() {
        #expect(member?.state == after, "member \(index)")
        #expect(member?.sums.isEmpty == true)
        if index != last { #expect(member?.adoptions.map(\.wasCounted) == [true]) }
      }
    }
  }

  /// After all were gone, those who miss the last sum have to know whether they are part of it: who
  /// gives them the state knows it from its record.
  @Test func aRecordTellsWhoseContributionsWereCounted() throws {
    let test = try TestNetwork(members: 8)
    let counted = MemberSet(0..<7)
    let before = SHA256.hash(Array("before".utf8)).bytes
    let after = SummingMember.state(
      before, after: SummingMember.sum(counted.members, 2, count: 100))
    var network = VirtualNetwork(
      (0..<8).map {
        test.member(
          $0, rounds: 6, round: $0 < 2 ? 3 : 2, state: $0 < 2 ? after : before, epoch: 1,
          contributors: $0 < 2 ? [2: counted] : [:])
      }, seed: 17)
    let left = runToTheEnd(&network, until: 30)
    #expect(Set(left.map { $0?.state }).count == 1)
    for index in 2..<8 {
      #expect(left[index]?.adoptions.first?.round == 3)
      #expect(left[index]?.adoptions.first?.wasCounted == (index < 7))
    }
  }

  /// So many are cut off that all give up the round; some participants take long to say what their
  /// state is. Nobody takes the state of an earlier round for another version's.
  @Test func statesOfEarlierRoundsAreNotCompared() throws {
    let test = try TestNetwork(members: 8)
    var network = VirtualNetwork((0..<8).map { test.member($0, rounds: 200) }, seed: 19)
    network.run(until: 60) { ($0.members[0]?.round ?? 0) >= 5 }
    for index in 0..<4 { network.cut(index) }
    network.run(until: network.now + 1) { _ in false }
    for index in [1, 3, 5] { _ = network.withMember(index) { member, _ in member.isBusy = true } }
    network.run(until: network.now + 4) { _ in false }
    for index in 0..<4 { network.heal(index) }
    network.run(until: network.now + 1) { _ in false }
    for index in [1, 3, 5] {
      _ = network.withMember(index) { member, now in member.becomeFree(now: now) }
    }
    #expect(network.run(until: 120) { $0.members.allSatisfy { $0?.finish != nil } })
    for member in network.members { #expect(member?.failures == []) }
    #expect(Set(network.members.map { $0?.state }).count == 1)
  }
}
