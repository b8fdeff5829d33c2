import Datasets
import NeuralNetworks
import Testing

@testable import MultipartyLearning

@Suite struct MultipartyRunTests {
  /// Six parties with three of six classes each.
  static let split = PartySplit(
    parties: (0..<6).map { (k: UInt8) in
      PartySplit.Party(
        kind: k % 2 == 0 ? .softmaxRegression : .linearSVM,
        classes: [k, (k + 1) % 6, (k + 2) % 6].sorted())
    })

  struct Start {
    let models: [PartyModel]
    let data: [LabelledImages]
    let test: LabelledImages

    init(seed: UInt64, threads: Int = 1) throws {
      let split = MultipartyRunTests.split
      let (data, publicPart) = try split.deal(
        Samples.images(60, classes: 6, noise: 40, likeness: true, seed: seed), seed: seed)
      var training = LocalTraining()
      training.epochs = 12
      training.batchSize = 16
      training.shift = 0
      training.learningRate = 0.01
      let nobody = ByzantineParties(share: 0, of: split, model: .randomWeights, seed: seed)
      models = nobody.models(
        split, data: data, publicPart: publicPart, training: training, seed: seed,
        threads: threads)
      self.data = data
      test = Samples.images(30, classes: 6, noise: 40, likeness: true, seed: seed + 100)
    }
  }

  static func plan(_ bogusShare: Double, messages: Int = 60) -> CalibrationPlan {
    var plan = CalibrationPlan()
    plan.messages = messages
    plan.bogusShare = bogusShare
    plan.searchLimit = 64
    return plan
  }

  static let rules: CalibrationRules = {
    var rules = CalibrationRules()
    rules.learningRate = 0.05
    return rules
  }()

  func run(
    _ system: MultipartySystem, _ start: Start, bogus: Double, threads: Int = 1, seed: UInt64 = 1
  ) -> MultipartyRun {
    MultipartyRun(
      system, models: start.models, data: start.data, rules: Self.rules, plan: Self.plan(bogus),
      seed: seed, threads: threads)
  }

  func digests(_ run: borrowing MultipartyRun) -> [String] {
    (0..<run.panel.count).map { "\(run.panel.model($0).digest)" }
  }

  @Test(arguments: MultipartySystem.allCases)
  func threadsChangeNoBit(_ system: MultipartySystem) throws {
    let start = try Start(seed: 1)
    #expect(try Start(seed: 1, threads: 2).models == start.models)
    var one = run(system, start, bogus: 0.5)
    var two = run(system, start, bogus: 0.5, threads: 2)
    var other = run(system, start, bogus: 0.5, seed: 2)
    for _ in 0..<2 {
      let outcome = one.runIteration()
      #expect(two.runIteration() == outcome)
      _ = other.runIteration()
      #expect(outcome.honest > 0 && outcome.bogus == 30)
      #expect(outcome.validHonest + outcome.validBogus > 0)
    }
    #expect(digests(one) == digests(two))
    #expect(digests(one) != digests(other))
    #expect(digests(one) != start.models.map { "\($0.digest)" })
    #expect(one.iteration == 2)
  }

  /// Calibration makes the models better together, even when half of the messages are bogus; the
  /// margin of the surest models, which applies every message, is then far behind.
  @Test func learning() throws {
    var before = 0.0
    var calm: [MultipartySystem: Double] = [:]
    var attacked: [MultipartySystem: Double] = [:]
    for seed in UInt64(1)...2 {
      let start = try Start(seed: seed)
      for system in MultipartySystem.allCases {
        for bogus in [0, 0.5] {
          var run = run(system, start, bogus: bogus, threads: 2, seed: seed)
          if system == .bema && bogus == 0 { before += run.accuracy(start.test) / 2 }
          for _ in 0..<6 { _ = run.runIteration() }
          let accuracy = run.accuracy(start.test) / 2
          if bogus == 0 {
            calm[system, default: 0] += accuracy
          } else {
            attacked[system, default: 0] += accuracy
          }
        }
      }
    }
    let bema = try #require(calm[.bema])
    let bemaAttacked = try #require(attacked[.bema])
    let hmrAttacked = try #require(attacked[.hmr])
    #expect(before < 0.6)
    #expect(bema > before + 0.15, "\(before) before, \(bema) after")
    #expect(bemaAttacked > before + 0.05, "\(before) before, \(bemaAttacked) after")
    #expect(bemaAttacked > hmrAttacked + 0.05, "\(bemaAttacked) against \(hmrAttacked)")
  }

  /// Whoever is not a member is not on the panel; attackers send bogus messages all the same.
  @Test func membersAndAttackers() throws {
    let start = try Start(seed: 1)
    var run = MultipartyRun(
      .bema, models: start.models, data: start.data, rules: Self.rules, plan: Self.plan(0.5),
      seed: 1, threads: 1, members: [0, 1, 3, 4, 5], attackers: [2, 5])
    #expect(run.panel.count == 5)
    #expect(run.panel.model(2) == start.models[3])
    let outcome = run.runIteration()
    #expect(outcome.bogus == 30)
    // Four honest parties look for samples.
    #expect(outcome.searched <= 4 * 64)
  }

  /// Nobody sends what would not be valid, and only bogus messages are wrong.
  @Test func honestMessagesAreValidWhenTheyAreSent() throws {
    let start = try Start(seed: 1)
    var rules = Self.rules
    // One block: nothing is calibrated between the search and the validation.
    rules.blockSize = 1000
    var run = MultipartyRun(
      .bema, models: start.models, data: start.data, rules: rules, plan: Self.plan(0.2),
      seed: 1, threads: 1)
    let outcome = run.runIteration()
    #expect(outcome.honest > 0 && outcome.validHonest == outcome.honest)
    #expect(outcome.bogus == 12)
  }
}
