import Cryptography
import Testing

@testable import Consensus
@testable import Simulation

/// What a coalition of members gets to see in runs of real nodes: all messages to it. What its own
/// members contribute and draw at random is theirs, and does not depend on what others have.
@Suite struct TranscriptTests {
  #if DEBUG
    private static let trials = 300
  #else
    private static let trials = 2000
  #endif
  private static let prime = UInt64(FieldElement.prime)

  /// One run of one round.
  private func run(
    _ test: TestNetwork, _ contributions: [[UInt32]], seed: UInt64
  ) -> (transcript: Transcript, sum: [UInt32]) {
    let transcript = Transcript()
    let count = contributions[0].count
    let members = contributions.indices.map { index in
      var member = test.member(index, count: count, rounds: 1)
      member.contributionOf = { member, _ in contributions[member] }
      return RecordedMember(member, transcript)
    }
    var network = VirtualNetwork(members, seed: seed)
    let ended = network.run(until: 30) { $0.members.allSatisfy { $0?.member.sums[0] != nil } }
    #expect(ended)
    return (transcript, network.members[0]?.member.sums[0]?.elements ?? [])
  }

  private func layout(_ test: TestNetwork, _ size: Int, count: Int, _ slot: Slot) -> ShareLayout {
    ShareLayout(
      expected: MemberSet(0..<size), count: count, sharing: test.sharing,
      sliceLimit: test.sliceLimit, seed: test.configuration(0).seed, slot: slot)
  }

  /// The shares in a holder's deal: by slice.
  private func shares(
    _ deal: RoundMessage.Deal, of holder: Int, _ layout: ShareLayout
  ) -> [Int: [UInt32]] {
    layout.sums(of: [deal], for: holder)
  }

  /// All shares that were dealt to some holders: by contributor, slice and place in the slice.
  private func dealtShares(
    _ test: TestNetwork, _ size: Int, count: Int, _ entries: [Transcript.Entry]
  ) -> [Int: [Int: [Int: [UInt32]]]] {
    var dealt: [Int: [Int: [Int: [UInt32]]]] = [:]
    for entry in entries {
      guard case .deal(let slot, let deal) = entry.message else { continue }
      let layout = layout(test, size, count: count, slot)
      let shares = shares(deal, of: entry.to, layout)
      for (slice, k) in layout.holdings(of: entry.to) {
        dealt[entry.from, default: [:]][slice, default: [:]][k] = shares[slice]
      }
    }
    return dealt
  }

  private func slot(_ transcript: Transcript) -> Slot {
    for entry in transcript.entries {
      if case .deal(let slot, _) = entry.message { return slot }
    }
    return Slot(epoch: 0, round: 0)
  }

  private func contributions(_ size: Int, count: Int, seed: UInt64) -> [[UInt32]] {
    var random = SimulationRandom(seed: seed)
    return (0..<size).map { _ in (0..<count).map { _ in UInt32(random.next() % Self.prime) } }
  }

  /// Another input with the same sum: the honest members' vectors are anything else.
  private func another(
    _ contributions: [[UInt32]], honest: [Int], seed: UInt64
  ) -> [[UInt32]] {
    var other = contributions
    let drawn = self.contributions(honest.count, count: contributions[0].count, seed: seed)
    for (place, member) in honest.enumerated() { other[member] = drawn[place] }
    let last = honest[honest.count - 1]
    for i in contributions[0].indices {
      let wanted = honest.reduce(UInt64(0)) { $0 + UInt64(contributions[$1][i]) }
      let rest = honest.dropLast().reduce(UInt64(0)) { $0 + UInt64(other[$1][i]) }
      other[last][i] = UInt32((wanted + UInt64(honest.count) * Self.prime - rest) % Self.prime)
    }
    return other
  }

  // MARK: Without shares

  /// Plain sums are what they say: whoever adds up a slice reads everybody's numbers in it.
  @Test func inPlainSumsOneMemberReadsTheContributionsOfOthers() throws {
    let test = try TestNetwork(members: 8, threshold: 1, holders: 1)
    let contributions = contributions(8, count: 40, seed: 1)
    let (transcript, _) = run(test, contributions, seed: 1)
    let layout = layout(test, 8, count: 40, slot(transcript))
    for reader in 0..<8 {
      let read = dealtShares(test, 8, count: 40, transcript.view(of: [reader]))
      #expect(read.count == 7)
      for (contributor, slices) in read {
        #expect(slices.count == 1)
        for (slice, holders) in slices {
          #expect(holders[0] == Array(contributions[contributor][layout.slices[slice]]))
        }
      }
    }
  }

