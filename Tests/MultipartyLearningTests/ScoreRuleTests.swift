import Randomness
import Testing

@testable import MultipartyLearning

@Suite struct ScoreRuleTests {
  /// The definitions in Double.
  static func scores(_ rule: ScoreRule, _ values: [Double]) -> [Double] {
    let exponents = values.map { $0.exponential }
    let sum = exponents.reduce(rule == .zeroLogit ? 1 : 0, +)
    return exponents.map { $0 / sum }
  }

  @Test(arguments: ScoreRule.allCases)
  func againstTheDefinition(_ rule: ScoreRule) {
    let values = RandomStream(seed: 4, purpose: .syntheticData).normal(60).map { 3 * $0 }
    let scores = rule.scores(values.span, rows: 20, classes: 3)
    for row in 0..<20 {
      let exact = Self.scores(rule, values[row * 3..<row * 3 + 3].map { Double($0) })
      for c in 0..<3 { #expect(abs(Double(scores[row * 3 + c]) - exact[c]) < 1e-6) }
      let sum = scores[row * 3..<row * 3 + 3].reduce(0, +)
      switch rule {
      case .softmax: #expect(abs(sum - 1) < 1e-6)
      // The rest is for "none of mine".
      case .zeroLogit: #expect(sum < 1)
      }
    }
  }

  /// One class alone: sure of everything, or a logistic function.
  @Test func oneClass() {
    let values: [Float] = [0, 2]
    #expect(ScoreRule.softmax.scores(values.span, rows: 2, classes: 1) == [1, 1])
    let scores = ScoreRule.zeroLogit.scores(values.span, rows: 2, classes: 1)
    #expect(scores[0] == 0.5 && abs(scores[1] - 0.880797) < 1e-6)
  }

  /// Of a row that overflows nothing is said; the other rows are what they were.
  @Test(arguments: ScoreRule.allCases)
  func whatOverflowsScoresNothing(_ rule: ScoreRule) {
    let values: [Float] = [.infinity, 1, 2, 1, .nan, 1]
    let scores = rule.scores(values.span, rows: 3, classes: 2)
    #expect(scores[0..<2] == [0, 0] && scores[4..<6] == [0, 0])
    #expect(Array(scores[2..<4]) == rule.scores([2, 1].span, rows: 1, classes: 2))
  }

  @Test(arguments: ScoreRule.allCases)
  func greatValuesDoNotOverflow(_ rule: ScoreRule) {
    let values: [Float] = [500, 0, -500, -500]
    let scores = rule.scores(values.span, rows: 2, classes: 2)
    #expect(scores.allSatisfy { $0.isFinite })
    #expect(scores[0] == 1 && scores[1] == 0)
    #expect(Array(scores[2...]) == (rule == .softmax ? [0.5, 0.5] : [0, 0]))
  }

  @Test(arguments: ScoreRule.allCases, CalibrationObjective.allCases)
  func derivativesAgainstDifferences(_ rule: ScoreRule, _ objective: CalibrationObjective) {
    let values: [Double] = [0.75, -1.5, 1.25]
    func climbed(_ values: [Double], _ column: Int, _ isEnhanced: Bool) -> Double {
      let score = Self.scores(rule, values)[column]
      return switch (objective, isEnhanced) {
      case (.logLikelihood, true): score.logarithm
      case (.logLikelihood, false): (1 - score).logarithm
      case (.score, true): score
      case (.score, false): -score
      }
    }
    let floats = values.map { Float($0) }
    let scores = rule.scores(floats.span, rows: 1, classes: 3)
    for column in 0..<3 {
      for isEnhanced in [true, false] {
        // A slice that does not start at 0, as in a table of many rows.
        let slopes = objective.derivative(
          ([9, 9] + scores)[2...], column: column, isEnhanced: isEnhanced)
        for c in 0..<3 {
          var above = values
          var below = values
          above[c] += 1e-5
          below[c] -= 1e-5
          let slope =
            (climbed(above, column, isEnhanced) - climbed(below, column, isEnhanced)) / 2e-5
          #expect(abs(Double(slopes[c]) - slope) < 1e-5)
        }
      }
    }
  }

  /// Where a wrong score has come to 1, its slope stays a number.
  @Test func certaintyCanBeImpaired() {
    let slopes = CalibrationObjective.logLikelihood.derivative(
      [1, 0], column: 0, isEnhanced: false)
    #expect(slopes.allSatisfy { $0.isFinite })
  }
}
