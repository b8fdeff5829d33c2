import Consensus
import NeuralNetworks
import VariationalInference

// A participant that was away: undoing an update that nobody summed, and catching up.

extension VAEParticipant {
  /// Remembers what a local update is about to change.
  mutating func noteForWithdrawal() {
    guard canWithdraw, let networks else {
      forWithdrawal = []
      return
    }
    if forWithdrawal.count == 2 { forWithdrawal.removeFirst() }
    forWithdrawal.append(
      BeforeUpdate(
        phi: networks.tape.values(of: networks.phi), optimiser: networks.phiOptimiser))
  }

  /// Undoes the last local update: φˢ is what it was before.
  public mutating func withdraw() {
    guard let before = forWithdrawal.popLast(), var networks else { return }
    networks.tape.update(networks.phi) { phi, _ in
      for i in 0..<phi.count { phi[i] = before.phi[i] }
    }
    networks.phiOptimiser = before.optimiser
    self.networks = networks
    candidate = nil
  }

  /// Goes on without this round's sum. A round of gradients leaves θ as it is, and the next one draws
  /// another minibatch and other noise. Moments would be the same a second time, so that there is no
  /// second time: the final model starts from those of the first, thresholds come from the scores of
  /// the other fifths, and without first moments there is nothing to start from. Row counts are in
  /// every sum; they are asked for again.
  ///
  /// - Throws: ``GivenUpError``.
  public mutating func skip() throws {
    switch stage {
    case .counts, .finished: break
    case .moments: throw GivenUpError()
    case .rounds: if nextRound() { try beginFinal() }
    case .finalMoments:
      guard !pooled.first.isEmpty else { throw GivenUpError() }
      try take(moments: pooled.first)
    case .finalRounds: if nextRound() { try beginFolds() }
    case .folds:
      pooled.folds.append([])
      try endFold()
    }
  }

  public var sharedState: NamedArrays { state.shared }

  /// Goes through the stages that the others have been through, as they did, but without their
  /// gradients: θ is theirs, φˢ stays where it was or starts from the same pooled moments.
  ///
  /// - Throws: ``ResumeError`` for a state that is not of this run, and whatever the closed-form
  ///   starts throw.
  public mutating func adopt(_ shared: NamedArrays) throws {
    let target = try SharedProgress(shared, foldCount: Self.foldCount)
    forWithdrawal = []
    while stage != target.stage || (stage == .folds && fold < target.fold) {
      guard stage.rawValue <= target.stage.rawValue else {
        throw ResumeError.otherData("the others are behind this participant")
      }
      try takeStep(towards: target, shared)
    }
    try take(shared, target)
  }

  private mutating func takeStep(towards target: SharedProgress, _ shared: NamedArrays) throws {
    switch stage {
    case .counts: try begin(with: target.totals)
    case .moments: try take(moments: target.pooled.first)
    case .rounds:
      try takeBest(shared, round: target.report.bestRound)
      takeReport(target)
      try beginFinal()
    case .finalMoments: try take(moments: target.pooled.final)
    case .finalRounds:
      try takeTheta(shared)
      takeReport(target)
      try beginFolds()
    case .folds:
      guard fold < target.pooled.folds.count else { throw ResumeError.missing("fold moments") }
      try take(moments: target.pooled.folds[fold])
    case .finished: break
    }
  }

  /// The stage is the same: now its numbers.
  private mutating func take(_ shared: NamedArrays, _ target: SharedProgress) throws {
    totals = target.totals
    pooled = target.pooled
    if stage == .rounds { try takeBest(shared, round: target.report.bestRound) }
    takeReport(target)
    if networks != nil { try takeTheta(shared) }
  }

  private mutating func takeReport(_ target: SharedProgress) {
    let rounds = report.rounds
    report = target.report
    report.stage = stage.label
    report.rounds = rounds
    looksWithoutGain = target.looksWithoutGain
  }

  /// The best θ so far, with the φˢ of that moment if this participant was there: to be asked before
  /// ``takeReport(_:)`` says which round was the best.
  private mutating func takeBest(_ shared: NamedArrays, round: Int) throws {
    guard let theta = shared.floats["best-theta"] else { return }
    guard let networks, theta.count == networks.structure.theta.count else {
      throw ResumeError.missing("best-theta of this model")
    }
    let own =
      if let best, report.bestRound == round {
        best.phi
      } else if let candidate, candidateRound == round {
        candidate.phi
      } else {
        networks.tape.values(of: networks.phi)
      }
    best = Snapshot(phi: own, theta: theta)
  }

  private mutating func takeTheta(_ shared: NamedArrays) throws {
    guard var networks else { return }
    guard let theta = shared.floats["theta"], theta.count == networks.structure.theta.count else {
      throw ResumeError.missing("theta of this model")
    }
    networks.tape.update(networks.theta) { values, _ in
      for i in 0..<values.count { values[i] = theta[i] }
    }
    try Self.restore(&networks.thetaOptimiser, "theta", shared)
    self.networks = networks
  }
}

/// The sum of the moments, without which there is no start, was given up.
public struct GivenUpError: Error, Equatable, CustomStringConvertible {
  public var description: String {
    "so many members were lost in the middle of the sum of moments that it may be known to some and "
      + "cannot be formed for all; move this node's files away and start the run anew"
  }
}

/// How far the others are, from what they share.
struct SharedProgress {
  let stage: VAEParticipant.Stage
  let fold: Int
  let looksWithoutGain: Int
  let totals: VAEParticipant.Totals
  let report: TrainingReport
  let pooled: VAEParticipant.PooledMoments

  init(_ shared: NamedArrays, foldCount: Int) throws {
    let progress = try VAEParticipant.wholeNumbers("progress", shared, count: 5)
    let values = try VAEParticipant.numbers("report", shared, count: 5)
    let counts = try VAEParticipant.wholeNumbers("totals", shared, count: nil)
    guard let stage = VAEParticipant.Stage(rawValue: progress[0]),
      stage == .finished || progress[1] < foldCount
    else { throw ResumeError.missing("stage of a known kind") }
    guard stage == .counts || counts.count == 3 + foldCount else {
      throw ResumeError.wrongCount("totals", found: counts.count, expected: 3 + foldCount)
    }
    self.stage = stage
    fold = progress[1]
    looksWithoutGain = progress[2]
    totals =
      counts.count < 3
      ? VAEParticipant.Totals()
      : VAEParticipant.Totals(
        all: counts[0], training: counts[1], heldOut: counts[2], folds: Array(counts[3...]))
    var report = TrainingReport()
    report.round = progress[3]
    report.bestRound = progress[4]
    report.loss = values[0]
    report.divergence = values[1]
    report.validation = values[2]
    report.startValidation = values[3]
    report.bestValidation = values[4]
    self.report = report
    // A fold that was given up has no moments, and nothing is stored of it.
    let folds = (0..<min(progress[1], foldCount)).map { shared.doubles["fold-moments-\($0)"] ?? [] }
    pooled = VAEParticipant.PooledMoments(
      first: shared.doubles["first-moments"] ?? [], final: shared.doubles["final-moments"] ?? [],
      folds: folds)
  }
}
