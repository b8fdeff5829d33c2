import Cryptography
import Incentives
import Ledger
import NeuralNetworks
import Randomness
import Settings
import Testing

@testable import Simulation

/// Shared data on a mined chain.
@Suite struct SharingChainTests {
  typealias Contract = SharingContract<IntegerPerceptron>
  typealias Chain = ContractChain<Contract>

  /// Sorted features, about every sixth of 40.
  static func samples(_ count: Int) -> [(features: [UInt16], label: Bool)] {
    let draws = RandomStream(seed: 3, purpose: .syntheticData).uniform(count * 41)
    return (0..<count).map { sample in
      let own = draws[sample * 41..<(sample + 1) * 41]
      let features = own.prefix(40).enumerated().filter { $0.element < 0.16 }.map {
        UInt16($0.offset)
      }
      let votes = features.reduce(0) { $0 + ($1 < 20 ? 1 : -1) }
      return (features, own.last ?? 0 < 0.1 ? votes <= 0 : votes > 0)
    }
  }

  /// The same weights and the same predictions, from the start or from the middle on.
  @Test func theIntegerPerceptronIsTheSameAsTheOthers() {
    var averaged = AveragedPerceptron(featureCount: 40)
    var plain = Perceptron(featureCount: 40)
    var means = [IntegerPerceptron(.mean, featureCount: 40)]
    var last = IntegerPerceptron(.lastWeights, featureCount: 40)
    var differences = 0
    for (turn, (features, label)) in Self.samples(2000).enumerated() {
      if turn == 700 {
        #expect(IntegerPerceptron(averaged) == means[0])
        means.append(IntegerPerceptron(averaged))
      }
      let sample = FeatureList(features)
      for mean in means {
        if mean.score(sample) != averaged.summedScore(features.span) { differences += 1 }
      }
      if last.predict(sample) != plain.isPositive(features.span) { differences += 1 }
      averaged.learn(features.span, isPositive: label)
      plain.learn(features.span, isPositive: label)
      for place in means.indices { means[place].update(sample, label: label) }
      last.update(sample, label: label)
    }
    #expect(differences == 0)
    #expect(means.allSatisfy { $0 == IntegerPerceptron(averaged) })
    #expect(last.weights == plain.weights && last.bias == plain.bias)
  }

  /// Runs with a chain that is kept in memory.
  static func run(
    _ configuration: SharingConfiguration
  ) throws -> (outcome: SharingOutcome, blocks: [MinedBlock]) {
    var blocks: [MinedBlock] = []
    let outcome = try SharingSimulationTests.shared.run(
      configuration, keepingChain: { blocks.append($0) })
    return (try #require(outcome), blocks)
  }

  /// All options that a chain's rules can have, and both kinds of models.
  static var configurations: [SharingConfiguration] {
    let standard = SharingSimulationTests.configuration
    var last = standard
    last.model = .perceptron
    last.badClaims = .all
    var strict = standard
    strict.lock = .cost
    strict.entropyWeight = 0.5
    strict.goodPerBad = 1
    strict.storageLimit = 20_000
    strict.seed = 2
    return [standard, last, strict]
  }

  @Test(arguments: configurations)
  func aChainComesToTheSameAsTheRunWithoutOne(configuration: SharingConfiguration) throws {
    let plain = try #require(SharingSimulationTests.shared.run(configuration))
    let (outcome, blocks) = try Self.run(configuration)
    #expect(outcome == plain)

    // Whoever has nothing but the bytes comes to the same, and loses no token on the way.
    var verifier = try ChainVerifier(
      ContractApplication<Contract>(), genesisBytes: blocks[0].encoded)
    let supply = verifier.state.application.tokens.supply
    #expect(supply == 11_000_000)
    var isConserved = true
    for block in blocks.dropFirst() {
      try verifier.append(encoded: block.encoded)
      let state = verifier.state.application
      isConserved = isConserved && state.tokens.total == supply
      #expect(state.contract.lastTime <= block.time)
    }
    #expect(isConserved)
    let state = verifier.state.application
    let accounts = Chain.keys(2, seed: configuration.seed).map {
      AccountAddress($0.verificationKey)
    }
    for (account, agent) in zip(accounts, [plain.good, plain.bad]) {
      #expect(SharingConfiguration.tokens(state.tokens.balance(of: account)) == agent.balance)
      #expect(
        SharingConfiguration.tokens(state.contract.lockedAmounts[account] ?? 0) == agent.locked)
      #expect(state.contract.record(of: account).good == UInt64(agent.refunds))
    }
    #expect(state.contract.sampleCount == UInt64(plain.good.submitted + plain.bad.submitted))
    #expect(state.refusals == plain.tally.refusals)
    #expect(state.contract.rules == configuration.rules)
  }

