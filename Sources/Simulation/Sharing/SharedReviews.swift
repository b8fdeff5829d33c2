import Datasets
import Incentives
import Ledger
import NeuralNetworks
import Randomness
import Settings

/// Reviews, as often as they are used: for several seeds and settings with the same `num_words`.
public struct SharedReviews: Sendable {
  public let words: Int
  let train: LabelledFeatures
  let test: LabelledFeatures
  let masks: [UInt64]
  /// Of each training review, the first one that has the same features.
  private let firstAlike: [Int32]

  /// - Parameters:
  ///   - train: what is learnt from beforehand, and submitted.
  ///   - test: what models are judged by.
  public init(train: ReviewSet, test: ReviewSet, words: Int) {
    self.words = words
    self.train = LabelledFeatures(train, words: words)
    self.test = LabelledFeatures(test, words: words)
    masks = RememberingPerceptron.masks(of: self.train.features)
    let width = (words + 63) / 64
    var first: [[UInt64]: Int32] = [:]
    var firstAlike: [Int32] = []
    for review in 0..<Int32(self.train.labels.count) {
      let mask = Array(masks[Int(review) * width..<(Int(review) + 1) * width])
      let alike = first[mask] ?? review
      first[mask] = alike
      firstAlike.append(alike)
    }
    self.firstAlike = firstAlike
  }

  public var trainCount: Int { train.labels.count }

  /// Runs a simulation with its two references.
  ///
  /// - Parameter goesOn: asked now and then; `false` ends it.
  /// - Returns: `nil` if it was ended.
  /// - Precondition: the settings are for so many words.
  public func run(
    _ configuration: SharingConfiguration, goesOn: @Sendable () -> Bool = { true }
  ) -> SharingOutcome? {
    do {
      return try run(configuration, keep: nil, goesOn)
    } catch {
      preconditionFailure("a run without a chain keeps nothing: \(error)")
    }
  }

  /// The same on a chain: every call is a signed transaction, and every wake with calls a mined block.
  ///
  /// - Parameter keep: handed each block, the first one at once.
  /// - Throws: ``SettingError`` for a model in floating-point numbers, which a chain cannot execute
  ///   everywhere alike; what `keep` throws; ``ChainDisagreement``.
  public func run(
    _ configuration: SharingConfiguration, keepingChain keep: @escaping (MinedBlock) throws -> Void,
    goesOn: @Sendable () -> Bool = { true }
  ) throws -> SharingOutcome? {
    try configuration.validate(isOnChain: true)
    return try run(configuration, keep: keep, goesOn)
  }

  private func run(
    _ configuration: SharingConfiguration, keep: ((MinedBlock) throws -> Void)?,
    _ goesOn: @Sendable () -> Bool
  ) throws -> SharingOutcome? {
    precondition(
      configuration.words == words, "\(configuration.words) words of \(words) that were counted")
    switch configuration.model {
    case .averaged:
      return try run(configuration, AveragedPerceptron(featureCount: words), goesOn) {
        RememberingPerceptron($0, features: train.features, masks: masks)
      } chain: {
        try chain(IntegerPerceptron($0), configuration, keep)
      }
    case .perceptron:
      return try run(configuration, Perceptron(featureCount: words), goesOn) {
        PlainReviewModel($0, features: train.features)
      } chain: {
        try chain(IntegerPerceptron($0), configuration, keep)
      }
    case .logistic:
      let untrained = LogisticRegression(
        featureCount: words, learningRate: configuration.learningRate)
      return try run(configuration, untrained, goesOn) {
        PlainReviewModel($0, features: train.features)
      } chain: { _ in
        nil
      }
    }
  }

  private func chain(
    _ model: IntegerPerceptron, _ configuration: SharingConfiguration,
    _ keep: ((MinedBlock) throws -> Void)?
  ) throws -> SharingChain? {
    guard let keep else { return nil }
    return try SharingChain(model, configuration, features: train.features, keep: keep)
  }

  /// The order of the training reviews: the first are learnt from beforehand, the others submitted.
  func order(seed: UInt64) -> [Int32] {
    RandomStream(seed: seed, round: 0, purpose: .minibatch).permutation(trainCount)
  }

  /// Reviews that are submitted: those of which the features are not those of an earlier one, because
  /// the contract takes the same sample with the same label once.
  func stream(_ reviews: ArraySlice<Int32>) -> ArraySlice<Int32> {
    var isThere = [Bool](repeating: false, count: trainCount)
    return reviews.filter { review in
      let alike = Int(firstAlike[Int(review)])
      defer { isThere[alike] = true }
      return !isThere[alike]
    }[...]
  }

