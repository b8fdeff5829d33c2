import Foundation
import LinearAlgebra
import Testing

/// An elementwise function beside the same function in Double.
struct FunctionCase: Sendable, CustomTestStringConvertible {
  let name: String
  let function: VectorMath.Function
  let exact: @Sendable (Double) -> Double
  /// Where the stated accuracy holds.
  let domain: ClosedRange<Double>
  /// The largest error, in units of the last place.
  var accuracy = 2.0
  /// Arguments with the exact results that they must give.
  let edges: [(Float, Float)]

  var testDescription: String { name }

  func callAsFunction(_ x: [Float]) -> [Float] {
    var y = [Float](repeating: .nan, count: x.count)
    var span = y.mutableSpan
    VectorMath.apply(function, to: x.span, into: &span)
    return y
  }

  static let least = Float.leastNormalMagnitude
  static let denormal = Float.leastNonzeroMagnitude

  static let table: [FunctionCase] = [
    // The smallest results are flushed to 0 before they become denormal.
    FunctionCase(
      name: "exponential", function: .exponential, exact: { exp($0) }, domain: -87.33...88.71,
      edges: [
        (0, 1), (-0.0, 1), (.infinity, .infinity), (-.infinity, 0), (89, .infinity), (-88, 0),
        (denormal, 1), (-least, 1), (.greatestFiniteMagnitude, .infinity),
      ]),
    // Denormal arguments lie outside the stated accuracy.
    FunctionCase(
      name: "logarithm", function: .logarithm, exact: { log($0) }, domain: 1.2e-38...3.4e38,
      edges: [
        (1, 0), (0, -.infinity), (-0.0, -.infinity), (.infinity, .infinity), (-1, .nan),
        (-.infinity, .nan), (-denormal, .nan),
      ]),
    FunctionCase(
      name: "hyperbolic tangent", function: .hyperbolicTangent, exact: { tanh($0) },
      domain: -20...20,
      edges: [
        (0, 0), (-0.0, -0.0), (.infinity, 1), (-.infinity, -1), (88, 1), (-88, -1),
        (denormal, denormal), (-least, -least),
      ]),
    FunctionCase(
      name: "sigmoid", function: .sigmoid, exact: { 1 / (1 + exp(-$0)) }, domain: -87.33...88,
      accuracy: 3,
      edges: [
        (0, 0.5), (-0.0, 0.5), (.infinity, 1), (-.infinity, 0), (88, 1), (-88, 0),
        (denormal, 0.5),
      ]),
    FunctionCase(
      name: "softplus", function: .softplus, exact: { max($0, 0) + log1p(exp(-abs($0))) },
      domain: -87.33...88, accuracy: 3,
      edges: [
        (.infinity, .infinity), (-.infinity, 0), (88, 88), (-88, 0), (0, 0.6931472),
        (denormal, 0.6931472),
      ]),
    FunctionCase(
      name: "square root", function: .squareRoot, exact: { $0.squareRoot() },
      domain: 0...3.4e38,
      edges: [
        (0, 0), (-0.0, -0.0), (.infinity, .infinity), (-1, .nan), (4, 2),
        (denormal, denormal.squareRoot()),
      ]),
    FunctionCase(
      name: "relu", function: .relu, exact: { max($0, 0) }, domain: -88...88,
      edges: [
        (0, 0), (.infinity, .infinity), (-.infinity, 0), (88, 88), (-88, 0), (denormal, denormal),
        (-denormal, 0),
      ]),
  ]
}

@Suite struct VectorMathTests {
  /// The distance of a result from the exact one, in units of the last place of the latter.
  static func unitsInTheLastPlace(_ value: Float, from exact: Double) -> Double {
    let rounded = Float(exact)
    if value == rounded { return 0 }
    return abs(Double(value) - exact) / Double(max(rounded.ulp, Float.leastNormalMagnitude.ulp))
  }

  @Test(arguments: FunctionCase.table) func isAccurateToItsLastPlaces(
    _ function: FunctionCase
  ) {
    var values = SampleValues(seed: 5)
    let domain = function.domain
    var x = values.floats(20_000, in: domain)
    // Near 0 and 1 as well, where a wide range has few points, and over all magnitudes.
    x += values.floats(20_000, in: -3...3)
    x += values.floats(5_000, in: 0.9...1.1)
    x += values.doubles(10_000, in: -37...38).map { Float(pow(10, $0)) }
    x += values.doubles(5_000, in: -37...2).map { Float(-pow(10, $0)) }
    x = x.filter { domain.contains(Double($0)) }
    var worst = 0.0
    var place: Float = 0
    for (argument, result) in zip(x, function(x)) {
      let error = Self.unitsInTheLastPlace(result, from: function.exact(Double(argument)))
      if !(error <= worst) { (worst, place) = (error, argument) }
    }
    #expect(worst <= function.accuracy, "\(worst) units at \(place)")
  }

  @Test(arguments: FunctionCase.table) func edges(_ function: FunctionCase) {
    for (argument, expected) in function.edges {
      let result = function([argument])[0]
      if expected.isNaN {
        #expect(result.isNaN, "f(\(argument))")
      } else {
        #expect(result == expected, "f(\(argument))")
      }
    }
    #expect(function([.nan])[0].isNaN)
  }

  @Test(arguments: FunctionCase.table) func everyPlaceOfASpanGivesTheSameValue(
    _ function: FunctionCase
  ) {
    var values = SampleValues(seed: 6)
    let x = values.floats(7, in: 0.01...8) + values.floats(7, in: -8...8)
    let alone = x.map { function([$0])[0].bitPattern }
    for offset in 0..<34 {
      for tail in [0, 1, 5, 15, 16, 17] {
        let padded =
          [Float](repeating: 1, count: offset) + x + [Float](repeating: 2, count: tail)
        let result = function(padded)[offset..<offset + x.count].map(\.bitPattern)
        #expect(result == alone, "offset \(offset), tail \(tail)")
      }
    }
  }

  @Test(arguments: FunctionCase.table) func inPlaceIsTheSameAndStaysInsideItsSpan(
    _ function: FunctionCase
  ) {
    var values = SampleValues(seed: 7)
    for count in [0, 1, 3, 15, 16, 17, 40] {
      let x = values.floats(count, in: 0.1...4)
      var y = [Float](repeating: 77, count: 3) + x + [Float](repeating: 77, count: 20)
      var whole = y.mutableSpan
      var part = whole._mutatingExtracting(3..<3 + count)
      VectorMath.apply(function.function, inPlace: &part)
      #expect(Array(y[3..<3 + count]) == function(x))
      #expect(y[..<3].allSatisfy { $0 == 77 } && y[(3 + count)...].allSatisfy { $0 == 77 })
    }
  }

  @Test func doubleFunctionsAreTheSystems() {
    for x in [0.1, 1, 2.5, 700] {
      #expect(x.logarithm == log(x))
      #expect(x.exponential == exp(x))
    }
  }
}
