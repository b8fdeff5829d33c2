import AutomaticDifferentiation
import Foundation
import Testing

/// Arithmetic with every pattern of broadcasting, and functions of one argument.
@Suite struct ArithmeticGradientTests {
  static let patterns: [([Int], [Int])] = [
    ([3, 5], [3, 5]), ([3, 5], [5]), ([5], [3, 5]), ([3, 5], [3, 1]), ([3, 1], [1, 5]),
    ([], [3]), ([2, 3], []), ([1], [1, 1]), ([2, 3, 4], [3, 4]), ([2, 3, 4], [2, 1, 4]),
    ([2, 3, 4], [3, 1]), ([2, 1, 4], [3, 1]), ([2, 3, 2, 5], [3, 1, 5]),
    ([2, 1, 2, 1], [1, 3, 1, 5]), ([2, 17], [17]), ([2, 1, 1, 3], [2, 2, 1]), ([1, 4], [4]),
  ]

  static func combinations(
    _ name: String, _ tape: @escaping @Sendable (GradientTape, Variable, Variable) -> Variable,
    _ function: @escaping @Sendable (Double, Double) -> Double
  ) -> [GradientCheck] {
    patterns.map { a, b in
      GradientCheck("\(a) \(name) \(b)", [a, b], name == "/" ? .positive : .symmetric) {
        tape($0, $1[0], $1[1])
      } reference: {
        $0[0].combined(with: $0[1], function)
      }
    }
  }

  static let combined: [GradientCheck] =
    combinations("+", { $0.add($1, $2) }, { $0 + $1 })
    + combinations("-", { $0.subtract($1, $2) }, { $0 - $1 })
    + combinations("*", { $0.multiply($1, $2) }, { $0 * $1 })
    + combinations("/", { $0.divide($1, $2) }, { $0 / $1 })

  @Test(arguments: combined) func combinationsBroadcast(_ check: GradientCheck) { check.run() }

  static func function(
    _ name: String, _ domain: GradientCheck.Domain = .symmetric,
    _ tape: @escaping @Sendable (GradientTape, Variable) -> Variable,
    _ exact: @escaping @Sendable (Double) -> Double
  ) -> [GradientCheck] {
    [[3, 7], [], [2, 1, 3, 5]].map { shape in
      GradientCheck("\(name) \(shape)", [shape], domain) {
        tape($0, $1[0])
      } reference: {
        $0[0].map(exact)
      }
    }
  }

  static let functions: [GradientCheck] = [
    function("scale", .symmetric, { $0.scale($1, by: -1.5, plus: 0.25) }, { -1.5 * $0 + 0.25 }),
    function("negate", .symmetric, { $0.negate($1) }, { -$0 }),
    function("square", .symmetric, { $0.square($1) }, { $0 * $0 }),
    function("absolute", .awayFromZero, { $0.absolute($1) }, { abs($0) }),
    function("exponential", .symmetric, { $0.exponential($1) }, { exp($0) }),
    function("logarithm", .positive, { $0.logarithm($1) }, { log($0) }),
    function("square root", .positive, { $0.squareRoot($1) }, { $0.squareRoot() }),
    function("tanh", .symmetric, { $0.tanh($1) }, { Foundation.tanh($0) }),
    function("sigmoid", .symmetric, { $0.sigmoid($1) }, { 1 / (1 + exp(-$0)) }),
    function("softplus", .symmetric, { $0.softplus($1) }, { log1p(exp($0)) }),
    function("relu", .awayFromZero, { $0.relu($1) }, { max(0, $0) }),
    function("leaky relu", .awayFromZero, { $0.leakyRelu($1) }, { $0 > 0 ? $0 : 0.01 * $0 }),
    function(
      "leaky relu 0.3", .awayFromZero, { $0.leakyRelu($1, slope: 0.3) },
      { $0 > 0 ? $0 : 0.3 * $0 }),
    function("silu", .symmetric, { $0.silu($1) }, { $0 / (1 + exp(-$0)) }),
    function(
      "scaled tanh", .symmetric, { $0.scaledTanh($1) },
      { 1.7159 * Foundation.tanh(2 * $0 / 3) }),
  ].flatMap { $0 }

  @Test(arguments: functions) func functionsOfOneArgument(_ check: GradientCheck) { check.run() }

  /// Both inputs of an operation are the same node.
  static let selfCombined: [GradientCheck] = [
    GradientCheck("x + x", [[3, 4]]) {
      $0.add($1[0], $1[0])
    } reference: {
      $0[0].map { 2 * $0 }
    },
    GradientCheck("x - x²", [[3, 4]]) {
      $0.subtract($1[0], $0.multiply($1[0], $1[0]))
    } reference: {
      $0[0].map { $0 - $0 * $0 }
    },
    GradientCheck("x / (x + 1 / x)", [[3, 4]], .positive) { tape, x in
      let one = tape.divide(x[0], x[0])
      return tape.divide(x[0], tape.add(x[0], tape.divide(one, x[0])))
    } reference: {
      $0[0].map { $0 / ($0 + 1 / $0) }
    },
    GradientCheck("x xᵀ by broadcasting", [[4, 1]]) { tape, x in
      tape.multiply(x[0], tape.permute(x[0], [1, 0]))
    } reference: {
      $0[0].combined(with: $0[0].transposed, *)
    },
  ]

  @Test(arguments: selfCombined) func aNodeUsedTwice(_ check: GradientCheck) { check.run() }

  @Test func kinksHaveTheStatedDerivative() {
    let tape = GradientTape()
    let x = tape.input(.init(.init(3), [0, -0.0, 1]))
    tape.backward(from: tape.sum(tape.absolute(x)))
    #expect(tape.gradient(of: x).elements == [0, 0, 1])
    tape.backward(from: tape.sum(tape.relu(x)))
    #expect(tape.gradient(of: x).elements == [0, 0, 1])
  }
}
