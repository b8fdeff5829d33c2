import OpportunisticLearning
import Randomness

/// What validators would say of contributions, whatever they agree on: measured once, and counted for
/// any number of voters and any tolerance.
extension EncounterSimulation {
  /// A contribution to an honest learner, and what it did for its model on the images of others.
  public struct MeasuredContribution: Sendable, Hashable {
    public var round: Int
    public var isHonest: Bool
    /// Of each voter, in the order in which they are drawn: how much better the new model is than the
    /// one before. Honest voters only.
    public var gains: [Double]

    public init(round: Int, isHonest: Bool, gains: [Double]) {
      self.round = round
      self.isHonest = isHonest
      self.gains = gains
    }

    /// Whether the first so many voters accept it: as many yes as no, or more (Yu et al. 2023, cases 2
    /// and 4).
    public func isAccepted(voters: Int, tolerance: Double) -> Bool {
      let yes = gains.prefix(voters).count { $0 >= -tolerance - 1e-9 }
      return 2 * yes >= min(voters, gains.count)
    }
  }

  /// Measures all contributions to honest learners, in a run in which learners take over the honest ones
  /// and no others, so that what is judged does not depend on who judges. What a flipper is to another
  /// flipper is no question of telling them from honest ones (``VotingRecord``).
  ///
  /// - Parameters:
  ///   - voters: honest participants that look at each contribution, none of them a side of it.
  ///   - progress: told of each round that is over.
  public func measure(
    voters: Int, progress: (Int) -> Void = { _ in }
  ) -> [MeasuredContribution] {
    switch configuration.algorithm {
    case .gossip: measure(configuration.gossip, voters, progress)
    case .oppcl: measure(configuration.oppCL, voters, progress)
    }
  }

  private func measure<Algorithm: OpportunisticAlgorithm>(
    _ algorithm: Algorithm, _ voters: Int, _ progress: (Int) -> Void
  ) -> [MeasuredContribution] {
    guard var run = start(algorithm) else { return [] }
    let metric = configuration.metric
    let sign = metric.isGain ? 1.0 : -1.0
    let honest = participants.indices.filter { participants[$0].behaviour.isHonest }
    var measured: [MeasuredContribution] = []
    while let stage = run.nextStage {
      let proposals = run.propose()
      let judges = proposals.map { proposal -> [Int] in
        let encounter = proposal.encounter
        guard self.participants[encounter.learner].behaviour.isHonest else { return [] }
        let order = RandomStream(
          seed: configuration.seed, round: UInt32(truncatingIfNeeded: encounter.number),
          purpose: .encounter
        ).permutation(honest.count)
        return Array(
          order.lazy.map { honest[Int($0)] }
            .filter { $0 != encounter.learner && $0 != encounter.neighbour }.prefix(voters))
      }
      let jobs = proposals.indices.flatMap { place in judges[place].map { (place, $0) } }
      let participants = run.participants
      let gains = run.runners.map(jobs.count) { [jobs] number, runner in
        let (place, judge) = jobs[number]
        let own = participants[judge].judging
        let old = runner.quality(metric, of: proposals[place].previous, on: own)
        return sign
          * (runner.quality(metric, of: proposals[place].candidate.validated, on: own) - old)
      }
      var next = 0
      for (place, proposal) in proposals.enumerated() where !judges[place].isEmpty {
        let count = judges[place].count
        measured.append(
          MeasuredContribution(
            round: stage.round,
            isHonest: participants[proposal.encounter.neighbour].behaviour.isHonest,
            gains: Array(gains[next..<next + count])))
        next += count
      }
      run.settle(
        proposals.map { ($0, participants[$0.encounter.neighbour].behaviour.isHonest) })
      if run.nextStage?.round != stage.round {
        progress(stage.round)
        if !goesOn() { break }
      }
    }
    return measured
  }
}
