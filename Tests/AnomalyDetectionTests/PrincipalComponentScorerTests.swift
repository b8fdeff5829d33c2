import AnomalyDetection
import Datasets
import Testing

@Suite struct PrincipalComponentScorerTests {
  /// Two variables with means 10 and -4, deviations 2 and 3 and correlation 0.8, exactly: the corners
  /// of an ellipse's axes.
  private var train: MemoryRows {
    // Along (1, 1)/√2 the variance is 1.8, along (1, -1)/√2 it is 0.2, with divisor n.
    let (long, short) = (1.8.squareRoot(), 0.2.squareRoot())
    var values: [Float] = []
    for (a, b) in [(long, long), (-long, -long), (short, -short), (-short, short)] {
      values += [Float(10 + 2 * a), Float(-4 + 3 * b)]
    }
    return MemoryRows(columnCount: 2, values: values)
  }

  /// By hand: z = ((x₁ - 10)/2, (x₂ + 4)/3), along (1, 1)/√2 with variance 1.8 · 4/3 as n - 1 = 3.
  @Test func statisticsByHand() throws {
    var scorer = try #require(
      try PrincipalComponentScorer(training: train, window: 1, smoothing: 1, variance: 0.85))
    #expect(scorer.components == 1)
    // T² of the two rows along the axis is 3.6 / 2.4; Q of the two others is 0.4.
    #expect(isNear(scorer.limits.t2, 1.5, 1e-5))
    #expect(isNear(scorer.limits.q, 0.4, 1e-5))
    // z = (1, 3): t = 4/√2, T² = 8/2.4; residual (-1, 1), Q = 2.
    let scored = scorer.score([12, 5], count: 1)
    #expect(isNear(scored.scores[0], (8 / 2.4) / 1.5 + 2 / 0.4, 1e-5))
    // The root of M in the subspace is (4/2)/√2.4 for both; the residual's squares are 1 and 1.
    let each = (4 / 2.4) / 1.5 + 1 / 0.4
    #expect(isNear(scored.parts[0], each, 1e-5))
    #expect(isNear(scored.parts[1], each, 1e-5))
    // P t = (2, 2) in standard deviations.
    #expect(isNear(scored.reconstruction[0], 14, 1e-5))
    #expect(isNear(scored.reconstruction[1], 2, 1e-5))
  }

  /// With all of the variance there is no Q, and T² is the Mahalanobis distance.
  @Test func allComponentsAreHotellingsStatistic() throws {
    let rows = sampleRows(300, 4)
    let source = MemoryRows(columnCount: 4, values: rows)
    var components = try #require(
      try PrincipalComponentScorer(training: source, window: 2, smoothing: 1, variance: 1))
    #expect(components.components == 8)
    var distance = try #require(try MahalanobisScorer(training: source, window: 2, smoothing: 1))
    let (a, b) = (
      components.score(sampleRows(50, 4), count: 50), distance.score(sampleRows(50, 4), count: 50)
    )
    for r in 0..<50 {
      #expect(isNear(a.scores[r] * components.limits.t2, b.scores[r], 1e-6))
      for v in 0..<4 {
        #expect(isNear(a.parts[4 * r + v] * components.limits.t2, b.parts[4 * r + v], 1e-6))
      }
    }
  }

  @Test func moreVarianceTakesMoreComponents() throws {
    var values = sampleRows(400, 5)
    for r in 0..<400 {
      for v in 1..<5 { values[5 * r + v] = values[5 * r] + 0.5 * values[5 * r + v] }
    }
    let source = MemoryRows(columnCount: 5, values: values)
    let counts = try [0.3, 0.85, 0.9, 0.95, 1].map { share in
      try PrincipalComponentScorer(training: source, window: 1, smoothing: 1, variance: share)?
        .components ?? 0
    }
    #expect(counts.first == 1 && counts.last == 5)
    #expect(counts == counts.sorted() && Set(counts).count >= 4)
  }

  /// The broken relation stands out where it is broken.
  @Test func partsPointAtTheFaultyVariable() throws {
    var values = sampleRows(400, 5)
    for r in 0..<400 {
      for v in 1..<4 { values[5 * r + v] = values[5 * r] + 0.2 * values[5 * r + v] }
    }
    var scorer = try #require(
      try PrincipalComponentScorer(
        training: MemoryRows(columnCount: 5, values: values), window: 1, smoothing: 1,
        variance: 0.8))
    var test = Array(values[..<100])
    for r in 0..<20 { test[5 * r + 2] += 2 }
    let scored = scorer.score(test, count: 20)
    for r in 0..<20 {
      let parts = scored.parts[5 * r..<5 * r + 5]
      #expect(parts.max() == parts[5 * r + 2])
      #expect(parts.allSatisfy { $0 >= 0 })
      #expect(isNear(parts.reduce(0, +), scored.scores[r], 1e-9))
    }
  }

  @Test func smoothingResetPiecesAndMissingValues() throws {
    let source = MemoryRows(columnCount: 3, values: sampleRows(90, 3, missingEvery: 7))
    var plain = try #require(
      try PrincipalComponentScorer(training: source, window: 2, smoothing: 1))
    var smooth = try #require(
      try PrincipalComponentScorer(training: source, window: 2, smoothing: 4))
    let single = try plain.scores(of: source)
    let mean = try smooth.scores(of: source)
    for row in single.indices {
      let last = single[max(0, row - 3)...row]
      #expect(isNear(mean[row], last.reduce(0, +) / Double(last.count), 1e-9))
    }
    #expect(try smooth.scores(of: source) == mean)
    smooth.reset()
    var pieces: [Double] = []
    for row in 0..<90 {
      let scored = smooth.score(Array(source.values[3 * row..<3 * row + 3]), count: 1)
      #expect(isNear(scored.parts.reduce(0, +), scored.scores[0], 1e-9))
      pieces += scored.scores
    }
    #expect(pieces == mean)
    var wild: [Float] = [.infinity, -.infinity, .nan]
    wild += [0, 0, 0]
    #expect(plain.score(wild, count: 2).scores.allSatisfy { $0.isFinite })
  }

  @Test func constantAndDuplicateColumns() throws {
    let narrow = sampleRows(80, 2)
    var wide: [Float] = []
    for r in 0..<80 { wide += [narrow[2 * r], narrow[2 * r + 1], narrow[2 * r], 42] }
    var scorer = try #require(
      try PrincipalComponentScorer(
        training: MemoryRows(columnCount: 4, values: wide), window: 1, smoothing: 1,
        variance: 1))
    #expect(scorer.components == 2)
    let scores = scorer.score(wide, count: 80).scores
    #expect(scores.allSatisfy { $0.isFinite && $0 < 3 })
    // What never moved has moved.
    #expect(scorer.score([0, 0, 0, 43], count: 1).scores[0] > 1e6)
    let still = MemoryRows(columnCount: 1, values: [1, 1, 1])
    let none = try PrincipalComponentScorer(training: still, window: 1, smoothing: 1)
    #expect(none == nil)
  }
}
