import AnomalyDetection
import AutomaticDifferentiation
import NeuralNetworks
import VariationalInference

/// Named arrays of numbers: what a checkpoint stores.
public struct NamedArrays: Sendable, Equatable {
  public var floats: [String: [Float]] = [:]
  public var doubles: [String: [Double]] = [:]

  public init() {}
}

/// Where a participant is between two rounds: enough to go on bit by bit.
public struct ParticipantState: Sendable, Equatable {
  /// The same for all participants.
  public var shared = NamedArrays()
  /// The participant's own.
  public var local = NamedArrays()

  public init() {}
}

/// Why a run cannot go on from a checkpoint.
public enum ResumeError: Error, Equatable, CustomStringConvertible {
  case missing(String)
  case wrongCount(String, found: Int, expected: Int)
  case otherData(String)

  public var description: String {
    switch self {
    case .missing(let name): "the checkpoint has no \(name)"
    case .wrongCount(let name, let found, let expected):
      "the checkpoint has \(found) numbers in \(name) instead of \(expected)"
    case .otherData(let what):
      "the training rows are not those of the checkpoint (\(what)); "
        + "resume with the same file, or start anew"
    }
  }
}

extension VAEParticipant {
  /// The state between two rounds.
  public var state: ParticipantState {
    var state = ParticipantState()
    state.shared.doubles["progress"] = [
      Double(stage.rawValue), Double(fold), Double(looksWithoutGain), Double(report.round),
      Double(report.bestRound),
    ]
    state.shared.doubles["report"] = [
      report.loss, report.divergence, report.validation, report.startValidation,
      report.bestValidation,
    ]
    state.shared.doubles["totals"] =
      [Double(totals.all), Double(totals.training), Double(totals.heldOut)]
      + totals.folds.map { Double($0) }
    state.shared.doubles["columns"] = [Double(data.source.columnCount)]
    if !pooled.first.isEmpty { state.shared.doubles["first-moments"] = pooled.first }
    if !pooled.final.isEmpty { state.shared.doubles["final-moments"] = pooled.final }
    for (fold, triangle) in pooled.folds.enumerated() {
      state.shared.doubles["fold-moments-\(fold)"] = triangle
    }
    state.local.doubles["rows"] = [Double(data.source.rowCount)]
    state.local.doubles["column-means"] = data.summary.columns.map(\.mean)
    state.local.doubles["calibration"] = calibration
    state.local.doubles["start-noise"] = startNoise
    state.local.doubles["score-shift"] = [scoreShift]
    if let networks {
      state.shared.doubles["latent"] = [Double(networks.structure.architecture.latent)]
      let now = networks.snapshot
      state.shared.floats["theta"] = now.theta
      state.local.floats["phi"] = now.phi
      Self.store(networks.thetaOptimiser, "theta", in: &state.shared)
      Self.store(networks.phiOptimiser, "phi", in: &state.local)
    }
    for (name, snapshot) in [("best", best), ("start-of-rounds", startOfRounds), ("start", start)] {
      guard let snapshot else { continue }
      state.shared.floats["\(name)-theta"] = snapshot.theta
      state.local.floats["\(name)-phi"] = snapshot.phi
    }
    return state
  }

  /// Goes on where a participant with the same data and configuration was.
  public mutating func restore(_ state: ParticipantState) throws {
    let rows = try Self.wholeNumbers("rows", state.local, count: 1)
    guard rows[0] == data.source.rowCount else {
      throw ResumeError.otherData("\(data.source.rowCount) instead of \(rows[0])")
    }
    let means = try Self.numbers(
      "column-means", state.local, count: data.summary.columns.count)
    guard means == data.summary.columns.map(\.mean) else {
      throw ResumeError.otherData("other values")
    }
    let progress = try SharedProgress(state.shared, foldCount: Self.foldCount)
    let stage = progress.stage
    if state.shared.doubles["latent"] != nil {
      let latent = try Self.wholeNumbers("latent", state.shared, count: 1)[0]
      guard latent >= 1, latent <= view.featureCount else { throw ResumeError.missing("latent") }
      try restoreNetworks(state, latent: latent)
    } else if ![.counts, .moments].contains(stage),
      !(stage == .finalMoments && (!configuration.trains || progress.totals.heldOut == 0))
    {
      throw ResumeError.missing("latent")
    }
    self.stage = stage
    fold = progress.fold
    looksWithoutGain = progress.looksWithoutGain
    totals = progress.totals
    pooled = progress.pooled
    report = progress.report
    report.stage = stage.label
    calibration = state.local.doubles["calibration"] ?? []
    startNoise = state.local.doubles["start-noise"] ?? []
    scoreShift = state.local.doubles["score-shift"]?.first ?? 0
    best = try snapshot("best", state)
    startOfRounds = try snapshot("start-of-rounds", state)
    start = try snapshot("start", state)
    if start == nil && (stage == .finalRounds || stage == .folds || stage == .finished) {
      throw ResumeError.missing("start-theta")
    }
    report.rounds = stage == .rounds ? configuration.rounds : finalRoundCount
    try look(at: rowsOfStage)
  }

