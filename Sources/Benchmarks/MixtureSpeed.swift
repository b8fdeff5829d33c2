import CollaborativeLearning
import Foundation
import GraphicalModels
import LinearAlgebra

/// Expectation and maximisation of a mixture from a given start, which a peer can repeat.
///
/// `Benchmarks mixture ROWS START --variables M --patterns K [--iterations 20] [--penalty 1e-6]
/// [--repeats 3]`, where ROWS holds N M floats, and START K M doubles of centres and K M² of
/// precision matrices, in little-endian order; all weights start equal. Prints the median time of all
/// iterations, the log likelihood of a row before the last update, and the number of edges.
enum MixtureSpeed {
  private struct Task {
    var rows: [Float] = []
    var patterns: [GaussianPattern] = []
    var variables = 0
    var iterations = 20
    /// ρ, as a share of the rows.
    var penalty = 1e-6

    var count: Int { rows.count / variables }
  }

  static func run(_ words: [String]) throws {
    var rest = words[...]
    guard let rowFile = rest.popFirst(), let startFile = rest.popFirst() else {
      throw ConfigurationError("mixture needs a file of rows and one of a start")
    }
    var task = Task()
    var (count, repeats) = (0, 3)
    while let word = rest.popFirst() {
      guard let value = rest.popFirst(), let number = Double(value) else {
        throw ConfigurationError("\(word) needs a number")
      }
      switch word {
      case "--variables": task.variables = Int(number)
      case "--patterns": count = Int(number)
      case "--iterations": task.iterations = max(1, Int(number))
      case "--penalty": task.penalty = number
      case "--repeats": repeats = max(1, Int(number))
      default: throw ConfigurationError("unknown option \(word)")
      }
    }
    let m = task.variables
    task.rows = try NumberFile.words(of: rowFile, as: UInt32.self).map { Float(bitPattern: $0) }
    let start = try NumberFile.words(of: startFile, as: UInt64.self).map { Double(bitPattern: $0) }
    guard m > 0, count > 0, task.rows.count % m == 0, start.count == count * m * (m + 1) else {
      throw ConfigurationError(
        "\(task.rows.count) and \(start.count) numbers are not rows and \(count) patterns of \(m)")
    }
    task.patterns = (0..<count).map { k in
      let matrix = count * m + k * m * m
      return GaussianPattern(
        mean: Array(start[k * m..<(k + 1) * m]),
        precision: SymmetricMatrix(order: m, elements: Array(start[matrix..<matrix + m * m])))
    }
    let clock = ContinuousClock()
    var times: [Duration] = []
    var result = try learn(task)
    for _ in 0..<repeats {
      let begin = clock.now
      result = try learn(task)
      times.append(clock.now - begin)
    }
    print("seconds", median(times))
    print("log-likelihood", result.logLikelihood / Double(task.count))
    print("edges", result.edges)
  }

  private static func learn(_ task: Task) throws -> (logLikelihood: Double, edges: Int) {
    let count = task.patterns.count
    var dictionary = PatternDictionary(
      patterns: task.patterns, rows: [Double](repeating: 1, count: count),
      prior: PatternPrior(
        mean: [Double](repeating: 0, count: task.variables), strength: 1e-6,
        penalty: task.penalty * Double(task.count)),
      cardinalityPenalty: 0, fewestRows: 0)
    var weights = MixtureWeights(patterns: count)
    var logLikelihood = 0.0
    for _ in 0..<task.iterations {
      var evaluator = try PatternEvaluator(dictionary.patterns)
      let statistics = PooledMixture.statistics(
        of: task.rows, variables: task.variables, &evaluator, weights)
      logLikelihood = statistics.logLikelihood
      let succession = try dictionary.update(with: statistics, joins: false)
      weights.follow(.advance(succession), counts: statistics.counts)
    }
    return (logLikelihood, dictionary.patterns.reduce(0) { $0 + $1.edges.count })
  }
}
