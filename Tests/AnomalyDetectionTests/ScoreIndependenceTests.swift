import AnomalyDetection
import Datasets
import Testing
import VariationalInference

/// A score is a function of its row and of those before it, to the last bit.
@Suite struct ScoreIndependenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let variables: Int
    let window: Int
    let latent: Int
    let hidden: [Int]
    let draws: Int
    var scale = DecoderScale.perVariable
    var testDescription: String { "\(variables)×\(window), \(latent), \(hidden), \(draws)" }

    var model: SampleModel {
      var model = SampleModel(
        variables: variables, window: window, latent: latent, hidden: hidden
      ) { $0.scale = scale }
      model.options.draws = draws
      model.options.smoothing = 4
      model.options.predictionWeight = 0.5
      return model
    }
  }

  static let cases = [
    Case(variables: 1, window: 1, latent: 1, hidden: [], draws: 2),
    Case(variables: 3, window: 1, latent: 2, hidden: [5], draws: 4),
    Case(variables: 8, window: 3, latent: 11, hidden: [64], draws: 32),
    Case(variables: 13, window: 2, latent: 7, hidden: [33, 17], draws: 6),
    Case(variables: 38, window: 3, latent: 19, hidden: [64], draws: 8),
    Case(variables: 52, window: 1, latent: 31, hidden: [], draws: 10),
    Case(variables: 4, window: 3, latent: 3, hidden: [9], draws: 4, scale: .network),
  ]

  @Test(arguments: cases) func howRowsAreHandedOverDoesNotMatter(test: Case) {
    let model = test.model
    let count = 70
    let width = test.variables
    let rows = sampleRows(count, width, missingEvery: 29)
    let whole = model.score(rows)
    #expect(whole.count == count && whole.parts.count == count * width)
    #expect(whole.reconstruction.count == count * width)
    for sizes in [[1], [2], [15], [16], [17], [3, 1, 31, 16, 7], [64]] {
      var scorer = model.scorer
      var pieces = ScoredRows(variables: width)
      var start = 0
      var turn = 0
      while start < count {
        let size = min(sizes[turn % sizes.count], count - start)
        let piece = Array(rows[start * width..<(start + size) * width])
        let scored = scorer.score(piece, count: size)
        pieces.scores += scored.scores
        pieces.parts += scored.parts
        pieces.reconstruction += scored.reconstruction
        start += size
        turn += 1
      }
      #expect(pieces == whole, "pieces of \(sizes)")
    }
  }

  @Test func laterRowsDoNotChangeEarlierScores() {
    let model = Self.cases[2].model
    var rows = sampleRows(40, 8)
    let before = model.score(rows)
    for i in 25 * 8..<rows.count { rows[i] = 1e6 }
    let after = model.score(rows)
    #expect(before.scores[..<25] == after.scores[..<25])
    #expect(before.scores[25] != after.scores[25])
  }

  @Test func resetForgetsTheSeries() throws {
    let model = Self.cases[2].model
    let rows = sampleRows(40, 8)
    var scorer = model.scorer
    let first = scorer.score(rows, count: 40)
    #expect(scorer.score(rows, count: 40) != first)
    scorer.reset()
    #expect(scorer.score(rows, count: 40) == first)
    let source = MemoryRows(columnCount: 8, values: rows)
    #expect(try scorer.scores(of: source) == first.scores)
    var pieces: [Double] = []
    try scorer.forEachScoredPiece(of: source) { pieces += $1.scores }
    #expect(pieces == first.scores)
  }

  @Test func longSeriesAreScoredInPieces() throws {
    let model = Self.cases[1].model
    let source = MemoryRows(columnCount: 3, values: sampleRows(2500, 3))
    var scorer = model.scorer
    let scores = try scorer.scores(of: source)
    #expect(scores == model.score(source.values).scores)
  }

  @Test func smoothingIsTheMeanOverTheLastRows() {
    var model = Self.cases[2].model
    model.options.smoothing = 1
    let rows = sampleRows(30, 8)
    let plain = model.score(rows)
    model.options.smoothing = 5
    let smooth = model.score(rows)
    for row in 0..<30 {
      let last = plain.scores[max(0, row - 4)...row]
      #expect(isNear(smooth.scores[row], last.reduce(0, +) / Double(last.count), 1e-12))
    }
    #expect(smooth.reconstruction == plain.reconstruction)
  }

  /// The window before the first row is filled with the first row.
  @Test func theFirstRowsHaveScoresToo() {
    let model = Self.cases[2].model
    let row = Array(sampleRows(1, 8))
    let once = model.score(row)
    let often = model.score(row + row + row)
    #expect(once.scores[0] == often.scores[0])
    #expect(isNear(often.scores[2], once.scores[0], 1e-12))
  }

  @Test func missingValuesHaveNoPart() {
    for test in Self.cases where test.variables > 1 {
      var model = test.model
      model.options.smoothing = 1
      var rows = sampleRows(20, test.variables)
      for row in 0..<20 { rows[row * test.variables + 1] = .nan }
      let scored = model.score(rows)
      #expect(scored.scores.allSatisfy { $0.isFinite })
      #expect(scored.reconstruction.allSatisfy { $0.isFinite })
      for row in 0..<20 { #expect(scored.parts[row * test.variables + 1] == 0) }
      // The encoder sees the mean in its place.
      var filled = rows
      for row in 0..<20 { filled[row * test.variables + 1] = 0 }
      let other = model.score(filled)
      for row in 0..<20 where test.window == 1 {
        #expect(scored.parts[row * test.variables] == other.parts[row * test.variables])
      }
      let nothing = model.score([Float](repeating: .nan, count: 5 * test.variables))
      #expect(nothing.scores == [0, 0, 0, 0, 0])
    }
  }

  @Test func infiniteValuesAreFarAway() {
    var model = Self.cases[2].model
    model.options.smoothing = 1
    var rows = sampleRows(10, 8)
    let before = model.score(rows)
    rows[8 * 9] = .infinity
    rows[8 * 9 + 1] = -.infinity
    let after = model.score(rows)
    #expect(after.scores[9].isFinite && after.scores[9] > before.scores[9])
    #expect(after.scores[..<9] == before.scores[..<9])
  }
}
