import Consensus
import Cryptography
import GraphicalModels
import Ledger
import Testing

@testable import CollaborativeLearning
@testable import Simulation

/// What a changed chain gives away. Whoever changes a block here seals it anew with the orderers' own
/// keys, and links all later blocks to it: only what is wrong with its content is left to be found.
@Suite struct ChainVerificationTests {
  private let seed = TrainingConfiguration().seed
  private let chain: [Block]
  private let job: OrderedJob

  init() throws {
    var plan = OrderedSimulation.Plan()
    plan.timing.collection = 0.3
    plan.leaving = [(client: 1, at: 0.15)]
    var simulation = try OrderedSimulation(
      OrderedSamples.machines(3, rows: 60, seed: 4), OrderedSamples.configuration,
      OrderedSamples.settings, plan: plan)
    let isOver = simulation.run()
    try #require(isOver)
    chain = simulation.chain
    job = try OrderedJob(firstBlock: chain[0])
  }

  private func key(_ number: Int) -> SigningKey {
    SigningKey(seed: SHA256.hash(Array("simulated \(seed) \(number)".utf8)).bytes)
  }
  private func orderer(_ index: Int) -> SigningKey { key(3 + 3 + index) }
  private func endorser(_ index: Int) -> SigningKey { key(3 + index) }

  private func seal(_ block: Block, view: UInt32 = 0) -> Block {
    var block = block
    let statement = OrderingStatement.bytes(
      "commit", job: chain[0].hash, height: block.height, view: view, block: block.hash)
    block.seal =
      BlockSeal(
        view: view,
        votes: (0..<2).map {
          MemberSignature(member: $0, signature: orderer($0).signature(for: statement))
        }
      ).encoded
    return block
  }

  private func verify(_ chain: [Block]) throws -> ChainVerification {
    try ChainVerification(count: chain.count) { chain[$0] }
  }

  /// The chain up to a block, with the payload of this one changed and sealed.
  private func changed(
    _ height: Int, _ change: (inout RoundPayload) throws -> Void
  ) throws -> [Block] {
    var payload = try RoundPayload(decoding: chain[height].payload)
    try change(&payload)
    let block = chain[height]
    return chain[..<height] + [
      seal(
        Block(
          height: block.height, previous: block.previous, time: block.time,
          payload: payload.encoded))
    ]
  }

  private func signed(
    _ old: StatisticsTransaction, time: UInt64? = nil, round: UInt64? = nil,
    _ numbers: (inout [Double]) -> Void = { _ in }
  ) -> StatisticsTransaction {
    var flattened = old.statistics.flattened
    numbers(&flattened)
    var statistics = PatternStatistics(flattened: flattened, variables: old.statistics.variables)
    statistics.logLikelihood = old.statistics.logLikelihood
    return StatisticsTransaction(
      job: old.job, client: old.client, round: round ?? old.round, time: time ?? old.time,
      basis: old.basis, weights: old.weights, statistics: statistics, key: key(old.client))
  }

  private func expectRefusal(
    _ text: String, _ chain: [Block], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    do {
      _ = try verify(chain)
      Issue.record("nothing was found", sourceLocation: sourceLocation)
    } catch {
      #expect("\(error)".contains(text), sourceLocation: sourceLocation)
    }
  }

  @Test func aSoundChainIsSound() throws {
    let report = try verify(chain)
    #expect(report.conclusion == .converged)
    #expect(report.job == chain[0].hash)
    #expect(report.head == chain.last?.hash)
    #expect(report.rounds.contains { !$0.recycled.isEmpty })
    // A chain that ends early is sound, and says that it is not at its end.
    #expect(try verify(Array(chain.dropLast(2))).conclusion == .goesOn)
    // A block that was changed and sealed anew stays sound if nothing about it is wrong.
    _ = try verify(try changed(4) { $0.orderer = ($0.orderer + 1) % 3 })
  }