  /// The order of a pass over so many reviews, from 1 on.
  func pass(_ number: Int, count: Int, seed: UInt64) -> [Int32] {
    RandomStream(seed: seed, round: UInt32(number), purpose: .minibatch).permutation(count)
  }

  func firstCount(_ configuration: SharingConfiguration) -> Int {
    Int((configuration.trainSize * Double(trainCount)).rounded())
  }

  private func learn<Classifier: LinearClassifier>(
    _ reviews: ArraySlice<Int32>, _ classifier: Classifier, _ configuration: SharingConfiguration
  ) -> Classifier {
    var classifier = classifier
    let columns = train.features.columns.span
    for number in 0..<configuration.passes {
      for place in pass(number + 1, count: reviews.count, seed: configuration.seed) {
        let review = Int(reviews[reviews.startIndex + Int(place)])
        classifier.learn(
          columns.extracting(train.features.range(review)), isPositive: train.labels[review])
      }
    }
    return classifier
  }

  private func run<Classifier: LinearClassifier, Model: ReviewModel>(
    _ configuration: SharingConfiguration, _ untrained: Classifier, _ goesOn: () -> Bool,
    _ model: (Classifier) -> Model, chain: (Classifier) throws -> SharingChain?
  ) throws -> SharingOutcome? {
    let order = order(seed: configuration.seed)
    let count = firstCount(configuration)
    let classifier = learn(order[..<count], untrained, configuration)
    let first = model(classifier)
    let chain = try chain(classifier)
    let stream = stream(order[count...])
    func simulation(_ kinds: [Bool], accounts: [AccountAddress]?) -> SharingSimulation<Model> {
      SharingSimulation(
        first, stream: stream, labels: train.labels,
        agents: kinds.enumerated().map { number, isBad in
          SharingAgent(
            isBad ? configuration.bad : configuration.good, number: number, isBad: isBad,
            start: SharingSimulation<Model>.start, seed: configuration.seed,
            address: accounts?[number])
        }, rules: configuration.rules, badClaims: configuration.badClaims,
        keepsCalls: accounts != nil)
    }
    var both = simulation([false, true], accounts: chain?.accounts)
    guard let curve = try finish(&both, configuration, goesOn, hasCurve: true, chain: chain) else {
      return nil
    }
    var alone = simulation([false], accounts: nil)
    guard try finish(&alone, configuration, goesOn, hasCurve: false) != nil else { return nil }
    let all = model(learn(order[...], untrained, configuration))
    return SharingOutcome(
      before: ReviewScores(first.counts(on: test)),
      after: ReviewScores(both.contract.model.counts(on: test)),
      allData: ReviewScores(all.counts(on: test)),
      withoutBad: ReviewScores(alone.contract.model.counts(on: test)), good: both.outcome(of: 0),
      bad: both.outcome(of: 1), days: both.days(both.now), tally: both.tally, curve: curve)
  }

  /// Runs to the end.
  private func finish<Model: ReviewModel>(
    _ simulation: inout SharingSimulation<Model>, _ configuration: SharingConfiguration,
    _ goesOn: () -> Bool, hasCurve: Bool, chain: SharingChain? = nil
  ) throws -> [SharingOutcome.Point]? {
    var curve: [SharingOutcome.Point] = []
    let end =
      SharingSimulation<Model>.start + SharingConfiguration.time(days: configuration.dayLimit)
    let interval = SharingConfiguration.time(days: configuration.curveDays)
    var mark = SharingSimulation<Model>.start
    var wakes = 0
    func point(_ simulation: SharingSimulation<Model>, day: Double) -> SharingOutcome.Point {
      SharingOutcome.Point(
        day: day, accuracy: ReviewScores(simulation.contract.model.counts(on: test)).accuracy,
        good: simulation.share(0), bad: simulation.share(1))
    }
    while let time = simulation.nextTime, time <= end {
      if wakes.isMultiple(of: 256) && !goesOn() { return nil }
      wakes += 1
      if hasCurve {
        if time >= mark {
          curve.append(point(simulation, day: simulation.days(mark)))
          // Several marks may lie between two wakes.
          mark += interval * ((time - mark) / interval + 1)
        }
      }
      simulation.step()
      if let chain { try chain.follow(simulation.takeCalls(), at: time) }
    }
    try chain?.finish(simulation.tokens)
    if hasCurve { curve.append(point(simulation, day: simulation.days(simulation.now))) }
    return curve
  }
}
