import Datasets
import NeuralNetworks
import Testing

@testable import OpportunisticLearning

@Suite struct BehaviourTests {
  let runner = ModelRunner()
  static let oppCL = CollaborativeOpportunisticLearning()

  func handedOver(
    _ behaviour: NeighbourBehaviour, _ algorithm: some OpportunisticAlgorithm, number: Int = 6,
    population: [Participant] = Samples.experienced(4)
  ) -> (model: ModelSnapshot, population: [Participant]) {
    var population = population
    population[1].behaviour = behaviour
    let context = Samples.context(population, number: number)
    return (
      NeighbourBehaviour.contribution(of: algorithm, in: context, on: runner).model, population
    )
  }

  static let flip = LabelPermutation([1, 2, 3, 0])

  @Test func permutationsMoveEveryLabel() {
    #expect(LabelPermutation([1, 0, 2]) == nil)
    #expect(LabelPermutation([1, 1, 0]) == nil)
    #expect(LabelPermutation([1, 3, 0]) == nil)
    #expect(Self.flip?([0, 3, 1, 1]) == [1, 0, 2, 2])
    for known in [LabelPermutation.cyclic, .similarPairs] {
      #expect(LabelPermutation(known.images) == known && known.images.count == 10)
    }
    // The paper's two: trucks are called airplanes, deer dogs.
    #expect(LabelPermutation.similarPairs([9, 4]) == [0, 5])
  }

  @Test func anHonestOneDoesWhatTheAlgorithmAsks() {
    let (model, population) = handedOver(.honest, Self.oppCL)
    #expect(model == Self.oppCL.contribution(in: Samples.context(population), on: runner).model)
    #expect(handedOver(.honest, GossipLearning()).model == population[1].model)
  }

  @Test func aLabelFlipperTrainsOnOtherLabels() throws {
    let flip = try #require(Self.flip)
    let (model, population) = handedOver(.labelFlipping(flip), Self.oppCL)
    let neighbour = population[1]
    let mislabelled = LabelledImages(
      channels: 1, height: 12, width: 12, classes: 4, pixels: neighbour.training.pixels,
      labels: neighbour.training.labels.map { ($0 + 1) % 4 })
    #expect(
      model
        == runner.train(
          population[0].model, on: mislabelled, Samples.training,
          TrainingSession(seed: 9, participant: 1, counter: 6)))
    // As a learner of gossip it trains its own model so, too.
    let context = Samples.context(population, learner: 1, neighbour: 0)
    let own = GossipLearning(judged: .trained).candidate(
      from: Contribution(population[0].model), in: context, on: runner)
    #expect(
      own.validated
        == runner.train(
          MergeRule.average.merge(population[0].model, into: neighbour.model), on: mislabelled,
          Samples.training, TrainingSession(seed: 9, participant: 1, counter: 6)))
  }

  @Test func unchangedWeightsAreTheLearners() {
    let (model, population) = handedOver(.unchangedWeights, Self.oppCL)
    #expect(model == population[0].model)
    #expect(handedOver(.unchangedWeights, GossipLearning()).model == population[0].model)
  }

  @Test func randomWeightsAreDrawnAnew() {
    let (model, population) = handedOver(.randomWeights, Self.oppCL)
    #expect(!population.contains { $0.model.parameters == model.parameters })
    #expect(model.architecture == Samples.architecture)
    #expect(handedOver(.randomWeights, Self.oppCL).model == model)
    #expect(handedOver(.randomWeights, Self.oppCL, number: 7).model != model)
    // Of the size of a start, so that nobody sees it by their size.
    let start = ModelSnapshot(Samples.architecture, seed: 1)
    func power(_ model: ModelSnapshot) -> Float { model.parameters.reduce(0) { $0 + $1 * $1 } }
    #expect(abs(power(model) / power(start) - 1) < 0.1)
  }

  @Test func copiedWeightsAreAThirdOnes() {
    var victims: Set<Int> = []
    for number in 0..<12 {
      let (model, population) = handedOver(.copiedWeights, Self.oppCL, number: number)
      if let victim = population.first(where: { $0.model == model }) {
        victims.insert(victim.number)
      }
    }
    #expect(victims == [2, 3])
    // With nobody else to copy from, it hands back what it got.
    let (model, two) = handedOver(
      .copiedWeights, Self.oppCL, population: Samples.experienced(2))
    #expect(model == two[0].model)
  }

  @Test func noiseHasItsDeviation() {
    let (model, population) = handedOver(.noisyWeights(deviation: 0.01), GossipLearning())
    let noise = zip(model.parameters, population[0].model.parameters).map { $0 - $1 }
    let mean = noise.reduce(0, +) / Float(noise.count)
    let variance = noise.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(noise.count)
    #expect(abs(mean) < 0.0005)
    #expect(abs(variance.squareRoot() - 0.01) < 0.0005)
    #expect(model.age == population[0].model.age)
  }

  /// It goes towards the bad model, no further than is valid on its own images, and not much less.
  @Test func thePatientOneStaysWithinTheTolerance() throws {
    let flip = try #require(Self.flip)
    let rule = ValidationRule(.loss, tolerance: 0.05)
    var population = Samples.experienced(4)
    // The learner's model is a good one, so that flipped labels make it worse.
    var settings = Samples.training
    settings.steps = 60
    population[0].model = runner.train(
      population[0].model, on: population[0].training, settings,
      TrainingSession(seed: 3, participant: 0, counter: 99))
    let (model, all) = handedOver(.patient(flip, rule), Self.oppCL, population: population)
    let flipped = handedOver(.labelFlipping(flip), Self.oppCL, population: population).model
    func loss(_ model: ModelSnapshot) -> Double {
      runner.quality(.loss, of: model, on: all[1].judging)
    }
    let start = loss(all[0].model)
    #expect(loss(flipped) > start + 0.05)
    #expect(loss(model) > start)
    #expect(loss(model) <= start + 0.05 + 1e-9)
    // One more step of the search would be too far.
    let direction = zip(flipped.parameters, all[0].model.parameters).map { $0 - $1 }
    let further = all[0].model.moved(
      towards: flipped.parameters, by: share(of: model, from: all[0].model, direction) + 1.0 / 32,
      age: 0)
    #expect(loss(further) > start + 0.05)
    // Where anything goes, it hands over the bad model.
    let free = handedOver(
      .patient(flip, ValidationRule(.loss, tolerance: 1000)), Self.oppCL, population: population)
    #expect(free.model == flipped)
  }

  private func share(
    of model: ModelSnapshot, from start: ModelSnapshot, _ direction: [Float]
  ) -> Float {
    var along: Float = 0
    var length: Float = 0
    for i in direction.indices {
      along += (model.parameters[i] - start.parameters[i]) * direction[i]
      length += direction[i] * direction[i]
    }
    return along / length
  }
}