  /// Statistics that a client signed itself, but later than the endorsers voted.
  @Test func aChangedStatisticIsFound() throws {
    let start = try changed(3) { payload in
      guard case .reported(let old) = payload.entries[0] else { return }
      payload.entries[0] = .reported(
        signed(old) { $0[1] += 1e-12 * max(1, $0[1].magnitude) })
    }
    _ = try verify(start)
    // The block behind it has the outcome of the true one.
    var payload = try RoundPayload(decoding: chain[4].payload)
    let digest = start[3].hash
    payload.outcome?.outcome.block = digest
    let statement = try #require(payload.outcome).outcome.statement(job: chain[0].hash)
    payload.outcome?.votes = (0..<2).map {
      MemberSignature(member: $0, signature: endorser($0).signature(for: statement))
    }
    let basis = try #require(payload.outcome).outcome.digest
    for (client, entry) in payload.entries.enumerated() {
      guard case .reported(let old) = entry else { continue }
      payload.entries[client] = .reported(
        StatisticsTransaction(
          job: old.job, client: client, round: old.round, time: old.time, basis: basis,
          weights: old.weights, statistics: old.statistics, key: key(client)))
    }
    let block = seal(
      Block(height: 4, previous: digest, time: chain[4].time, payload: payload.encoded))
    expectRefusal("its outcome is not what the statistics", start + [block])
    // Without the client's signature it does not even come so far.
    expectRefusal(
      "its signature is not the client's",
      try changed(3) { payload in
        guard case .reported(var old) = payload.entries[0] else { return }
        old.statistics.logLikelihood += 1
        payload.entries[0] = .reported(old)
      })
  }

  /// Another dictionary in the outcome of a payload, with votes for it.
  private func replaceDictionary(_ payload: inout RoundPayload, signers: [Int]) throws {
    var outcome = try #require(payload.outcome).outcome
    var bytes = outcome.dictionary.bytes
    bytes[0] ^= 1
    outcome.dictionary = Digest(bytes: bytes)
    let statement = outcome.statement(job: chain[0].hash)
    payload.outcome = EndorsedOutcome(
      outcome: outcome,
      votes: signers.map {
        MemberSignature(member: $0, signature: endorser($0).signature(for: statement))
      })
    for (client, entry) in payload.entries.enumerated() {
      guard case .reported(let old) = entry else { continue }
      payload.entries[client] = .reported(
        StatisticsTransaction(
          job: old.job, client: client, round: old.round, time: old.time,
          basis: outcome.digest, weights: old.weights, statistics: old.statistics,
          key: key(client)))
    }
  }

  @Test func aChangedDictionaryIsFound() throws {
    // With the votes of a quorum only doing it again shows it.
    expectRefusal(
      "its outcome is not what the statistics",
      try changed(4) { try replaceDictionary(&$0, signers: [0, 1]) })
    expectRefusal(
      "not what a quorum of endorsers voted for",
      try changed(4) { try replaceDictionary(&$0, signers: [0]) })
    expectRefusal(
      "not what a quorum of endorsers voted for",
      try changed(4) { try replaceDictionary(&$0, signers: [0, 0]) })
  }

  /// An endorser that came to other numbers than a quorum says so, and votes no more.
  @Test func anEndorserWithOtherNumbersVotesNoMore() throws {
    let other = try changed(4) { try replaceDictionary(&$0, signers: [0, 1]) }
    for (last, isAtOdds) in [(chain[4], false), (other[4], true)] {
      var endorser = try Endorser(2, key: endorser(2), blocks: chain[..<4])
      endorser.receive(.block(last), from: OrderedNode(.orderer, 0), now: 1)
      let effects = endorser.takeEffects()
      #expect(endorser.count == 5)
      #expect(endorser.isAtOdds == isAtOdds)
      #expect(effects.contains { if case .note = $0 { true } else { false } } == isAtOdds)
      let votes = effects.contains { if case .send(.vote, _) = $0 { true } else { false } }
      #expect(votes != isAtOdds)
    }
  }

