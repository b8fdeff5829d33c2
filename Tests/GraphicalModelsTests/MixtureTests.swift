import GraphicalModels
import LinearAlgebra
import Testing

@Suite struct MixtureTests {
  /// ln N(x | μ, Λ⁻¹), written down as it is.
  private func logDensity(_ x: [Double], _ pattern: GaussianPattern) -> Double {
    let m = x.count
    var quadratic = 0.0
    for i in 0..<m {
      for j in 0..<m {
        quadratic +=
          (x[i] - pattern.mean[i]) * pattern.precision[i, j] * (x[j] - pattern.mean[j])
      }
    }
    let values = pattern.precision.eigendecomposition()?.values ?? []
    let logDeterminant = values.reduce(0) { $0 + $1.logarithm }
    return 0.5 * (logDeterminant - quadratic - Double(m) * (2 * Double.pi).logarithm)
  }

  private func rows(_ mixture: KnownMixture) -> [[Double]] {
    mixture.participants.flatMap { rows in
      stride(from: 0, to: rows.count, by: mixture.variables).map { start in
        rows[start..<start + mixture.variables].map { Double($0) }
      }
    }
  }

  @Test(arguments: [1, 3, 16, 17, 35]) func densitiesSharesAndSumsAreThoseOfTheFormulas(
    variables: Int
  ) throws {
    let known = KnownMixture(
      seed: UInt64(variables), patterns: 3, variables: variables, participants: 1, rows: 301)
    let weights = [0.5, 0.3, 0.2]
    var evaluator = try PatternEvaluator(known.patterns)
    var accumulator = PatternAccumulator(patterns: 3, variables: variables)
    let values = known.participants[0]
    var shares: [[Double]] = []
    var logSums: [Double] = []
    evaluator.forEachBlock(
      of: values.span, count: 301, logWeights: weights.map { $0.logarithm }
    ) { block in
      for r in 0..<block.rows.count {
        shares.append(Array(block.shares[r * 3..<(r + 1) * 3]))
        logSums.append(block.logSums[r])
      }
      accumulator.add(block)
    }
    let statistics = accumulator.finish()
    var counts = [0.0, 0.0, 0.0]
    var sums = [[Double]](repeating: [Double](repeating: 0, count: variables), count: 3)
    var corner = [0.0, 0.0, 0.0]
    for (r, x) in rows(known).enumerated() {
      let terms = zip(known.patterns, weights).map { logDensity(x, $0) + $1.logarithm }
      let largest = terms.max() ?? 0
      let total = terms.reduce(0) { $0 + ($1 - largest).exponential }
      #expect(abs(logSums[r] - largest - total.logarithm) < 1e-9)
      for k in 0..<3 {
        let share = (terms[k] - largest).exponential / total
        #expect(abs(shares[r][k] - share) < 1e-9)
        counts[k] += share
        corner[k] += share * x[0] * x[variables - 1]
        for v in 0..<variables { sums[k][v] += share * x[v] }
      }
    }
    for k in 0..<3 {
      #expect(abs(statistics.count(k) - counts[k]) < 1e-7)
      #expect(abs(statistics.scatter(k)[0, variables - 1] - corner[k]) < 1e-6)
      for v in 0..<variables { #expect(abs(statistics.sum(k)[v] - sums[k][v]) < 1e-6) }
    }
    #expect(abs(statistics.logLikelihood - logSums.reduce(0, +)) < 1e-6)
    let again = PatternStatistics(flattened: statistics.flattened, variables: variables)
    #expect(again.flattened == statistics.flattened)
    #expect(again.flattened.count == 3 * PatternStatistics.width(variables: variables))
  }

  /// A row's densities are the same to the last bit, whatever is in the block with it.
  @Test func aRowIsTreatedTheSameInEveryCompany() throws {
    let known = KnownMixture(seed: 2, patterns: 3, variables: 19, participants: 1, rows: 140)
    let all = known.participants[0]
    func likelihoods(_ values: [Float]) throws -> [Double] {
      var scorer = try MixtureScorer(known.patterns, weights: [0.2, 0.3, 0.5])
      var found: [Double] = []
      scorer.forEachRow(of: values.span, count: values.count / 19) { _, scores in
        found.append(scores.likelihood)
      }
      return found
    }
    let together = try likelihoods(all)
    for r in [0, 1, 77, 128, 139] {
      #expect(try likelihoods(Array(all[r * 19..<(r + 1) * 19])) == [together[r]])
    }
  }

  @Test func theConditionalIsThatOfTheJointDensity() throws {
    let known = KnownMixture(seed: 3, patterns: 3, variables: 4, participants: 1, rows: 40)
    let weights = [0.2, 0.3, 0.5]
    var scorer = try MixtureScorer(known.patterns, weights: weights)
    let values = known.participants[0]
    var scored: [MixtureScorer.Row] = []
    scorer.forEachRow(of: values.span, count: 40) { _, row in scored.append(row) }
    for (x, row) in zip(rows(known), scored) {
      func density(_ x: [Double]) -> Double {
        zip(known.patterns, weights).reduce(0) { $0 + $1.1 * logDensity(x, $1.0).exponential }
      }
      for i in 0..<4 {
        // p(xᵢ | x₋ᵢ) = p(x) / ∫ p(x) dxᵢ, by the trapezoidal rule, which is exact enough for
        // what falls off so fast.
        let step = 0.02
        var total = 0.0
        for place in -2000...2000 {
          var moved = x
          moved[i] = step * Double(place)
          total += step * density(moved)
        }
        #expect(abs(row.conditional[i] + (density(x) / total).logarithm) < 1e-6)
      }
      #expect(abs(row.likelihood + density(x).logarithm) < 1e-9)
      let posterior = zip(known.patterns, row.responsibilities).reduce(0) {
        $0 - $1.1 * logDensity(x, $1.0)
      }
      #expect(abs(row.posterior - posterior) < 1e-9)
      #expect(abs(row.posteriorParts.reduce(0, +) - posterior) < 1e-9)
      #expect(row[.conditional] == row.conditional.reduce(0, +))
    }
  }

  /// With one pattern and a negligible prior, the update is the sample's mean and covariance.
  @Test func onePatternIsTheSamplesOwn() throws {
    let known = KnownMixture(seed: 4, patterns: 1, variables: 5, participants: 1, rows: 2000)
    let prior = PatternPrior(
      mean: [Double](repeating: 0, count: 5), strength: 1e-12, penalty: 1e-9)
    let dictionary = try known.start(
      seed: 1, clusters: 1, prior: prior, cardinalityPenalty: 1, tolerance: 1e-12)
    let data = rows(known)
    let n = Double(data.count)
    let mean = (0..<5).map { v in data.reduce(0) { $0 + $1[v] } / n }
    #expect(dictionary.count == 1)
    for v in 0..<5 { #expect(abs(dictionary.patterns[0].mean[v] - mean[v]) < 1e-9) }
    let factor = try #require(dictionary.patterns[0].precision.choleskyFactor())
    let covariance = factor.inverse()
    for i in 0..<5 {
      for j in 0..<5 {
        let sample = data.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[j] - mean[j]) } / n
        // Eq. (16): the factor (N + 1) / N comes with the prior.
        #expect(abs(covariance[i, j] * (n + 1) / n - sample) < 1e-6)
      }
    }
  }

