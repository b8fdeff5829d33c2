import Datasets
import Incentives
import NeuralNetworks
import Randomness
import Settings
import Testing

@testable import Simulation

@Suite struct SharingSimulationTests {
  /// Reviews of words of which a few say what is meant; as many as `noise` of the labels are wrong.
  static func reviews(_ count: Int, seed: UInt64, noise: Float = 0.05) -> ReviewSet {
    let draws = RandomStream(seed: seed, purpose: .syntheticData).uniform(count * 21)
    var (ranks, offsets, labels): ([UInt16], [Int], [UInt8]) = ([], [0], [])
    for review in 0..<count {
      let own = draws[review * 21..<(review + 1) * 21]
      let isPositive = review.isMultiple(of: 2)
      for (place, draw) in own.dropLast().enumerated() {
        // Words 0 to 9 are positive, 10 to 19 negative, the others neither.
        let isTelling = place < 4
        let word = Int(draw * (isTelling ? 10 : 80))
        ranks.append(UInt16(isTelling ? word + (isPositive ? 0 : 10) : word + 20))
      }
      offsets.append(ranks.count)
      labels.append(isPositive == (own.last ?? 0 >= noise) ? 1 : 0)
    }
    return ReviewSet(wordRanks: ranks, offsets: offsets, labels: labels)
  }

  static let shared = SharedReviews(
    train: reviews(1500, seed: 1), test: reviews(600, seed: 2), words: 100)

  static var configuration: SharingConfiguration {
    var configuration = SharingConfiguration()
    configuration.words = 100
    configuration.trainSize = 0.2
    configuration.bad.startBalance = 1000
    return configuration
  }

  @Test func theSameSeedGivesTheSame() throws {
    let one = try #require(Self.shared.run(Self.configuration))
    #expect(Self.shared.run(Self.configuration) == one)
    var other = Self.configuration
    other.seed = 2
    #expect(Self.shared.run(other) != one)
    #expect(Self.shared.run(Self.configuration, goesOn: { false }) == nil)
  }

  @Test func theBadAgentPaysTheGoodOne() throws {
    let outcome = try #require(Self.shared.run(Self.configuration))
    #expect(outcome.good.submitted + outcome.bad.submitted == 1200)
    #expect(outcome.bad.stoppedAfter != nil && outcome.good.stoppedAfter == nil)
    #expect(outcome.bad.balance < 100 && outcome.bad.reports == 0)
    // All that was there is somewhere, and nothing is left with the contract of the good one's.
    let all = outcome.good.balance + outcome.good.locked + outcome.bad.balance + outcome.bad.locked
    #expect(abs(all - 11_000) < 1e-6)
    #expect(outcome.good.locked == 0)
    #expect(outcome.after.accuracy > 0.85 && abs(outcome.gap) < 5)
    #expect(outcome.curve.count > 2 && outcome.curve[0].good.balance == 100)
    #expect(outcome.curve.last?.bad.locked == 0)
  }

  @Test(arguments: SharingConfiguration.ModelKind.allCases)
  func everyModelLearns(kind: SharingConfiguration.ModelKind) throws {
    var configuration = Self.configuration
    configuration.model = kind
    let outcome = try #require(Self.shared.run(configuration))
    #expect(outcome.after.accuracy > 0.8 && outcome.allData.accuracy > 0.8)
  }

  /// The rules of the paper's future directions bite.
  @Test func strictRulesKeepBadDataOutOrTakeTime() throws {
    let plain = try #require(Self.shared.run(Self.configuration))
    // Bad samples count when their rest is taken, after nine days: the bad agent lasts longer here.
    var ratio = Self.configuration
    ratio.bad.startBalance = 40_000
    ratio.good.meanUpdateWait = 1800
    let unasked = try #require(Self.shared.run(ratio))
    ratio.goodPerBad = 2
    let asked = try #require(Self.shared.run(ratio))
    #expect(asked.bad.submitted < unasked.bad.submitted && asked.tally.refusals > 0)
    var full = Self.configuration
    full.storageLimit = 1000
    let small = try #require(Self.shared.run(full))
    #expect(small.days > 2 * plain.days && small.tally.refusals > 0)
    var (costly, cheap) = (Self.configuration, Self.configuration)
    cheap.lock = .cost
    costly.lock = .cost
    costly.entropyWeight = 20
    let (low, high) = (Self.shared.run(cheap), Self.shared.run(costly))
    #expect(try #require(high).bad.submitted < #require(low).bad.submitted)
  }

  /// What is remembered of a sample changes no prediction.
  @Test func theRememberingPerceptronPredictsAsThePlainOne() {
    let reviews = Self.shared
    var remembering = RememberingPerceptron(
      AveragedPerceptron(featureCount: 100), features: reviews.train.features, masks: reviews.masks)
    var plain = PlainReviewModel(
      AveragedPerceptron(featureCount: 100), features: reviews.train.features)
    var differences = 0
    for sample in Int32(0)..<1000 {
      remembering.update(sample, label: reviews.train.labels[Int(sample)])
      plain.update(sample, label: reviews.train.labels[Int(sample)])
      // Some at every step, some seldom, so that they are a few changes behind, or many.
      for asked in [3, sample % 7, sample % 41, 900 + sample % 97] {
        if remembering.predict(asked) != plain.predict(asked) { differences += 1 }
      }
    }
    #expect(differences == 0)
    #expect(remembering.counts(on: reviews.test) == plain.counts(on: reviews.test))
  }

