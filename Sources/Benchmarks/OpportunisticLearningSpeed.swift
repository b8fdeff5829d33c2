import Datasets
import Foundation
import NeuralNetworks
import OpportunisticLearning
import Storage

/// How long participants train on each other's images, and how good they get: what a scale for the
/// experiments is chosen by.
///
///     Benchmarks opportunistic FILE [name=value ...]
enum OpportunisticLearningSpeed {
  static func run(_ words: [String]) throws {
    guard let path = words.first else {
      print("usage: Benchmarks opportunistic FILE [algorithm=oppcl rounds=10 each=200 ...]")
      exit(2)
    }
    var options: [String: String] = [:]
    for word in words.dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { options[String(parts[0])] = String(parts[1]) }
    }
    func number(_ name: String, _ standard: Double) -> Double {
      options[name].flatMap(Double.init) ?? standard
    }
    let file = try ImageFile(reading: path)
    let seed = UInt64(number("seed", 1))
    var split = ParticipantSplit(
      ParticipantSplit.Distribution(rawValue: options["split"] ?? "iid") ?? .even,
      participants: Int(number("participants", 50)), validationShare: number("validation", 0.2))
    split.imagesEach = Int(number("each", 200))
    let shares = try split.deal(file.train, seed: seed)
    let test = file.test.selecting(Array(0..<min(file.test.count, Int(number("test", 1000)))))
    let architecture = ConvolutionalArchitecture(
      ConvolutionalArchitecture.Depth(rawValue: Int(number("layers", 6))) ?? .six,
      channels: file.train.channels, height: file.train.height, width: file.train.width,
      classes: file.train.classes)
    var participants = Participant.all(of: shares, seed: seed) { _ in architecture }
    let attackers = Int(number("attackers", 0))
    for place in 0..<attackers {
      participants[place * participants.count / attackers].behaviour = .labelFlipping()
    }
    var training = OpportunisticTraining()
    training.epochs = Int(number("epochs", 1))
    training.learningRate = Float(number("rate", Double(training.learningRate)))
    training.batchSize = Int(number("batch", Double(training.batchSize)))
    if options["rule"] == "adam" { training.rule = .adam() }
    let schedule = try EncounterSchedule(
      drawnFor: participants.count, rounds: Int(number("rounds", 10)),
      meetings: Int(number("meetings", 1)), seed: seed)
    let threads = Int(number("threads", 2))

    let clock = ContinuousClock()
    let runner = ModelRunner()
    let one = participants[0]
    for counter in 0..<2 {
      let time = clock.measure {
        _ = runner.train(
          one.model, on: one.training, training,
          TrainingSession(seed: seed, participant: 0, counter: counter))
      }
      print(
        "a session of \(one.training.count) images, \(architecture.depth.rawValue) layers: "
          + "\(time)")
    }
    let alone = Int(number("alone", 0))
    if options["algorithm"] == "gossip" {
      var run = OpportunisticRun(
        GossipLearning(), participants: participants, schedule: schedule, training: training,
        seed: seed, threads: threads)
      report(&run, alone: alone, test)
    } else {
      var run = OpportunisticRun(
        CollaborativeOpportunisticLearning(), participants: participants, schedule: schedule,
        training: training, seed: seed, threads: threads)
      report(&run, alone: alone, test)
    }
  }

  private static func report<Algorithm: OpportunisticAlgorithm>(
    _ run: inout OpportunisticRun<Algorithm>, alone: Int, _ test: LabelledImages
  ) {
    let clock = ContinuousClock()
    let start = clock.now
    if alone > 0 {
      var settings = run.training
      settings.epochs = alone
      run.trainAlone(settings)
    }
    func say(_ round: Int) {
      let mean = run.meanQuality(on: test) ?? 0
      print("round \(round): mean accuracy \(mean), \((clock.now - start) / .seconds(1)) s")
    }
    say(0)
    for round in 1...max(1, run.schedule.rounds) {
      run.advanceRound()
      say(round)
    }
  }
}