  /// Where endorsers all come to different numbers, an orderer says that nothing can go on.
  @Test func ordererSaysThatEndorsersDiffer() throws {
    var orderer = try Orderer(0, key: orderer(0), blocks: chain[..<4], memory: nil)
    let true0 = try #require(try RoundPayload(decoding: chain[4].payload).outcome).outcome
    var notes = 0
    for index in 0..<3 {
      var outcome = true0
      outcome.dictionary = SHA256.hash([UInt8(index)])
      let signature = endorser(index).signature(for: outcome.statement(job: chain[0].hash))
      let vote = OutcomeVote(outcome: outcome, endorser: index, signature: signature)
      for _ in 0..<2 {
        orderer.receive(.vote(vote), from: OrderedNode(.endorser, index), now: 1)
      }
      for effect in orderer.takeEffects() {
        if case .note = effect { notes += 1 }
      }
      #expect(notes == (index < 2 ? 0 : 1))
    }
  }

  @Test func aForgedVoteIsFound() throws {
    expectRefusal(
      "not what a quorum of endorsers voted for",
      try changed(4) { payload in
        let other = key(77).signature(for: [1])
        payload.outcome?.votes[0].signature = other
      })
    // The seals of orderers: one vote too few, another's vote, or a vote for another view.
    var block = chain[2]
    var seal = try BlockSeal(decoding: block.seal)
    let last = seal.votes.removeLast()
    block.seal = seal.encoded
    expectRefusal("its seal", chain[..<2] + [block])
    seal.votes.append(MemberSignature(member: last.member, signature: seal.votes[0].signature))
    block.seal = seal.encoded
    expectRefusal("its seal", chain[..<2] + [block])
    seal.votes[seal.votes.count - 1] = last
    seal.view += 1
    block.seal = seal.encoded
    expectRefusal("its seal", chain[..<2] + [block])
  }

  @Test func wrongAttributesAreFound() throws {
    func change(_ new: (StatisticsTransaction) -> StatisticsTransaction) throws -> [Block] {
      try changed(3) { payload in
        guard case .reported(let old) = payload.entries[0] else { return }
        payload.entries[0] = .reported(new(old))
      }
    }
    let late = job.timeWindow + chain[3].time + 1
    expectRefusal("time stamp", try change { signed($0, time: late) })
    expectRefusal("it is for round 2", try change { signed($0, round: 2) })
    expectRefusal("not finite", try change { signed($0) { $0[0] = .nan } })
    expectRefusal("no rows", try change { signed($0) { $0[0] = -1 } })
    expectRefusal("left out", try changed(3) { $0.entries[0] = .absent })
    expectRefusal(
      "reported nothing in block 1", try changed(4) { $0.entries[0] = .recycled(from: 1) })
    expectRefusal("2 entries for 3 clients", try changed(3) { $0.entries.removeLast() })
    expectRefusal("out of place", try changed(3) { $0.entries.swapAt(0, 2) })
    expectRefusal("outcome of the block before is missing", try changed(3) { $0.outcome = nil })
  }

  @Test func anotherOrderIsFound() throws {
    var swapped = chain
    swapped.swapAt(2, 3)
    expectRefusal("block 3", swapped)
    var gap = chain
    gap.remove(at: 2)
    expectRefusal("block 3", gap)
    expectRefusal("concluded", chain + [try #require(chain.last)])
    #expect(throws: OrderedBlockError.self) { try verify(Array(chain.dropFirst())) }
  }

  /// Whatever bit of whatever block turns over: it is found, also where no file has check sums.
  @Test func everyTurnedBitIsFound() throws {
    let short = Array(chain[..<4])
    for height in short.indices {
      let bytes = short[height].encoded
      for place in stride(from: height, to: bytes.count, by: 7) {
        var damaged = bytes
        damaged[place] ^= 1 << UInt8(place % 8)
        guard let block = try? Block(decoding: damaged) else { continue }
        var other = short
        other[height] = block
        #expect(throws: (any Error).self, "block \(height), byte \(place)") { try verify(other) }
      }
    }
  }
}
