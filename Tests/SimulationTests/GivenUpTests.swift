import Testing

@testable import Consensus
@testable import Simulation

/// So many members vanish between the certificate of a sum and the sum that it cannot be formed: the
/// round is summed over the same members later, or never.
@Suite struct GivenUpTests {
  #if DEBUG
    private static let seeds: UInt64 = 20
  #else
    private static let seeds: UInt64 = 150
  #endif
  private static let rounds: UInt32 = 10

  private struct Run {
    var network: VirtualNetwork<RecordedMember>
    let transcript: Transcript
    /// The round that was interrupted.
    let round: UInt32
    /// Who vanished.
    let gone: [Int]

    /// How the members that are there left the round: with whose sum, and nobody's where it was given
    /// up.
    func outcomes(of members: [Int]) -> Set<MemberSet> {
      Set(members.compactMap { network.members[$0]?.member.sums[round]?.contributors })
    }
  }

  /// Stops members, or cuts them off, in the moment in which the first share of a sum is given away,
  /// or soon after.
  ///
  /// - Parameter pause: after how many seconds one of them starts again, with what it had on its disk,
  ///   or is connected again.
  private func run(
    _ test: TestNetwork, seed: UInt64, stopping count: Int, cuts: Bool = false,
    pause: (inout SimulationRandom) -> Double
  ) -> Run {
    let transcript = Transcript()
    var random = SimulationRandom(seed: seed &+ 9000)
    var faults = NetworkFaults()
    faults.latency = 0.001...0.02
    var network = VirtualNetwork(
      (0..<8).map { RecordedMember(test.member($0, count: 16, rounds: Self.rounds), transcript) },
      faults: faults, seed: seed)
    let round = 1 + UInt32(random.next() % 6)
    network.run(until: 60) { _ in transcript.latestReveal ?? 0 >= round }
    network.run(until: network.now + 0.03 * random.fraction()) { _ in false }
    let order = (0..<8).map { (random.next(), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    let gone = Array(order.prefix(count))
    for index in gone {
      if cuts {
        // What it has sent does not arrive any more.
        network.cut(index)
        network.at(network.now + pause(&random)) { $0.heal(index) }
        continue
      }
      network.restart(index, test, after: pause(&random), transcript, rounds: Self.rounds)
    }
    return Run(network: network, transcript: transcript, round: round, gone: gone)
  }

  private func expectOneSumPerRound(_ run: inout Run, _ seed: UInt64) {
    let ended = run.network.run(until: 300) { network in
      network.members.allSatisfy { $0?.member.finish != nil }
    }
    #expect(
      ended, "seed \(seed): \(run.network.members.map { $0?.member.notes.suffix(5) ?? [] })")
    #expect(Set(run.network.members.map { $0?.member.state }).count == 1, "seed \(seed)")
    for member in run.network.members { #expect(member?.member.failures == [], "seed \(seed)") }
    for (slot, decisions) in run.transcript.decisions {
      #expect(decisions.count == 1, "seed \(seed), \(slot)")
    }
    // What any coalition can learn is a part of this.
    for (round, sets) in run.transcript.revealedSets {
      #expect(sets.count == 1, "seed \(seed), round \(round): \(sets)")
    }
    #expect(run.outcomes(of: Array(0..<8)).count <= 1, "seed \(seed)")
  }

  /// Some come back soon, others when a new epoch has long begun without them.
  @Test func noRoundIsSummedOverTwoSets() throws {
    let test = try TestNetwork(members: 8)
    var (again, givenUp) = (0, 0)
    for seed in 0..<Self.seeds {
      var run = run(
        test, seed: seed, stopping: 3 + Int(seed % 6), cuts: seed % 4 == 0
      ) { random in
        random.happens(0.7) ? 0.3 + random.fraction() : 6 + 4 * random.fraction()
      }
      expectOneSumPerRound(&run, seed)
      givenUp += run.outcomes(of: Array(0..<8)) == [MemberSet()] ? 1 : 0
      again += run.transcript.revealedSets[run.round]?.values.first?.count ?? 0 > 1 ? 1 : 0
    }
    // Otherwise nothing was tried.
    #expect(again > Self.seeds / 20 && givenUp > Self.seeds / 20, "\(again), \(givenUp)")
  }

  /// All lose power at once, and all come back: no round is lost.
  @Test func allThatWereThereCompleteTheRound() throws {
    let test = try TestNetwork(members: 8)
    for seed in 0..<Self.seeds / 3 {
      var run = run(test, seed: seed, stopping: 8) { 0.3 + $0.fraction() }
      expectOneSumPerRound(&run, seed)
      #expect(run.outcomes(of: Array(0..<8)).isSubset(of: [MemberSet(0..<8)]), "seed \(seed)")
    }
  }

  /// Three of five holders may be missing, and a majority be there: it goes on without them and
  /// without that sum.
  @Test func aMajorityDoesNotStandStill() throws {
    let test = try TestNetwork(members: 8)
    var givenUp = 0
    for seed in 0..<Self.seeds {
      var run = run(test, seed: seed, stopping: 3, cuts: seed % 2 == 0) { _ in 40 }
      let others = (0..<8).filter { !run.gone.contains($0) }
      let goesOn = run.network.run(until: run.network.now + 30) { network in
        others.allSatisfy { network.members[$0]?.member.round ?? 0 > run.round + 1 }
      }
      #expect(goesOn, "seed \(seed)")
      givenUp += run.outcomes(of: others) == [MemberSet()] ? 1 : 0
      expectOneSumPerRound(&run, seed)
    }
    #expect(givenUp > Self.seeds / 20)
  }

  /// Runs until somebody has the sum of a round.
  ///
  /// - Returns: who it is, and a slice that it has put together and nobody else has; `nil` if there
  ///   is none.
  private func lastSlice(
    of round: UInt32, _ network: inout VirtualNetwork<RecordedMember>
  ) -> (member: Int, layout: ShareLayout, slice: Int)? {
    network.run(until: 60) { $0.members.contains { $0?.member.sums[round] != nil } }
    let nodes = network.members.compactMap { $0?.member.node }
    guard let first = nodes.first(where: { $0.ownRound > round }),
      let layout = first.recent.last?.layout
    else { return nil }
    let slice = layout.slices.indices.first { slice in
      layout.holder(0, of: slice) == first.own
        && nodes.allSatisfy { $0.own == first.own || $0.work.slices[slice] == nil }
    }
    return slice.map { (first.own, layout, $0) }
  }

  /// One puts the last slice together, has the sum, and is cut off before it could tell anybody, with
  /// as many holders of that slice as it takes. When it comes back, the others have given the round
  /// up, and what it took of it is undone.
  @Test func whoAloneTookTheSumUndoesIt() throws {
    let test = try TestNetwork(members: 8)
    var undone = 0
    for seed in 0..<Self.seeds {
      let transcript = Transcript()
      var faults = NetworkFaults()
      faults.latency = 0.001...0.02
      var network = VirtualNetwork(
        (0..<8).map {
          RecordedMember(test.member($0, count: 16, rounds: Self.rounds), transcript)
        }, faults: faults, seed: seed)
      var found: (member: Int, layout: ShareLayout, slice: Int)?
      var round: UInt32 = 0
      while found == nil && round < Self.rounds - 2 {
        round += 1
        found = lastSlice(of: round, &network)
      }
      guard let (first, layout, slice) = found else { continue }
      undone += 1
      let gone = [0, 1 + Int(seed % 3), 4].map { layout.holder($0, of: slice) }
      for index in gone {
        if seed % 2 == 0 {
          network.cut(index)
          network.at(network.now + 30) { $0.heal(index) }
        } else {
          network.cut(index)
          network.at(network.now + 1) {
            $0.heal(index)
            $0.restart(index, test, after: 30, transcript, rounds: Self.rounds)
          }
        }
      }
      var run = Run(network: network, transcript: transcript, round: round, gone: gone)
      expectOneSumPerRound(&run, seed)
      #expect(run.outcomes(of: Array(0..<8)) == [MemberSet()], "seed \(seed)")
      #expect(run.network.members[first]?.member.sums[round]?.contributors == MemberSet())
    }
    #expect(undone > Self.seeds / 20, "\(undone)")
  }
}
