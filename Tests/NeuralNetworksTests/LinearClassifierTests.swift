import NeuralNetworks
import Randomness
import Testing

@Suite struct LinearClassifierTests {
  /// Samples of a few features each, with labels that the first features mostly decide.
  func samples(_ count: Int, features: Int) -> [(features: [UInt16], label: Bool)] {
    let draws = RandomStream(seed: 7, purpose: .simulation).uniform(count * (features + 1))
    return (0..<count).map { sample in
      let row = draws[sample * (features + 1)..<(sample + 1) * (features + 1)]
      let own = zip(UInt16(0)..., row.dropLast()).filter { $0.1 < 0.3 }.map { $0.0 }
      let lean = own.reduce(0) { $0 + ($1 < 4 ? 1 : $1 < 8 ? -1 : 0) }
      return (own, lean > 0 || (lean == 0 && row.last ?? 0 < 0.5))
    }
  }

  /// Four steps by hand, from 0: {0, 1} positive is a mistake (w = 1 1 0, b = 1), {1, 2} negative has
  /// the sum 2 and is one (w = 1 0 -1, b = 0), {0} positive has 1 and is none, {2} positive has -1 and
  /// is one (w = 1 0 0, b = 1).
  @Test func aPerceptronLearnsAsByHand() {
    let steps: [(features: [UInt16], label: Bool, weights: [Int64], bias: Int64)] = [
      ([0, 1], true, [1, 1, 0], 1), ([1, 2], false, [1, 0, -1], 0), ([0], true, [1, 0, -1], 0),
      ([2], true, [1, 0, 0], 1),
    ]
    var perceptron = Perceptron(featureCount: 3)
    var averaged = AveragedPerceptron(featureCount: 3)
    for step in steps {
      perceptron.learn(step.features.span, isPositive: step.label)
      averaged.learn(step.features.span, isPositive: step.label)
      #expect(perceptron.weights == step.weights && perceptron.bias == step.bias)
      #expect(averaged.iterate == perceptron)
    }
    // 1 + 1 + 1 + 1, 1 + 0 + 0 + 0, 0 - 1 - 1 + 0, and the biases 1 + 0 + 0 + 1.
    #expect(averaged.summedWeights == [4, 1, -2, 2])
    let positive: [UInt16] = [1]
    let none: [UInt16] = [2]
    #expect(averaged.predicts(positive) && averaged.sum(positive) == 3)
    // A sum of 0 is a negative prediction.
    #expect(!averaged.predicts(none) && averaged.sum(none) == 0)
  }

  @Test func theMeanIsThatOfAllIterates() {
    let samples = samples(400, features: 20)
    var perceptron = Perceptron(featureCount: 20)
    var averaged = AveragedPerceptron(featureCount: 20)
    var sum = [Int64](repeating: 0, count: 21)
    for (place, sample) in samples.enumerated() {
      perceptron.learn(sample.features.span, isPositive: sample.label)
      averaged.learn(sample.features.span, isPositive: sample.label)
      for (feature, weight) in (perceptron.weights + [perceptron.bias]).enumerated() {
        sum[feature] += weight
      }
      #expect(averaged.summedWeights == sum && averaged.steps == Int64(place + 1))
      let asked = samples[(place * 7) % samples.count].features
      let expected = asked.reduce(sum[20]) { $0 + sum[Int($1)] }
      #expect(averaged.sum(asked) == expected)
      #expect(averaged.predicts(asked) == (expected > 0))
    }
  }

  @Test func rememberedSumsFollowMistakes() {
    let samples = samples(300, features: 70)
    var averaged = AveragedPerceptron(featureCount: 70)
    let first = samples[0].features
    let asked = Set(first)
    var scores = averaged.scores(first.span)
    for sample in samples {
      let change = averaged.step(sample.features.span, isPositive: sample.label)
      scores.follow(
        change, step: averaged.steps, shared: asked.intersection(sample.features).count)
      let anew = averaged.scores(first.span)
      #expect(scores == anew)
      #expect(averaged.isPositive(scores) == averaged.predicts(first))
    }
  }

  @Test func aStepOfLogisticRegressionIsThatOfTheGradient() {
    let features: [UInt16] = [0, 2, 3, 4, 5]
    var regression = LogisticRegression(featureCount: 6, learningRate: 0.5)
    regression.learn(features.span, isPositive: true)
    // From p = 1/2: half of the rate.
    #expect(regression.weights == [0.25, 0, 0.25, 0.25, 0.25, 0.25] && regression.bias == 0.25)
    let before = regression.probability(features.span)
    // The sum is 6 × 0.25.
    #expect(abs(before - 0.8175744761936437) < 1e-12)
    regression.learn(features.span, isPositive: false)
    let weight = 0.25 - 0.5 * before
    #expect(regression.weights == [weight, 0, weight, weight, weight, weight])
    #expect(regression.bias == weight)
    let score = regression.score(features.span)
    #expect(abs(score - 6 * weight) < 1e-12)
  }

  @Test func allLearnWhatTheFeaturesSay() {
    let samples = samples(3000, features: 20)
    func share(_ classifier: some LinearClassifier) -> Double {
      var classifier = classifier
      for sample in samples.prefix(2000) {
        classifier.learn(sample.features.span, isPositive: sample.label)
      }
      let right = samples.dropFirst(2000).filter {
        classifier.predicts($0.features) == $0.label
      }
      return Double(right.count) / 1000
    }
    #expect(share(Perceptron(featureCount: 20)) > 0.7)
    #expect(share(AveragedPerceptron(featureCount: 20)) > 0.8)
    #expect(share(LogisticRegression(featureCount: 20, learningRate: 0.05)) > 0.8)
  }
}

extension LinearClassifier {
  fileprivate func predicts(_ features: [UInt16]) -> Bool { isPositive(features.span) }
}

extension AveragedPerceptron {
  fileprivate func sum(_ features: [UInt16]) -> Int64 { summedScore(features.span) }
}