  /// The rows that the present stage learns from.
  private var rowsOfStage: [Range<Int>] {
    switch stage {
    case .counts, .moments, .rounds:
      configuration.trains ? data.blocks.training : data.allRows
    case .folds: data.foldRows(fold, of: Self.foldCount).others
    case .finalMoments, .finalRounds, .finished: data.allRows
    }
  }

  private mutating func restoreNetworks(_ state: ParticipantState, latent: Int) throws {
    let structure = ModelStructure(
      configuration.architecture(variables: data.source.columnCount, latent: latent),
      window: view.window, seed: configuration.seed, participant: index)
    let theta = try Self.floats("theta", state.shared, count: structure.theta.count)
    let phi = try Self.floats("phi", state.local, count: structure.phi.count)
    install(structure, Snapshot(phi: phi, theta: theta))
    guard var networks else { return }
    try Self.restore(&networks.thetaOptimiser, "theta", state.shared)
    try Self.restore(&networks.phiOptimiser, "phi", state.local)
    self.networks = networks
  }

  private func snapshot(_ name: String, _ state: ParticipantState) throws -> Snapshot? {
    guard state.shared.floats["\(name)-theta"] != nil, let structure = networks?.structure else {
      return nil
    }
    return Snapshot(
      phi: try Self.floats("\(name)-phi", state.local, count: structure.phi.count),
      theta: try Self.floats("\(name)-theta", state.shared, count: structure.theta.count))
  }

  private static func store(_ optimiser: Optimiser, _ name: String, in arrays: inout NamedArrays) {
    arrays.doubles["\(name)-steps"] = [Double(optimiser.steps)]
    arrays.floats["\(name)-first"] = optimiser.first
    arrays.floats["\(name)-second"] = optimiser.second
  }

  static func restore(
    _ optimiser: inout Optimiser, _ name: String, _ arrays: NamedArrays
  ) throws {
    optimiser.restore(
      steps: try wholeNumbers("\(name)-steps", arrays, count: 1)[0],
      first: try floats("\(name)-first", arrays, count: optimiser.first.count),
      second: try floats("\(name)-second", arrays, count: optimiser.second.count))
  }

  static func numbers(
    _ name: String, _ arrays: NamedArrays, count: Int?
  ) throws -> [Double] {
    guard let found = arrays.doubles[name] else { throw ResumeError.missing(name) }
    if let count, found.count != count {
      throw ResumeError.wrongCount(name, found: found.count, expected: count)
    }
    return found
  }

  /// Numbers that count something: anything else would be another program's or a broken file's.
  static func wholeNumbers(
    _ name: String, _ arrays: NamedArrays, count: Int?
  ) throws -> [Int] {
    try numbers(name, arrays, count: count).map { value in
      guard let whole = Int(exactly: value), whole >= 0 else { throw ResumeError.missing(name) }
      return whole
    }
  }

  private static func floats(
    _ name: String, _ arrays: NamedArrays, count: Int
  ) throws -> [Float] {
    // Empty arrays (plain gradient descent has no moments) need not be stored.
    let found = arrays.floats[name] ?? []
    guard found.count == count else {
      throw ResumeError.wrongCount(name, found: found.count, expected: count)
    }
    return found
  }
}
