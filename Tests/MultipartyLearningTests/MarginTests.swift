import Testing

@testable import MultipartyLearning

@Suite struct MarginTests {
  /// Class 2 is known to two models only, class 3 to none.
  let table = Samples.table([
    [0.5, 0.25, nil, nil], [0.75, 0.5, 0.875, nil], [0.25, nil, 0.375, nil],
  ])

  @Test func unknownClassesScoreNothing() {
    #expect(table.knowing == [[0, 1, 2], [0, 1], [1, 2], []])
    #expect(table[0, 0, 2] == 0 && table[1, 0, 2] == 0.875)
    #expect(table.selection(0, 3, share: 1) == nil)
    #expect(table.selection(0, 200, share: 1) == nil)
    #expect(table.surest(0, 0) == 1 && table.surest(0, 3) == nil)
  }

  /// A model that says what is no number of a class has no say in the others' favour.
  @Test(arguments: [Float.nan, .infinity])
  func whatIsNoNumberPassesNothing(_ value: Float) throws {
    let table = Samples.table([[value, 0.25], [0.9, 0.95], [0.9, 0.95]])
    for (right, wrong) in [(UInt8(0), UInt8(1)), (1, 0)] {
      let margin = try #require(
        SecureMargin(table, image: 0, label: right, wrongLabel: wrong, share: 1))
      #expect(margin.verdict(CalibrationRules()) != .valid)
    }
  }

  /// 256 classes are one more than the largest byte.
  @Test func asManyClassesAsThereMayBe() throws {
    let table = Samples.table([[Float?](repeating: 0.5, count: 255) + [0.75]])
    let margin = try #require(SecureMargin(table, image: 0, label: 0, share: 1, by: .strongest))
    #expect(margin.wrongLabel == 255)
    #expect(Predictor.krumMean.labels(table, share: 1) == [255])
  }

  @Test func marginOfGivenClasses() throws {
    let margin = try #require(
      SecureMargin(table, image: 0, label: 0, wrongLabel: 1, share: 1))
    #expect(margin.right.mean == 0.5 && margin.right.medoid == 0)
    #expect(margin.wrong.mean == 0.375)
    #expect(margin.value == 0.125)
    #expect(SecureMargin(table, image: 0, label: 0, wrongLabel: 0, share: 1) == nil)
    #expect(SecureMargin(table, image: 0, label: 0, wrongLabel: 3, share: 1) == nil)
    #expect(SecureMargin(table, image: 0, label: 3, wrongLabel: 0, share: 1) == nil)
  }

  /// The strongest wrong class is 2 with 0.625; the models agree best on class 1, 0.25 apart.
  @Test func wrongClassByRule() throws {
    let strongest = try #require(
      SecureMargin(table, image: 0, label: 0, share: 1, by: .strongest))
    #expect(strongest.wrongLabel == 2 && strongest.value == -0.125)
    let agreed = try #require(SecureMargin(table, image: 0, label: 0, share: 1, by: .agreement))
    #expect(agreed.wrongLabel == 1 && agreed.value == 0.125)
    // Of equally good ones the first.
    let equal = Samples.table([[0.5, 0.25, 0.25]])
    #expect(SecureMargin(equal, image: 0, label: 0, share: 1, by: .strongest)?.wrongLabel == 1)
    #expect(SecureMargin(equal, image: 0, label: 1, share: 1, by: .agreement)?.wrongLabel == 0)
  }

  /// With a smaller share one model far off counts nothing: m = ⌈0.6 · 3⌉ = 2.
  @Test func aShareLeavesOutliersOut() throws {
    let table = Samples.table([[0.75, 0.5], [0.75, 0.5], [0, 1]])
    let all = try #require(SecureMargin(table, image: 0, label: 0, wrongLabel: 1, share: 1))
    #expect(all.right.mean == 0.5)
    let two = try #require(SecureMargin(table, image: 0, label: 0, wrongLabel: 1, share: 0.6))
    #expect(two.right.mean == 0.75 && two.value == 0.25)
    #expect(two.right.spread == 0)
  }

  func verdict(
    _ scores: [[Float?]], _ rules: CalibrationRules = CalibrationRules()
  ) -> CalibrationVerdict? {
    SecureMargin(Samples.table(scores), image: 0, label: 0, wrongLabel: 1, share: 1)?
      .verdict(rules)
  }

  /// Each threshold belongs to the valid side: ρ ≤ 0, h_a* ≥ δ, spread ≤ σ.
  @Test func verdictsAtTheirBorders() {
    var rules = CalibrationRules()
    rules.leastScore = 0.625
    rules.greatestSpread = 0.125
    #expect(verdict([[0.75, 0.75], [0.75, 0.75]], rules) == .valid)
    let less = Float(0.75).nextDown
    #expect(verdict([[0.75, less], [0.75, less]], rules) == .marginPositive)
    #expect(verdict([[0.625, 0.75], [0.625, 0.75]], rules) == .valid)
    let below = Float(0.625).nextDown
    #expect(verdict([[below, 0.75], [below, 0.75]], rules) == .unsure)
    #expect(verdict([[0.75, 0.75], [0.5, 0.75]], rules) == .valid)
    #expect(verdict([[0.8125, 0.75], [0.5, 0.75]], rules) == .disagreement)
    // Eq. (8) is asked first, then Eq. (9).
    #expect(verdict([[0.9, 0], [0.1, 0]], rules) == .marginPositive)
    #expect(verdict([[0.9, 1], [0.1, 1]], rules) == .unsure)
  }

  @Test func thePublishedThresholdsAreTheDefault() {
    let rules = CalibrationRules()
    #expect(rules.leastScore == 0.6 && rules.greatestSpread == 0.2)
    #expect(verdict([[0.6, 0.7]]) == .valid)
    #expect(verdict([[0.59, 0.7]]) == .unsure)
  }

  /// Heterogeneous model reuse: the surest of each.
  @Test func maximumMargin() throws {
    let margin = try #require(MaximumMargin(table, image: 0, label: 0))
    #expect(margin.wrongLabel == 2 && margin.right == 1 && margin.wrong == 1)
    #expect(margin.value == 0.75 - 0.875)
    let given = try #require(MaximumMargin(table, image: 0, label: 0, wrongLabel: 1))
    #expect(given.wrongLabel == 1 && given.value == 0.25)
    #expect(MaximumMargin(table, image: 0, label: 3) == nil)
    #expect(MaximumMargin(table, image: 0, label: 0, wrongLabel: 3) == nil)
  }

  // MARK: Classifying

  @Test func predictors() {
    // Means 0.5, 0.45 and 0.35; in the middle 0.3, 0.45 and 0.1; greatest 0.9, 0.5 and 0.95.
    let table = Samples.table([
      [0.9, 0.45, nil], [0.3, 0.5, nil], [0.3, 0.4, 0.95], [nil, nil, 0], [nil, nil, 0.1],
    ])
    #expect(Predictor.krumMean.labels(table, share: 1) == [0])
    #expect(Predictor.krumMedoid.labels(table, share: 1) == [1])
    #expect(Predictor.maxModel.labels(table, share: 1) == [2])
    // Of the two of three that are closest 0.3 for class 0, and 0.05 for class 2.
    #expect(Predictor.krumMean.labels(table, share: 0.6) == [1])
    #expect(Predictor.krumMean.accuracy(table, [0], share: 1) == 1)
    #expect(Predictor.krumMean.accuracy(table, [2], share: 1) == 0)
  }

  @Test func ofEquallyGoodClassesTheFirst() {
    let table = Samples.table([[nil, 0.5, 0.5]])
    for predictor in Predictor.allCases {
      #expect(predictor.labels(table, share: 1) == [1])
    }
  }
}