  /// Log likelihood, prior and penalty together never fall, joins included; the search finds the
  /// patterns that are there.
  @Test func theObjectiveNeverFallsAndThePatternsAreFound() throws {
    var found = 0
    var hits = 0
    var edges = 0
    var truths = 0
    for seed in 1...10 as ClosedRange<UInt64> {
      let known = KnownMixture(
        seed: seed, patterns: 4, variables: 10, participants: 10, rows: 400)
      let start = try known.start(
        seed: seed, clusters: 5,
        prior: PatternPrior(mean: [Double](repeating: 0, count: 10), penalty: 120),
        cardinalityPenalty: 15 * Double(4000).logarithm)
      let fit = try PooledMixture(known.participants, variables: 10, MixtureLearning(start))
      for (a, b) in zip(fit.course, fit.course.dropFirst()) where a.patterns == b.patterns {
        // A trial that replaces another one starts anew.
        if a.isTrial != b.isTrial { continue }
        #expect(b.objective >= a.objective - 1e-7 * abs(a.objective) || b.isTrial)
      }
      let patterns = fit.learning.dictionary.patterns
      if patterns.count == 4 { found += 1 }
      for truth in known.patterns {
        guard
          let nearest = patterns.min(by: { a, b in
            distance(a.mean, truth.mean) < distance(b.mean, truth.mean)
          })
        else { continue }
        let real = Set(truth.edges.map { [$0.0, $0.1] })
        let guessed = Set(nearest.edges.map { [$0.0, $0.1] })
        hits += real.intersection(guessed).count
        edges += guessed.count
        truths += real.count
      }
    }
    #expect(found >= 9)
    let f1 = 2 * Double(hits) / Double(edges + truths)
    #expect(f1 > 0.9, "F1 \(f1)")
  }

  private func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  @Test func whatIsNoMixtureIsRefused() {
    #expect(throws: MixtureError.noPattern) { _ = try PatternEvaluator([]) }
    var matrix = SymmetricMatrix(identityOfOrder: 2)
    matrix[0, 1] = 2
    matrix[1, 0] = 2
    #expect(throws: MixtureError.notPositiveDefinite(pattern: 0)) {
      _ = try PatternEvaluator([GaussianPattern(mean: [0, 0], precision: matrix)])
    }
    var dictionary = PatternDictionary(
      prior: PatternPrior(mean: [0], penalty: 1), cardinalityPenalty: 1, fewestRows: 5)
    #expect(throws: MixtureError.noPattern) {
      try dictionary.update(with: PatternStatistics(flattened: [4, 1, 2], variables: 1))
    }
    #expect(throws: MixtureError.notFinite(pattern: 0)) {
      try dictionary.update(with: PatternStatistics(flattened: [9, .nan, 2], variables: 1))
    }
  }
}