  /// A simulation whose agents wake as told.
  func simulation(
    _ kinds: [Bool], balance: Double = 1000, claims: SharingConfiguration.BadClaims = .refunds
  ) -> SharingSimulation<PlainReviewModel<AveragedPerceptron>> {
    let reviews = Self.shared
    var perceptron = AveragedPerceptron(featureCount: 100)
    let columns = reviews.train.features.columns.span
    for sample in 0..<300 {
      perceptron.learn(
        columns.extracting(reviews.train.features.range(sample)),
        isPositive: reviews.train.labels[sample])
    }
    var settings = Self.configuration.good
    settings.startBalance = balance
    settings.deviationOfDeposit = 0
    return SharingSimulation(
      PlainReviewModel(perceptron, features: reviews.train.features),
      stream: (Int32(300)..<1500).map { $0 }[...], labels: reviews.train.labels,
      agents: kinds.enumerated().map { number, isBad in
        SharingAgent(settings, number: number, isBad: isBad, start: 1_577_836_800_000, seed: 1)
      }, rules: Self.configuration.rules, badClaims: claims)
  }

  @Test func refundsComeAfterADay() {
    var simulation = simulation([false])
    var steps = 0
    while simulation.agents[0].refunds == 0 && steps < 1000 {
      simulation.step()
      steps += 1
    }
    let day = simulation.days(simulation.now)
    #expect(day >= 1 && day < 1.05)
    // 1000 tokens are twenty deposits of 50: the others skipped their turns.
    #expect(simulation.agents[0].submitted == 20 && simulation.tally.skippedTurns > 100)
    #expect(simulation.agents[0].locked % 50_000 == 0)
  }

  @Test func anAgentWithoutItsMeanDepositHasStopped() {
    var simulation = simulation([true], balance: 49.999)
    simulation.step()
    #expect(simulation.agents[0].stoppedAt == simulation.now && simulation.nextTime == nil)
    #expect(simulation.agents[0].submitted == 0)
    var rich = self.simulation([true], balance: 50)
    rich.step()
    #expect(rich.agents[0].stoppedAt == nil && rich.agents[0].submitted == 1)
    // What is locked counts, although nothing is left to spend.
    rich.step()
    #expect(rich.agents[0].stoppedAt == nil && rich.agents[0].locked == 50_000)
  }

  @Test func aBadAgentFlipsLabelsAndClaimsAsToldTo() throws {
    var modest = simulation([true])
    modest.step()
    let data = try #require(modest.contract.data(of: 0))
    #expect(data.label != Self.shared.train.labels[Int(data.sample)])
    while modest.days(modest.now) < 12, modest.nextTime != nil { modest.step() }
    // What it gets no refund of, it leaves.
    let left = modest.contract.unsettled.count
    #expect(modest.agents[0].rests == 0 && left + modest.agents[0].refunds == 20 && left > 10)
    var greedy = simulation([true], claims: .all)
    while greedy.days(greedy.now) < 12, greedy.nextTime != nil { greedy.step() }
    #expect(greedy.agents[0].rests > 0)
    // Each reports the other's.
    var two = simulation([false, true], claims: .all)
    while two.days(two.now) < 12, two.nextTime != nil { two.step() }
    #expect(two.agents[0].reports > 0 && two.agents[1].reports > 0)
  }

  @Test func tokensAreConservedAtEveryWake() {
    var simulation = simulation([false, true], claims: .all)
    var steps = 0
    while simulation.nextTime != nil && steps < 3000 {
      simulation.step()
      steps += 1
      #expect(simulation.tokens.total == simulation.tokens.supply)
      #expect(
        simulation.tokens.totals.escrows == simulation.agents.reduce(0) { $0 + $1.locked })
    }
    #expect(steps == 3000)
  }

  @Test func settingsAreReadByTheirNames() throws {
    var configuration = SharingConfiguration()
    try configuration.set("num_words", to: "400")
    try configuration.set("start-balance", to: "500")
    try configuration.set("bad-mean-deposit", to: "7.5")
    #expect(configuration.words == 400 && configuration.bad.meanDeposit == 7.5)
    #expect(configuration.good.startBalance == 500 && configuration.bad.startBalance == 500)
    for (name, value, words) in [
      ("num_wrods", "5", "did you mean num-words?"), ("prob-mistake", "1.5", "from 0.0 to 1.0"),
      ("mean_deposit", "-1", "mean-deposit cannot be -1"), ("seed", "x", "seed cannot be x"),
      ("locked", "all", "one of deposit, cost"), ("train-size", "nan", "train-size cannot be nan"),
    ] {
      let before = configuration
      let error = #expect(throws: SettingError.self) {
        try configuration.set(name, to: value)
      }
      #expect(error.map { "\($0)".contains(words) } == true, "\(String(describing: error))")
      #expect(configuration == before)
    }
    for setting in SharingConfiguration.settings {
      try configuration.set(setting.name, to: setting.get(SharingConfiguration()))
    }
    #expect(configuration == SharingConfiguration())
    configuration.anyDays = 2
    #expect(throws: SettingError.self) { try configuration.validate() }
  }
}