  // MARK: Coalitions below the threshold

  /// Everything that two of five see, beside the sum, has the same distribution whatever the honest
  /// contributed, and is uniform as far as it is a share.
  @Test func whatACoalitionSeesHasOneDistributionForAllInputsOfOneSum() throws {
    var test = try TestNetwork(members: 5)
    test.electorate.verifies = false
    test.signs = false
    let coalition: Set<Int> = [1, 3]
    // Far apart: nothing, and anything.
    var first = contributions(5, count: 5, seed: 2)
    for member in [0, 2, 4] { first[member] = [0, 0, 1, 1, FieldElement.prime - 1] }
    let second = another(first, honest: [0, 2, 4], seed: 3)

    // By what is seen (contributor or -1 for a revealed sum of shares, slice, holder): its values
    // in every trial, with either input.
    var seen: [[Int]: [[UInt32]]] = [:]
    var sums = Set<[UInt32]>()
    for trial in 0..<2 * Self.trials {
      let (transcript, sum) = run(test, trial % 2 == 0 ? first : second, seed: UInt64(trial))
      sums.insert(sum)
      let view = transcript.view(of: coalition)
      for (contributor, slices) in dealtShares(test, 5, count: 5, view) {
        for (slice, holders) in slices {
          for (k, share) in holders {
            seen[[contributor, slice, k], default: [[], []]][trial % 2].append(share[0])
          }
        }
      }
      for entry in view {
        guard case .reveal(_, let slice, let holder, let share) = entry.message else { continue }
        seen[[-1, Int(slice), Int(holder)], default: [[], []]][trial % 2].append(share[0])
      }
    }
    #expect(sums.count == 1)
    #expect(seen.keys.filter { $0[0] >= 0 }.count == 3 * 5 * 2)
    #expect(seen.keys.contains { $0[0] == -1 })

    func cells(_ values: [UInt32], _ count: Int) -> [Int] {
      values.map { Int(UInt64($0) * UInt64(count) / Self.prime) }
    }
    for (what, values) in seen {
      #expect(values[0].count == Self.trials && values[1].count == Self.trials, "\(what)")
      // 15 degrees of freedom: beyond 65 once in 3 million times.
      #expect(twoSamples(cells(values[0], 16), cells(values[1], 16)) < 65, "\(what)")
      for sample in values { #expect(uniformity(cells(sample, 16)) < 65, "\(what)") }
    }
    // The two shares of one slice together, too.
    for contributor in [0, 2, 4] {
      for slice in 0..<5 {
        let keys = seen.keys.filter { $0[0] == contributor && $0[1] == slice }.sorted {
          $0[2] < $1[2]
        }
        let pairs = (0..<2).map { input in
          let both = keys.map { cells(seen[$0]?[input] ?? [], 4) }
          return zip(both[0], both[1]).map { 4 * $0 + $1 }
        }
        #expect(twoSamples(pairs[0], pairs[1]) < 65)
        for sample in pairs { #expect(uniformity(sample) < 65) }
      }
    }
  }

  /// χ² of two samples of 16 cells.
  private func twoSamples(_ a: [Int], _ b: [Int]) -> Double {
    (0..<16).reduce(0) { total, cell in
      let x = Double(a.count { $0 == cell })
      let y = Double(b.count { $0 == cell })
      return x + y == 0 ? total : total + (x - y) * (x - y) / (x + y)
    }
  }

  /// χ² of a sample against 16 equal cells.
  private func uniformity(_ sample: [Int]) -> Double {
    let expected = Double(sample.count) / 16
    return (0..<16).reduce(0) { total, cell in
      let difference = Double(sample.count { $0 == cell }) - expected
      return total + difference * difference / expected
    }
  }

  /// Exact: for what a coalition saw in a run, and any other input with the same sum, there are
  /// polynomials of the honest that make it see the same. So it cannot exclude any of those inputs.
  /// (Shares that are expansions of seeds are taken for the random elements that nobody can tell them
  /// from.)
  @Test func everyViewFitsEveryInputOfTheSameSum() throws {
    for (size, coalition) in [(5, [0, 1]), (5, [2, 4]), (8, [0, 5]), (8, [6, 7])] {
      let test = try TestNetwork(members: size)
      let count = 3 * size + 1
      let honest = (0..<size).filter { !coalition.contains($0) }
      let real = contributions(size, count: count, seed: 4)
      let (transcript, sum) = run(test, real, seed: 5)
      let layout = layout(test, size, count: count, slot(transcript))
      let dealt = dealtShares(test, size, count: count, transcript.entries)
      for seed in 6..<9 as Range<UInt64> {
        let other = another(real, honest: honest, seed: seed)
        // The sums of shares that the holders of each slice would reveal.
        var revealed: [Int: [Int: [UInt64]]] = [:]
        for (slice, range) in layout.slices.enumerated() {
          let zero = [UInt64](repeating: 0, count: range.count)
          let known = (0..<5).filter { coalition.contains(layout.holder($0, of: slice)) }
          #expect(known.count <= 2)
          for contributor in 0..<size {
            let genuine = polynomial(dealt[contributor]?[slice] ?? [:])
            // What the contributor keeps for itself is on the same polynomial as what it dealt.
            #expect(try test.sharing.reconstruct(all(genuine)) == Array(real[contributor][range]))
            // A polynomial of degree 2 that is 1 at 0 and 0 where the coalition has shares.
            let free = (1...5).filter { !known.contains($0 - 1) }.prefix(2 - known.count)
            let roots = known.map { $0 + 1 } + free
            let nodes = ([0] + roots).map { FieldElement($0) }
            let changed = (0..<5).map { k -> [UInt32] in
              let factor = FieldElement.interpolation(at: FieldElement(k + 1), from: nodes)[0]
              return range.indices.map { i in
                let place = range.lowerBound + i - range.indices.lowerBound
                let difference =
                  FieldElement(Int(other[contributor][place]))
                  - FieldElement(Int(real[contributor][place]))
                return
                  (FieldElement(Int(genuine[k][place - range.lowerBound])) + factor * difference)
                  .value
              }
            }
            #expect(try test.sharing.reconstruct(all(changed)) == Array(other[contributor][range]))
            for k in known where !coalition.contains(contributor) {
              #expect(changed[k] == genuine[k])
              #expect(changed[k] == dealt[contributor]?[slice]?[k])
            }
            for k in 0..<5 {
              let before = revealed[slice]?[k] ?? zero
              revealed[slice, default: [:]][k] = zip(before, changed[k]).map { $0 + UInt64($1) }
            }
          }
        }
        // All numbers that the coalition was sent are those that it would have been sent.
        for entry in transcript.view(of: Set(coalition)) {
          switch entry.message {
          case .deal: break  // seen above
          case .reveal(_, let slice, let holder, let share):
            #expect(share == revealed[Int(slice)]?[Int(holder)]?.map { UInt32($0 % Self.prime) })
          case .slice(_, let slice, let elements):
            #expect(elements == Array(sum[layout.slices[Int(slice)]]))
          case .hello, .running, .acknowledgement, .vote, .lock, .certificate, .ask, .finish: break
          case .offer, .stateRequest, .state: Issue.record("nobody was away")
          }
        }
        #expect(try ExactSum().sum(other) == sum)
      }
    }
  }

  /// The shares of all five holders from those of at least three.
  private func polynomial(_ known: [Int: [UInt32]]) -> [[UInt32]] {
    let some = known.sorted { $0.key < $1.key }.prefix(3)
    #expect(some.count == 3)
    let nodes = some.map { FieldElement($0.key + 1) }
    let count = some.first?.value.count ?? 0
    return (0..<5).map { k in
      if let share = known[k] { return share }
      let factors = FieldElement.interpolation(at: FieldElement(k + 1), from: nodes)
      return (0..<count).map { i in
        zip(some, factors).reduce(FieldElement.zero) {
          $0 + FieldElement(Int($1.0.value[i])) * $1.1
        }.value
      }
    }
  }

  private func all(_ shares: [[UInt32]]) -> [(holder: Int, share: [UInt32])] {
    shares.enumerated().map { (holder: $0, share: $1) }
  }

  // MARK: Coalitions that reach it

  /// The bound is tight: three of five read everything, and of eight whatever they hold together.
  @Test(arguments: [5, 8])
  func aCoalitionOfTheThresholdReadsContributions(size: Int) throws {
    let test = try TestNetwork(members: size)
    let contributions = contributions(size, count: 40, seed: 9)
    let (transcript, _) = run(test, contributions, seed: 9)
    let layout = layout(test, size, count: 40, slot(transcript))
    let coalition: Set<Int> = Set(layout.order.prefix(3))
    var read = 0
    for (contributor, slices) in dealtShares(test, size, count: 40, transcript.view(of: coalition))
    {
      for (slice, holders) in slices where holders.count == 3 {
        let secret = try test.sharing.reconstruct(holders.map { (holder: $0.key, share: $0.value) })
        #expect(secret == Array(contributions[contributor][layout.slices[slice]]))
        read += 1
      }
    }
    #expect(size == 5 ? read == 5 * 2 : read >= 5)
  }

  // MARK: Drop-outs

  /// Runs with faults, and checks that of every round one set of contributors was revealed.
  private func expectOneSetPerRound(
    _ test: TestNetwork, members count: Int, seed: UInt64, rounds: UInt32 = 20,
    _ faults: (inout VirtualNetwork<RecordedMember>, inout SimulationRandom, Transcript) -> Void
  ) {
    let transcript = Transcript()
    var random = SimulationRandom(seed: seed &+ 5000)
    var settings = NetworkFaults()
    settings.latency = 0.001...0.02
    settings.loss = random.happens(0.3) ? 0.02 : 0
    settings.duplication = 0.05
    var network = VirtualNetwork(
      (0..<count).map { RecordedMember(test.member($0, count: 16, rounds: rounds), transcript) },
      faults: settings, seed: seed)
    faults(&network, &random, transcript)
    let ended = network.run(until: 200) { network in
      network.now > 6 && network.members.allSatisfy { $0?.member.finish != nil }
    }
    #expect(ended, "seed \(seed): \(network.members.map { $0?.member.notes.suffix(6) ?? [] })")
    for (slot, decisions) in transcript.decisions {
      #expect(decisions.count == 1, "seed \(seed), \(slot)")
    }
    for (round, sets) in transcript.revealedSets {
      #expect(sets.count == 1, "seed \(seed), round \(round): \(sets)")
      for set in sets.keys { #expect(set.count >= PrivateSum.leastContributors, "seed \(seed)") }
    }
  }

  #if DEBUG
    private static let schedules: UInt64 = 10
  #else
    private static let schedules: UInt64 = 150
  #endif

  /// Stops a member, and starts it again with what it had on its disk.
  private func restart(
    _ index: Int, _ test: TestNetwork, _ network: inout VirtualNetwork<RecordedMember>,
    at time: Double, after pause: Double, _ transcript: Transcript, rounds: UInt32 = 20
  ) {
    network.at(time) {
      $0.restart(index, test, after: pause, transcript, rounds: rounds)
    }
  }

  /// Contributors drop out in the middle of rounds, one after another or several at once; a majority
  /// stays. Two sums that differ by a few would be those few's contributions.
  @Test func noRoundRevealsTwoSumsWhenMembersDropOut() throws {
    let test = try TestNetwork(members: 8)
    for seed in 0..<Self.schedules {
      expectOneSetPerRound(test, members: 8, seed: seed) { network, random, transcript in
        let order = (0..<8).map { (random.next(), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        for index in order.prefix(1 + Int(random.next() % 3)) {
          let time = 0.05 + 0.8 * random.fraction()
          let pause = 0.6 + random.fraction()
          if random.happens(0.5) {
            restart(index, test, &network, at: time, after: pause, transcript)
          } else {
            network.at(time) { $0.cut(index) }
            network.at(time + pause) { $0.heal(index) }
          }
        }
      }
    }
  }

  // MARK: Too few

  /// With three members one of whom is gone, a sum would tell the two each what the other has.
  @Test(arguments: [(1, 1), (2, 2), (2, 3), (3, 3)])
  func twoContributorsNeverSum(threshold: Int, holders: Int) throws {
    let test = try TestNetwork(members: 3, threshold: threshold, holders: holders)
    for seed in 0..<Self.schedules / 5 {
      expectOneSetPerRound(test, members: 3, seed: seed) { network, random, transcript in
        let index = Int(random.next() % 3)
        let time = 0.02 + 0.4 * random.fraction()
        if random.happens(0.5) {
          restart(index, test, &network, at: time, after: 3, transcript)
        } else {
          network.at(time) { $0.cut(index) }
          network.at(time + 4) { $0.heal(index) }
        }
      }
    }
  }
}
