import Consensus
import Cryptography
import Testing

@testable import Simulation

/// What must hold at the end of every run, whatever happened on the way.
func expectAgreement(
  _ network: VirtualNetwork<SummingMember>, _ test: TestNetwork, rounds: UInt32,
  survivors: [Int], _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
  var sets: [UInt32: MemberSet] = [:]
  var states: Set<[UInt8]> = []
  for index in survivors {
    guard let member = network.members[index] else {
      Issue.record("member \(index) is not running", sourceLocation: sourceLocation)
      continue
    }
    #expect(member.failures.isEmpty, comment, sourceLocation: sourceLocation)
    #expect(member.finish != nil, comment, sourceLocation: sourceLocation)
    #expect(member.round == rounds, comment, sourceLocation: sourceLocation)
    states.insert(member.state)
    for certificate in member.certificates {
      #expect(
        certificate.isValid(network: test.digest, electorate: test.electorate), comment,
        sourceLocation: sourceLocation)
    }
    for sum in member.sums.values {
      #expect(
        sets[sum.round, default: sum.contributors] == sum.contributors, comment,
        sourceLocation: sourceLocation)
      sets[sum.round] = sum.contributors
      #expect(sum.contributors.count >= 3, comment, sourceLocation: sourceLocation)
      #expect(
        sum.elements
          == SummingMember.sum(sum.contributors.members, sum.round, count: member.count), comment,
        sourceLocation: sourceLocation)
    }
  }
  #expect(states.count == 1, comment, sourceLocation: sourceLocation)
}

@Suite struct ConsensusRunTests {
  #if DEBUG
    static let seeds: UInt64 = 8
  #else
    static let seeds: UInt64 = 100
  #endif

  @Test(arguments: [3, 4, 5, 8, 13])
  func everybodyGetsTheExactSumOfAll(count: Int) throws {
    let test = try TestNetwork(
      members: count, threshold: min(3, count), holders: min(5, count))
    var network = VirtualNetwork(
      (0..<count).map { test.member($0, rounds: 6) }, seed: UInt64(count))
    let ended = network.run(until: 60) { $0.members.allSatisfy { $0?.finish != nil } }
    #expect(ended)
    expectAgreement(network, test, rounds: 6, survivors: Array(0..<count))
    for member in network.members {
      #expect(member?.sums.count == 6)
      #expect(member?.sums.values.allSatisfy { $0.contributors.count == count } == true)
    }
  }

  @Test func plainSumsAreTheSameMachineWithoutShares() throws {
    let test = try TestNetwork(members: 8, threshold: 1, holders: 1)
    var network = VirtualNetwork((0..<8).map { test.member($0, rounds: 4) }, seed: 1)
    #expect(network.run(until: 60) { $0.members.allSatisfy { $0?.finish != nil } })
    expectAgreement(network, test, rounds: 4, survivors: Array(0..<8))
  }

  @Test func lostDuplicatedReorderedAndDamagedMessagesChangeNothing() throws {
    let test = try TestNetwork(members: 8)
    var faults = NetworkFaults()
    faults.latency = 0.001...0.05
    faults.loss = 0.05
    faults.duplication = 0.1
    faults.corruption = 0.05
    for seed in 0..<5 as Range<UInt64> {
      var network = VirtualNetwork(
        (0..<8).map { test.member($0, rounds: 10) }, faults: faults, seed: seed)
      let ended = network.run(until: 300) { $0.members.allSatisfy { $0?.finish != nil } }
      #expect(ended, "seed \(seed)")
      expectAgreement(network, test, rounds: 10, survivors: Array(0..<8), "seed \(seed)")
    }
  }

  /// One is killed at some moment and starts anew with nothing, another is cut off for a while; both
  /// come back. Every member takes its turn as either.
  @Test func membersThatDieOrAreCutOffComeBack() throws {
    let test = try TestNetwork(members: 8)
    for seed in 0..<Self.seeds {
      var random = SimulationRandom(seed: seed &+ 1000)
      let killed = Int(seed) % 8
      let cut = (killed + 1 + Int(random.next() % 7)) % 8
      let killAt = 0.1 + 0.15 * random.fraction()
      let cutAt = 0.1 + 0.15 * random.fraction()
      var network = VirtualNetwork(
        (0..<8).map { test.member($0, rounds: 20) }, seed: seed)
      network.at(killAt) { $0.stop(killed) }
      network.at(killAt + 1 + random.fraction()) { network in
        let now = network.now
        network.start(killed, test.member(killed, rounds: 20, now: now))
      }
      network.at(cutAt) { $0.cut(cut) }
      network.at(cutAt + 1 + random.fraction()) { $0.heal(cut) }
      let ended = network.run(until: 120) { network in
        network.now > 3 && network.members.allSatisfy { $0?.finish != nil }
      }
      #expect(ended, "seed \(seed)")
      expectAgreement(network, test, rounds: 20, survivors: Array(0..<8), "seed \(seed)")
    }
  }
}