  @Test func theSameSeedMakesTheSameBlocks() throws {
    var configuration = SharingSimulationTests.configuration
    configuration.dayLimit = 3
    let one = try Self.run(configuration).blocks
    #expect(try Self.run(configuration).blocks.map(\.hash) == one.map(\.hash))
    configuration.seed = 2
    #expect(try Self.run(configuration).blocks.last?.hash != one.last?.hash)
  }

  /// A miner that writes another event than execution gives, or leaves a call out.
  @Test func otherRecordsAreNotTaken() throws {
    var configuration = SharingSimulationTests.configuration
    configuration.dayLimit = 2
    let blocks = try Self.run(configuration).blocks
    let refund = try #require(blocks.firstIndex { $0.transactions.count > 1 })
    var verifier = try ChainVerifier(ContractApplication<Contract>(), genesis: blocks[0])
    for block in blocks[1..<refund] { try verifier.append(block) }
    let block = blocks[refund]
    func forged(_ transactions: [SignedTransaction], _ records: [[UInt8]]) -> MinedBlock {
      ProofOfWork.mine(
        MinedBlock(
          height: block.height, previous: block.previous, time: block.time,
          difficulty: block.difficulty, miner: block.miner, transactions: transactions,
          records: records))
    }
    var records = block.records
    records[1][records[1].count - 1] ^= 1
    for bad in [
      forged(block.transactions, records), forged(block.transactions, []),
      forged(Array(block.transactions.dropLast()), block.records),
    ] {
      var other = verifier
      #expect(throws: ChainFault.self) { try other.append(bad) }
    }
    try verifier.append(block)
  }

  @Test func callsOutOfOrderStayInTheirBlockAsRefused() throws {
    let keys = Chain.keys(2, seed: 1)
    let accounts = keys.map { AccountAddress($0.verificationKey) }
    let start: UInt64 = 1_600_000_000_000
    var chain = try Chain(
      Contract.self,
      records: Contract.records(
        IntegerPerceptron(featureCount: 10), rules: SharingRules(),
        balances: [accounts[0]: 100_000, accounts[1]: 100_000], time: start), parties: 2,
      time: start, seed: 1)
    let sample = FeatureList([1, 2])
    let first = try chain.mine(
      [
        (.add(sample, true, deposit: 70_000), 0), (.add(sample, true, deposit: 70_000), 1),
        (.add(FeatureList([10]), true, deposit: 70_000), 1), (.refund(0), 0),
      ], at: start + 3_600_000)
    #expect(try first.outcomes[0].get().count == 1)
    let reasons = first.outcomes.dropFirst().map { outcome in
      if case .failure(let refusal) = outcome { refusal.description } else { "" }
    }
    #expect(reasons[0].contains("there already") && reasons[1].contains("feature 10"))
    #expect(reasons[2].contains("wait"))
    #expect(chain.state.refusals == 3 && chain.state.tokens.escrow(0) == 70_000)
    let second = try chain.mine([(.refund(0), 0)], at: start + 3_600_000 + SharingRules.day)
    #expect(second.events == [.refunded(0, sender: accounts[0], amount: 70_000)])
    #expect(second.block.time == start + 3_600_000 + SharingRules.day)
  }

  /// The contract takes a sample once, so nobody stands before one that cannot be submitted.
  @Test func noTwoSubmittedSamplesAreAlike() throws {
    let reviews = SharedReviews(
      train: SharingSimulationTests.reviews(1500, seed: 1),
      test: SharingSimulationTests.reviews(10, seed: 2), words: 25)
    let order = reviews.order(seed: 1)
    let stream = reviews.stream(order[300...])
    let features = stream.map { reviews.train.features.row(Int($0)) }
    #expect(Set(features).count == features.count && features.count < 1200)
    #expect(Set(features) == Set(order[300...].map { reviews.train.features.row(Int($0)) }))
    var configuration = SharingSimulationTests.configuration
    configuration.words = 25
    let outcome = try #require(
      try reviews.run(configuration, keepingChain: { _ in }))
    #expect(outcome.good.submitted + outcome.bad.submitted == features.count)
    #expect(outcome == reviews.run(configuration))
  }

  @Test func floatingPointModelsStayOffChains() {
    var configuration = SharingSimulationTests.configuration
    configuration.model = .logistic
    let error = #expect(throws: SettingError.self) { try Self.run(configuration) }
    #expect(error.map { "\($0)".contains("averaged or perceptron") } == true)
  }
}
