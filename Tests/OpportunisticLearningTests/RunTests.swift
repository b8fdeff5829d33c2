import Datasets
import NeuralNetworks
import Testing

@testable import OpportunisticLearning

@Suite struct RunTests {
  func run<Algorithm: OpportunisticAlgorithm>(
    _ algorithm: Algorithm, threads: Int, seed: UInt64 = 4
  ) throws -> [Participant] {
    let behaviours: [NeighbourBehaviour] = [
      .honest, .labelFlipping(), .randomWeights, .noisyWeights(deviation: 0.1), .copiedWeights,
      .patient(.cyclic, ValidationRule(tolerance: 0.1)),
    ]
    var participants = Samples.participants(6)
    // The known permutations move ten labels, so that the networks need ten outputs.
    let wide = ConvolutionalArchitecture(.six, channels: 1, height: 12, width: 12, classes: 10)
    for number in participants.indices {
      participants[number].behaviour = behaviours[number]
      participants[number].model = ModelSnapshot(wide, seed: 2)
    }
    let schedule = try EncounterSchedule(drawnFor: 6, rounds: 3, seed: 1)
    var run = OpportunisticRun(
      algorithm, participants: participants, schedule: schedule, training: Samples.training,
      seed: seed, threads: threads)
    run.trainAlone(Samples.training)
    while run.advance() {}
    return run.participants
  }

  @Test func threadsChangeNoBit() throws {
    let gossip = try run(GossipLearning(merge: .ageWeighted), threads: 1)
    #expect(try run(GossipLearning(merge: .ageWeighted), threads: 3) == gossip)
    #expect(try run(GossipLearning(merge: .ageWeighted), threads: 1, seed: 5) != gossip)
    let oppCL = try run(CollaborativeOpportunisticLearning(), threads: 1)
    #expect(try run(CollaborativeOpportunisticLearning(), threads: 2) == oppCL)
    #expect(oppCL.allSatisfy { $0.model.parameters.allSatisfy(\.isFinite) })
  }

  func learn<Algorithm: OpportunisticAlgorithm>(
    _ algorithm: Algorithm, _ distribution: ParticipantSplit.Distribution
  ) throws -> (before: Double, after: Double) {
    let shares = try ParticipantSplit(distribution, participants: 8, imagesEach: 40).deal(
      Samples.images(80, seed: 1), seed: 2)
    let participants = Participant.all(of: shares, seed: 3) { _ in Samples.architecture }
    var training = OpportunisticTraining()
    training.batchSize = 8
    let schedule = try EncounterSchedule(drawnFor: 8, rounds: 8, seed: 4)
    var run = OpportunisticRun(
      algorithm, participants: participants, schedule: schedule, training: training, seed: 5,
      threads: 2)
    let test = Samples.images(25, seed: 9)
    let before = try #require(run.meanQuality(on: test))
    while run.advanceRound() {}
    return (before, try #require(run.meanQuality(on: test)))
  }

  @Test(arguments: ParticipantSplit.Distribution.allCases)
  func modelsLearn(_ distribution: ParticipantSplit.Distribution) throws {
    for outcome in [
      try learn(GossipLearning(), distribution),
      try learn(CollaborativeOpportunisticLearning(), distribution),
    ] {
      #expect(outcome.before < 0.5)
      // Who only ever saw two of the four classes would know half of the images.
      #expect(outcome.after > (distribution == .even ? 0.95 : 0.65), "\(outcome)")
    }
  }

  @Test func theMeanIsOfHonestOnes() throws {
    var participants = Samples.participants(2)
    participants[0].model = Samples.constant([1, 0, 0, 0])
    participants[0].behaviour = .randomWeights
    participants[1].model = Samples.constant([0, 1, 0, 0])
    let schedule = try EncounterSchedule(drawnFor: 2, rounds: 1, seed: 1)
    let test = Samples.images(3, seed: 2).selecting(labels: [1])
    let run = OpportunisticRun(
      GossipLearning(), participants: participants, schedule: schedule, seed: 1)
    #expect(run.meanQuality(on: test) == 1)
    #expect(run.qualities(.accuracy, on: test) == [0, 1])
    participants[1].behaviour = .unchangedWeights
    let none = OpportunisticRun(
      GossipLearning(), participants: participants, schedule: schedule, seed: 1)
    #expect(none.meanQuality(on: test) == nil)
  }
}
