import Testing

@testable import Metrics

/// Against values that mpmath rounded from forty digits.
@Suite struct ElementaryFunctionsTests {
  private func agree(_ values: [Double], _ references: [Double]) -> Bool {
    values.count == references.count
      && zip(values, references).allSatisfy { abs($0 - $1) <= 4 * $1.ulp }
  }

  @Test func naturalLogarithmIsAccurate() {
    let values = ReferenceValues.positivePoints.map { naturalLogarithm($0) }
    #expect(agree(values, ReferenceValues.logarithms))
    #expect(naturalLogarithm(0) == -.infinity)
    #expect(naturalLogarithm(.infinity) == .infinity)
    #expect(naturalLogarithm(-1).isNaN)
    #expect(naturalLogarithm(.nan).isNaN)
  }

  @Test func naturalLogarithmOfOnePlusIsAccurate() {
    let values = ReferenceValues.offsetPoints.map { naturalLogarithm(onePlus: $0) }
    #expect(agree(values, ReferenceValues.offsetLogarithms))
    #expect(naturalLogarithm(onePlus: -1) == -.infinity)
  }

  @Test func exponentialMinusOneIsAccurate() {
    let values = ReferenceValues.exponents.map { exponentialMinusOne($0) }
    #expect(agree(values, ReferenceValues.powers))
    #expect(exponentialMinusOne(.infinity) == .infinity)
    #expect(exponentialMinusOne(-.infinity) == -1)
    #expect(exponentialMinusOne(.nan).isNaN)
  }

  @Test func eachUndoesTheOther() {
    for x in stride(from: -20.0, through: 40, by: 0.37) {
      #expect(isClose(naturalLogarithm(onePlus: exponentialMinusOne(x)), x, within: 1e-7))
    }
  }
}
