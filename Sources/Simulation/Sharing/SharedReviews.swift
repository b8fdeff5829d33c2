import Datasets
import Incentives
import NeuralNetworks
import Randomness

/// Reviews, as often as they are used: for several seeds and settings with the same `num_words`.
public struct SharedReviews: Sendable {
  public let words: Int
  let train: LabelledFeatures
  let test: LabelledFeatures
  let masks: [UInt64]

  /// - Parameters:
  ///   - train: what is learnt from beforehand, and submitted.
  ///   - test: what models are judged by.
  public init(train: ReviewSet, test: ReviewSet, words: Int) {
    self.words = words
    self.train = LabelledFeatures(train, words: words)
    self.test = LabelledFeatures(test, words: words)
    masks = RememberingPerceptron.masks(of: self.train.features)
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
    precondition(
      configuration.words == words, "\(configuration.words) words of \(words) that were counted")
    switch configuration.model {
    case .averaged:
      return run(configuration, AveragedPerceptron(featureCount: words), goesOn) {
        RememberingPerceptron($0, features: train.features, masks: masks)
      }
    case .perceptron:
      return run(configuration, Perceptron(featureCount: words), goesOn) {
        PlainReviewModel($0, features: train.features)
      }
    case .logistic:
      let untrained = LogisticRegression(
        featureCount: words, learningRate: configuration.learningRate)
      return run(configuration, untrained, goesOn) {
        PlainReviewModel($0, features: train.features)
      }
    }
  }

  /// The order of the training reviews: the first are learnt from beforehand, the others submitted.
  func order(seed: UInt64) -> [Int32] {
    RandomStream(seed: seed, round: 0, purpose: .minibatch).permutation(trainCount)
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
    _ model: (Classifier) -> Model
  ) -> SharingOutcome? {
    let order = order(seed: configuration.seed)
    let count = firstCount(configuration)
    let first = model(learn(order[..<count], untrained, configuration))
    func simulation(_ kinds: [Bool]) -> SharingSimulation<Model> {
      SharingSimulation(
        first, stream: order[count...], labels: train.labels,
        agents: kinds.enumerated().map { number, isBad in
          SharingAgent(
            isBad ? configuration.bad : configuration.good, number: number, isBad: isBad,
            start: SharingSimulation<Model>.start, seed: configuration.seed)
        }, rules: configuration.rules, badClaims: configuration.badClaims)
    }
    var both = simulation([false, true])
    guard let curve = finish(&both, configuration, goesOn, hasCurve: true) else { return nil }
    var alone = simulation([false])
    guard finish(&alone, configuration, goesOn, hasCurve: false) != nil else { return nil }
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
    _ goesOn: () -> Bool, hasCurve: Bool
  ) -> [SharingOutcome.Point]? {
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
    }
    if hasCurve { curve.append(point(simulation, day: simulation.days(simulation.now))) }
    return curve
  }
}

extension SharingSimulation {
  func outcome(of agent: Int) -> SharingOutcome.Agent {
    let holdings = holdings(agent)
    let agent = agents[agent]
    return SharingOutcome.Agent(
      submitted: agent.submitted, refunds: agent.refunds, reports: agent.reports,
      rests: agent.rests, startBalance: SharingConfiguration.tokens(agent.startBalance),
      balance: holdings.balance, locked: holdings.locked,
      spentAfter: agent.spentAt.map(days), stoppedAfter: agent.stoppedAt.map(days))
  }

  func share(_ agent: Int) -> SharingOutcome.Point.Share {
    let holdings = holdings(agent)
    let start = max(
      1 / Double(SharingConfiguration.token),
      SharingConfiguration.tokens(agents[agent].startBalance))
    return SharingOutcome.Point.Share(
      balance: 100 * holdings.balance / start, locked: 100 * holdings.locked / start)
  }
}
