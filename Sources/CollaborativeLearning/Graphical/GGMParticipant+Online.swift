import GraphicalModels

// Passes over the rows in batches, after which patterns move each time: the online form of the
// updates (CollabDict 2018, Sec. IV-D). What the batches found is then the start of rounds over all
// rows, in which the objective never falls.

extension GGMParticipant {
  /// Rows that stay together, so that few windows are cut off at their beginning.
  private static var blockLength: Int { 256 }

  /// This stage's rows in the present batch: every so many-th block of rows, so that each batch is of
  /// all times.
  var batchRows: [Range<Int>] {
    let batch = report.round % settings.onlineBatches
    var rows: [Range<Int>] = []
    var number = 0
    for part in view.parts {
      let length = min(
        Self.blockLength, max(1, view.rowCount / (4 * settings.onlineBatches)))
      for first in stride(from: part.lowerBound, to: part.upperBound, by: length) {
        if number % settings.onlineBatches == batch {
          rows.append(first..<min(first + length, part.upperBound))
        }
        number += 1
      }
    }
    return rows
  }

  /// Moves the patterns towards those of a batch.
  mutating func step(with batch: PatternStatistics) throws {
    guard var dictionary = learning?.dictionary else { return }
    var online = online ?? OnlineStatistics(decay: settings.onlineDecay)
    online.take(batch, of: Double(max(1, totals.training)))
    self.online = online
    if let statistics = online.statistics {
      // No pattern is dropped on the word of a batch: all keep their places in the running mean.
      let fewestRows = dictionary.fewestRows
      dictionary.fewestRows = 0
      try dictionary.update(with: statistics, joins: false)
      dictionary.fewestRows = fewestRows
      learning = MixtureLearning(dictionary, roundLimit: max(2, configuration.rounds))
      weights.average(counts, share: 1 / Double(settings.onlineBatches))
      report.loss = -batch.logLikelihood / max(1, batch.counts.reduce(0, +))
    }
    try endBatch()
  }

  /// To the next batch, or to rounds over all rows.
  mutating func endBatch() throws {
    report.round += 1
    guard report.round >= settings.onlinePasses * settings.onlineBatches else { return }
    online = nil
    report.round = 0
    stage = .rounds
  }

  /// Reads the running mean of a checkpoint or another participant.
  ///
  /// - Throws: ``ResumeError``.
  func onlineStatistics(_ numbers: [Double]) throws -> OnlineStatistics {
    let width = PatternStatistics.width(variables: features)
    guard stage == .online, let patterns = learning?.dictionary.count,
      numbers.count == 2 + patterns * width, let batches = Int(exactly: numbers[0]), batches >= 1
    else { throw ResumeError.missing("running mean of this run's batches") }
    var statistics = PatternStatistics(
      flattened: Array(numbers.dropFirst(2)), variables: features)
    statistics.logLikelihood = numbers[1]
    return OnlineStatistics(
      decay: settings.onlineDecay, batches: batches, statistics: statistics)
  }
}
