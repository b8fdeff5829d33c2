import Datasets
import NeuralNetworks
import Testing

@testable import OpportunisticLearning

@Suite struct AlgorithmTests {
  let runner = ModelRunner()

  @Test func mergesByHand() {
    let own = Samples.constant([1, 2, 3, 4])
    var incoming = Samples.constant([3, 2, -5, 0])
    let count = own.parameters.count
    func end(_ model: ModelSnapshot) -> [Float] { Array(model.parameters[(count - 4)...]) }
    #expect(end(MergeRule.average.merge(incoming, into: own)) == [2, 2, -1, 2])
    // Nobody has an age: the same.
    #expect(end(MergeRule.ageWeighted.merge(incoming, into: own)) == [2, 2, -1, 2])
    var old = own
    old.age = 30
    incoming.age = 10
    let merged = MergeRule.ageWeighted.merge(incoming, into: old)
    #expect(end(merged) == [1.5, 2, 1, 3])
    #expect(merged.age == 30)
    #expect(MergeRule.average.merge(incoming, into: old).age == 30)
    #expect(MergeRule.average.merge(old, into: incoming).age == 30)
    // Whatever stands before the last four is zero in both.
    #expect(merged.parameters.dropLast(4).allSatisfy { $0 == 0 })
  }

  @Test func gossipMergesThenTrains() {
    let population = Samples.experienced(2)
    let context = Samples.context(population)
    let gossip = GossipLearning()
    let contribution = gossip.contribution(in: context, on: runner)
    #expect(contribution.model == population[1].model)
    var merged = population[0].model
    for i in merged.parameters.indices {
      let (a, b) = (population[0].model.parameters[i], population[1].model.parameters[i])
      merged.parameters[i] = a + 0.5 * (b - a)
    }
    let wanted = runner.train(
      merged, on: population[0].training, context.training,
      TrainingSession(seed: 9, participant: 0, counter: 6))
    #expect(wanted.parameters != merged.parameters && wanted.age == 6)
    for (judged, model) in [
      (GossipLearning.JudgedModel.merged, merged.parameters), (.trained, wanted.parameters),
    ] {
      let gossip = GossipLearning(judged: judged)
      let candidate = gossip.candidate(from: contribution, in: context, on: runner)
      #expect(candidate.validated.parameters == model)
      #expect(gossip.accept(candidate, in: context, on: runner) == wanted)
      #expect(gossip.refuse(candidate, in: context) == population[0].model)
    }
  }

  @Test func theNeighbourTrainsTheLearnersModel() {
    let population = Samples.experienced(2)
    let context = Samples.context(population)
    let oppCL = CollaborativeOpportunisticLearning()
    let contribution = oppCL.contribution(in: context, on: runner)
    let returned = runner.train(
      population[0].model, on: population[1].training, context.training,
      TrainingSession(seed: 9, participant: 1, counter: 6))
    #expect(contribution.model == returned)
    let candidate = oppCL.candidate(from: contribution, in: context, on: runner)
    #expect(candidate.validated == returned)
    let accepted = oppCL.accept(candidate, in: context, on: runner)
    let merged = MergeRule.average.merge(returned, into: population[0].model)
    #expect(
      accepted
        == runner.train(
          merged, on: population[0].training, context.training,
          TrainingSession(seed: 9, participant: 0, counter: 6)))
    #expect(oppCL.refuse(candidate, in: context) == population[0].model)
  }

  /// OppCL's learners may have models of several sizes: each is trained in its own.
  @Test func sizesMayDiffer() throws {
    var population = Samples.participants(2)
    let deep = ConvolutionalArchitecture(.ten, channels: 1, height: 12, width: 12, classes: 4)
    population[1].model = ModelSnapshot(deep, seed: 3)
    let schedule = try EncounterSchedule(drawnFor: 2, rounds: 1, seed: 1)
    var run = OpportunisticRun(
      CollaborativeOpportunisticLearning(), participants: population, schedule: schedule,
      training: Samples.training, seed: 2)
    run.advance()
    #expect(run.participants[0].model.architecture == Samples.architecture)
    #expect(run.participants[1].model.architecture == deep)
    #expect(run.participants.allSatisfy { $0.model.age == 6 })
  }

  @Test func sessionsDrawTheirOwnNumbers() {
    let one = Samples.participants(1)[0]
    func train(_ seed: UInt64, _ participant: Int, _ counter: Int) -> [Float] {
      runner.train(
        one.model, on: one.training, Samples.training,
        TrainingSession(seed: seed, participant: participant, counter: counter)
      ).parameters
    }
    let first = train(1, 0, 0)
    #expect(train(1, 0, 0) == first)
    #expect(train(2, 0, 0) != first)
    #expect(train(1, 1, 0) != first)
    #expect(train(1, 0, 1) != first)
  }

  @Test func stepsAreCounted() {
    var settings = OpportunisticTraining()
    settings.batchSize = 32
    settings.epochs = 3
    #expect(settings.stepCount(images: 100) == 9)
    #expect(settings.stepCount(images: 20) == 3)
    #expect(settings.stepCount(images: 0) == 0)
    settings.steps = 5
    #expect(settings.stepCount(images: 100) == 5)
    #expect(settings.stepCount(images: 0) == 0)
  }

  /// Encounters of a stage start from the same models, whoever is worked on first.
  @Test func bothOfAPairLearnFromWhatWas() throws {
    let population = Samples.experienced(2)
    let schedule = try EncounterSchedule(drawnFor: 2, rounds: 1, seed: 1)
    var run = OpportunisticRun(
      GossipLearning(judged: .trained), participants: population, schedule: schedule,
      training: Samples.training, seed: 9)
    let proposals = run.propose()
    #expect(proposals.count == 2)
    for proposal in proposals {
      let learner = proposal.encounter.learner
      #expect(proposal.previous == population[learner].model)
      #expect(proposal.contribution.model == population[1 - learner].model)
    }
    #expect(run.participants == population)
    let stage = try #require(run.nextStage)
    #expect(proposals.map(\.encounter) == stage.encounters)
    // One is accepted, the other refused.
    run.settle(proposals.map { ($0, $0.encounter.learner == 0) })
    let taken = try #require(proposals.first { $0.encounter.learner == 0 })
    #expect(run.participants[0].model == taken.candidate.validated)
    #expect(run.participants[1].model == population[1].model)
    #expect(run.nextStage == nil && !run.advance())
  }
}
