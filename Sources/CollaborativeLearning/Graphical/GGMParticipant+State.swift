import AnomalyDetection
import Consensus
import Cryptography
import Datasets
import GraphicalModels

// What all participants share, what is each one's own, and catching up after rounds without one.

extension GGMParticipant {
  public var sharedState: NamedArrays { state.shared }

  /// The state between two rounds.
  public var state: ParticipantState {
    var state = ParticipantState()
    state.shared.doubles["progress"] = [
      Double(stage.rawValue), Double(fold), Double(report.round), penalty,
    ]
    state.shared.doubles["totals"] =
      [Double(totals.all), Double(totals.training), Double(totals.heldOut)]
      + totals.folds.map { Double($0) }
    state.shared.doubles["columns"] = [Double(data.source.columnCount)]
    if let learning { state.shared.doubles["mixture"] = learning.numbers }
    if let online, let statistics = online.statistics {
      state.shared.doubles["online"] =
        [Double(online.batches), statistics.logLikelihood] + statistics.flattened
    }
    state.local.doubles["rows"] = [Double(data.source.rowCount)]
    state.local.doubles["column-means"] = data.summary.columns.map(\.mean)
    state.local.doubles["weights"] = weights.values
    state.local.doubles["kept-weights"] = weights.kept
    state.local.doubles["calibration"] = calibration
    if settings.leastDiversity != nil {
      state.local.doubles["noise-key"] = noiseKey.bytes.map { Double($0) }
      state.local.doubles["watched"] = [
        watched.leastEffectiveRows, Double(watched.noisedRounds),
      ]
    }
    return state
  }

  /// Goes on where a participant with the same data and configuration was.
  ///
  /// - Throws: ``ResumeError`` or `NumbersError`.
  public mutating func restore(_ state: ParticipantState) throws {
    let rows = try state.local.wholeNumbers("rows", count: 1)
    guard rows[0] == data.source.rowCount else {
      throw ResumeError.otherData("\(data.source.rowCount) instead of \(rows[0])")
    }
    let means = try state.local.numbers("column-means", count: data.summary.columns.count)
    guard means == data.summary.columns.map(\.mean) else {
      throw ResumeError.otherData("other values")
    }
    try takeShared(state.shared)
    // Arrays without numbers are not stored: before the start there are no weights, and before a trial
    // none are kept.
    weights = MixtureWeights(
      state.local.doubles["weights"] ?? [], kept: state.local.doubles["kept-weights"] ?? [])
    guard weights.values.count == learning?.dictionary.count ?? 0 else {
      throw ResumeError.wrongCount(
        "weights", found: weights.values.count, expected: learning?.dictionary.count ?? 0)
    }
    calibration = state.local.doubles["calibration"] ?? []
    if settings.leastDiversity != nil {
      noiseKey = SymmetricKey(
        bytes: try state.local.wholeNumbers("noise-key", count: SymmetricKey.byteCount).map {
          guard let byte = UInt8(exactly: $0) else { throw ResumeError.missing("noise-key") }
          return byte
        })
      let numbers = try state.local.numbers("watched", count: 2)
      guard let rounds = Int(exactly: numbers[1]), rounds >= 0, numbers[0] > 0 else {
        throw ResumeError.missing("watched")
      }
      watched = WatchedDiversity(leastEffectiveRows: numbers[0], noisedRounds: rounds)
    }
  }

  private mutating func takeShared(_ shared: NamedArrays) throws {
    let progress = try shared.numbers("progress", count: 4)
    guard let whole = Int(exactly: progress[0]), let stage = Stage(rawValue: whole),
      let fold = Int(exactly: progress[1]), (0...Self.foldCount).contains(fold),
      let round = Int(exactly: progress[2]), round >= 0
    else { throw ResumeError.missing("stage of a known kind") }
    let counts = try shared.wholeNumbers("totals", count: nil)
    guard stage == .counts || counts.count == 3 + Self.foldCount else {
      throw ResumeError.wrongCount("totals", found: counts.count, expected: 3 + Self.foldCount)
    }
    self.stage = stage
    self.fold = fold
    report.round = round
    report.rounds = configuration.rounds
    penalty = progress[3]
    totals =
      counts.count < 3
      ? Totals()
      : Totals(
        all: counts[0], training: counts[1], heldOut: counts[2], folds: Array(counts[3...]))
    learning = try shared.doubles["mixture"].map { try MixtureLearning(numbers: $0) }
    if [.counts, .start].contains(stage) != (learning == nil) {
      throw ResumeError.missing("mixture")
    }
    view = try LocalView(data.source, parts: rowsOfStage, configuration)
    online = try shared.doubles["online"].map { try onlineStatistics($0) }
    if let learning, learning.dictionary.prior.mean.count != features {
      throw ResumeError.otherData("\(features) numbers a window")
    }
  }

  private var rowsOfStage: [Range<Int>] {
    switch stage {
    case .counts, .start, .online, .rounds, .penalties: data.blocks.training
    case .folds: data.foldRows(fold, of: Self.foldCount).others
    case .finalRounds, .finished: data.allRows
    }
  }

  /// Responsibilities are a function of the dictionary and the weights, and weights move with the
  /// sum only: there is nothing to undo.
  public mutating func withdraw() {}

  /// Goes on without this round's sum. Under the same dictionary the same statistics would be asked
  /// for again; only rounds after which nothing is asked twice can be left out.
  ///
  /// - Throws: ``GivenUpError``.
  public mutating func skip() throws {
    switch stage {
    case .counts, .finished: break
    case .start, .rounds, .finalRounds: throw GivenUpError()
    // The batch is left out: the next one has other rows.
    case .online: try endBatch()
    case .penalties: try beginFinal()
    case .folds: try endFold()
    }
  }

  /// Takes over the patterns of the others. Its own weights go on where the patterns are as many as
  /// before, and start equal otherwise: the next rounds find them.
  public mutating func adopt(_ shared: NamedArrays) throws {
    let before = learning?.dictionary.count
    try takeShared(shared)
    let patterns = learning?.dictionary.count ?? 0
    if before != patterns { weights = MixtureWeights(patterns: patterns) }
  }
}

extension NamedArrays {
  func numbers(_ name: String, count: Int?) throws -> [Double] {
    guard let found = doubles[name] else { throw ResumeError.missing(name) }
    if let count, found.count != count {
      throw ResumeError.wrongCount(name, found: found.count, expected: count)
    }
    return found
  }

  /// Numbers that count something: anything else would be another program's or a broken file's.
  func wholeNumbers(_ name: String, count: Int?) throws -> [Int] {
    try numbers(name, count: count).map { value in
      guard let whole = Int(exactly: value), whole >= 0 else { throw ResumeError.missing(name) }
      return whole
    }
  }
}
