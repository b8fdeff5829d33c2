import CollaborativeLearning
import GraphicalModels
import LinearAlgebra

/// The graphical lasso of one covariance matrix, which a peer can solve, too.
///
/// `Benchmarks graphical-lasso FILE [--penalty 0.1] [--diagonal yes] [--tolerance 1e-6]
/// [--repeats 5] [--output FILE]`, where a file holds p² doubles in little-endian order. Prints the
/// median time, the objective, the duality gap, the iterations and the number of edges.
enum GraphicalLassoSpeed {
  static func run(_ words: [String]) throws {
    var rest = words[...]
    guard let file = rest.popFirst() else {
      throw ConfigurationError("graphical-lasso needs a file with a covariance matrix")
    }
    var lasso = GraphicalLasso(penalty: 0.1)
    var repeats = 5
    var output: String?
    while let word = rest.popFirst() {
      guard let value = rest.popFirst() else { throw ConfigurationError("\(word) needs a value") }
      switch word {
      case "--penalty": lasso.penalty = try number(value)
      case "--tolerance": lasso.tolerance = try number(value)
      case "--repeats": repeats = max(1, Int(try number(value)))
      case "--diagonal": lasso.penalisesDiagonal = value == "yes"
      case "--output": output = value
      default: throw ConfigurationError("unknown option \(word)")
      }
    }
    let covariance = try read(file)
    let clock = ContinuousClock()
    var times: [Duration] = []
    var solution = try lasso.solve(covariance)
    for _ in 0..<repeats {
      let start = clock.now
      solution = try lasso.solve(covariance)
      times.append(clock.now - start)
    }
    print("seconds", median(times))
    print("objective", solution.objective)
    print("gap", solution.dualityGap)
    print("iterations", solution.iterations)
    print("edges", solution.support.count)
    if let output { try NumberFile.write(solution.precision.elements, to: output) }
  }

  private static func number(_ text: String) throws -> Double {
    guard let number = Double(text) else { throw ConfigurationError("\(text) is no number") }
    return number
  }

  private static func read(_ path: String) throws -> SymmetricMatrix {
    let elements = try NumberFile.words(of: path, as: UInt64.self).map { Double(bitPattern: $0) }
    let order = Int(Double(elements.count).squareRoot().rounded())
    guard order * order == elements.count else {
      throw ConfigurationError("\(path) has \(elements.count) numbers, no square matrix")
    }
    return SymmetricMatrix(order: order, elements: elements)
  }
}
