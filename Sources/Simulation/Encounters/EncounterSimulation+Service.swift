import OpportunisticLearning
import Settings

/// What attackers earn as neighbours, over as many encounters as one likes.
extension EncounterSimulation {
  /// Lets honest participants learn from attackers, and from nobody else: each encounter goes through the
  /// contract, with validators that are drawn from all and vote as they are set to.
  ///
  /// Nobody trains once the encounters have begun, so that the attackers meet good models from the first
  /// to the last and 10,000 encounters take minutes; what is accepted is merged.
  ///
  /// - Parameters:
  ///   - encounters: at least so many; every honest participant that finds an attacker has one in each
  ///     round.
  ///   - goesOn: told after each round how many are over; it says whether to go on.
  /// - Returns: how they were judged, and what attackers earned and lost in tokens, as neighbours.
  public func serve(
    encounters: Int, goesOn: (Int) -> Bool = { _ in true }
  ) throws -> VotingRecord {
    switch configuration.algorithm {
    case .gossip: try serve(GossipLearning(merge: configuration.merge), encounters, goesOn)
    case .oppcl:
      try serve(
        CollaborativeOpportunisticLearning(merge: configuration.merge), encounters, goesOn)
    }
  }

  private func serve<Algorithm: OpportunisticAlgorithm>(
    _ algorithm: Algorithm, _ encounters: Int, _ goesOn: (Int) -> Bool
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
    let run = start(
      algorithm,
      schedule: EncounterSchedule(
        of: learners, with: attackers, participants: participants.count, rounds: rounds,
        seed: configuration.seed), training: still)
    var learning = IncentivisedLearning(
      run, executor: try unsignedExecutor(), validation: configuration.validation,
      prepayment: configuration.prepayment, validators: validators, seed: configuration.seed)
    try learning.join()
    var round = 0
    while try learning.advance() {
      round += 1
      if !goesOn(round * learners.count) { break }
    }
    return learning.record
  }
}
