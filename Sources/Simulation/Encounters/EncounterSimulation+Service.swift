import OpportunisticLearning
import Settings

/// What attackers earn as neighbours, over as many encounters as one likes.
extension EncounterSimulation {
  /// Lets honest participants learn from attackers, and from nobody else: each encounter goes through the
  /// contract, with validators that are drawn from all and vote as they are set to.
  ///
  /// Nobody trains once the encounters have begun, and learners keep their models, so that the
  /// attackers meet the same good models from the first to the last and 10,000 encounters take
  /// minutes.
  ///
  /// - Parameters:
  ///   - encounters: at least so many; every honest participant that finds an attacker has one in each
  ///     round.
  ///   - progress: told after each round how many are over.
  /// - Returns: how they were judged, and what attackers earned and lost in tokens, as neighbours.
  public func serve(
    encounters: Int, progress: (Int) -> Void = { _ in }
  ) throws -> VotingRecord {
    switch configuration.algorithm {
    case .gossip: try serve(configuration.gossip, encounters, progress)
    case .oppcl: try serve(configuration.oppCL, encounters, progress)
    }
  }

  private func serve<Algorithm: OpportunisticAlgorithm>(
    _ algorithm: Algorithm, _ encounters: Int, _ progress: (Int) -> Void
  ) throws -> VotingRecord {
    let attacking = Set(attackers)
    let honest = participants.indices.filter { !attacking.contains($0) }
    let learners = Array(honest.prefix(attackers.count))
    guard !learners.isEmpty else {
      throw SettingError(
        "nobody learns from attackers among \(participants.count) participants with "
          + "\(attackers.count) of them; change attackers")
    }
    let rounds = (encounters + learners.count - 1) / learners.count
    var still = configuration.training
    still.epochs = 0
    guard
      let run = start(
        algorithm,
        schedule: EncounterSchedule(
          of: learners, with: attackers, participants: participants.count, rounds: rounds,
          seed: configuration.seed), training: still)
    else { return VotingRecord() }
    var learning = IncentivisedLearning(
      run, executor: try unsignedExecutor(), validation: configuration.validation,
      prepayment: configuration.prepayment, validators: validators, seed: configuration.seed,
      learnersTakeOver: false)
    try learning.join()
    var round = 0
    while goesOn(), try learning.advance() {
      round += 1
      progress(round * learners.count)
    }
    return learning.record
  }
}
