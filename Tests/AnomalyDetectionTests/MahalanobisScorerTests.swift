import AnomalyDetection
import Datasets
import LinearAlgebra
import Testing

@Suite struct MahalanobisScorerTests {
  /// Rows with correlated columns of different sizes.
  private func rows(_ count: Int) -> [Float] {
    let z = sampleRows(count, 3)
    return (0..<count).flatMap { r -> [Float] in
      let (a, b, c) = (z[3 * r], z[3 * r + 1], z[3 * r + 2])
      return [100 + 5 * a, a + 0.5 * b, 0.001 * (b - a + c)]
    }
  }

  /// The squared distance from the mean with the covariance of `train`, computed directly.
  private func distances(
    _ test: [[Double]], _ train: [[Double]], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [Double] {
    let width = train[0].count
    let n = Double(train.count)
    let mean = (0..<width).map { c in train.reduce(0) { $0 + $1[c] } / n }
    var covariance = SymmetricMatrix(identityOfOrder: width)
    for i in 0..<width {
      for j in 0..<width {
        covariance[i, j] =
          train.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[j] - mean[j]) } / (n - 1)
      }
    }
    let inverse = try #require(
      covariance.choleskyFactor()?.inverse(), sourceLocation: sourceLocation)
    return test.map { row in
      var sum = 0.0
      for i in 0..<width {
        for j in 0..<width { sum += (row[i] - mean[i]) * inverse[i, j] * (row[j] - mean[j]) }
      }
      return sum
    }
  }

  private func windows(_ values: [Float], _ width: Int, _ length: Int) -> [[Double]] {
    (0..<values.count / width).map { r in
      (0..<length).flatMap { lag in
        (0..<width).map { Double(values[width * max(0, r - lag) + $0]) }
      }
    }
  }

  @Test(arguments: [1, 3]) func agreesWithDirectComputation(window: Int) throws {
    let values = rows(200)
    let train = Array(values[..<360])
    let test = Array(values[360...])
    var scorer = try #require(
      try MahalanobisScorer(
        training: MemoryRows(columnCount: 3, values: train), window: window, smoothing: 1))
    let scores = scorer.score(test, count: 80).scores
    let expected = try distances(windows(test, 3, window), windows(train, 3, window))
    for (a, b) in zip(scores, expected) { #expect(isNear(a, b, 1e-3)) }
  }

  /// Duplicate and constant columns add nothing to the distance.
  @Test func singularCovariance() throws {
    let values = rows(120)
    var wide: [Float] = []
    for r in 0..<120 { wide += values[3 * r..<3 * r + 3] + [values[3 * r + 1], 42] }
    func scores(_ values: [Float], _ width: Int) throws -> [Double] {
      var scorer = try #require(
        try MahalanobisScorer(
          training: MemoryRows(columnCount: width, values: Array(values[..<(80 * width)])),
          window: 1, smoothing: 1))
      return scorer.score(Array(values[(80 * width)...]), count: 40).scores
    }
    let narrow = try scores(values, 3)
    for (a, b) in zip(try scores(wide, 5), narrow) { #expect(isNear(a, b, 1e-2)) }
  }

  /// A part is the square of a component of the covariance's inverse root times the deviation.
  @Test func partsAddUpAndFollowUncorrelatedVariables() throws {
    var scorer = try #require(
      try MahalanobisScorer(
        training: MemoryRows(columnCount: 3, values: rows(100)), window: 2, smoothing: 3))
    let scored = scorer.score(rows(40), count: 40)
    for r in 0..<40 {
      let parts = scored.parts[3 * r..<3 * r + 3]
      #expect(isNear(parts.reduce(0, +), scored.scores[r], 1e-9))
      #expect(parts.allSatisfy { $0 >= 0 })
    }
    // Uncorrelated: each part is the variable's own squared deviation, with divisor n - 1 = 3.
    var apart = try #require(
      try MahalanobisScorer(
        training: MemoryRows(columnCount: 2, values: [1, 0, -1, 0, 0, 2, 0, -2]), window: 1,
        smoothing: 1))
    let parts = apart.score([3, 2], count: 1).parts
    #expect(isNear(parts[0], 9 / (2.0 / 3), 1e-6))
    #expect(isNear(parts[1], 4 / (8.0 / 3), 1e-6))
  }

  @Test func fewerRowsThanColumns() throws {
    var scorer = try #require(
      try MahalanobisScorer(
        training: MemoryRows(columnCount: 3, values: rows(3)), window: 3, smoothing: 1))
    #expect(scorer.score(rows(10), count: 10).scores.allSatisfy { $0.isFinite && $0 >= 0 })
  }

  @Test func smoothingResetAndPieces() throws {
    let source = MemoryRows(columnCount: 3, values: rows(60))
    var plain = try #require(try MahalanobisScorer(training: source, window: 2, smoothing: 1))
    var smooth = try #require(try MahalanobisScorer(training: source, window: 2, smoothing: 4))
    let single = try plain.scores(of: source)
    let mean = try smooth.scores(of: source)
    for row in single.indices {
      let last = single[max(0, row - 3)...row]
      #expect(isNear(mean[row], last.reduce(0, +) / Double(last.count), 1e-9))
    }
    #expect(try smooth.scores(of: source) == mean)
    smooth.reset()
    var pieces: [Double] = []
    for row in 0..<60 {
      pieces += smooth.score(Array(source.values[3 * row..<3 * row + 3]), count: 1).scores
    }
    #expect(pieces == mean)
  }

  @Test func missingAndInfiniteValues() throws {
    var scorer = try #require(
      try MahalanobisScorer(
        training: MemoryRows(columnCount: 3, values: rows(60)), window: 2, smoothing: 3))
    var test = rows(20)
    test[7] = .nan
    test[30] = .infinity
    test[31] = -.infinity
    let scores = scorer.score(test, count: 20).scores
    #expect(scores.allSatisfy { $0.isFinite })
    #expect(scores[10] > 100 * scores[9])
  }
}
