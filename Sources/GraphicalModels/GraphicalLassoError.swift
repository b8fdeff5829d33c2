/// What is wrong with a covariance matrix, a penalty or a solution, in one line.
public enum GraphicalLassoError: Error, Equatable, Sendable, CustomStringConvertible {
  /// An entry is NaN or infinite.
  case notFinite(row: Int, column: Int)
  /// Two mirrored entries differ by more than rounding.
  case notSymmetric(row: Int, column: Int)
  /// A penalty, a weight or a tolerance is outside of its range.
  case invalidParameter(name: String, value: Double)
  /// Without a penalty there is no solution: a variable without variance, or S is singular.
  case singular(variable: Int?)
  /// The matrices, weights or penalties of a joint problem do not fit together.
  case inconsistent(String)
  /// The gap between the objective and its lower bound stayed above the tolerance; for joint
  /// problems the larger residual stands for it.
  case noConvergence(gap: Double, tolerance: Double, iterations: Int)

  public var description: String {
    switch self {
    case .notFinite(let row, let column):
      "entry [\(row), \(column)] of the covariance matrix is not finite; remove such rows of data"
    case .notSymmetric(let row, let column):
      "entries [\(row), \(column)] and [\(column), \(row)] of the covariance matrix differ; "
        + "give both triangles"
    case .invalidParameter(let name, let value):
      "\(name) cannot be \(value)"
    case .singular(let variable?):
      "variable \(variable) has no variance and no penalty on its diagonal; leave it out, or "
        + "penalise the diagonal"
    case .singular(nil):
      "the covariance matrix is singular and the penalty zero; raise the penalty"
    case .inconsistent(let what):
      what
    case .noConvergence(let gap, let tolerance, let iterations):
      "the gap is \(gap) after \(iterations) iterations, not \(tolerance); raise the penalty, the "
        + "tolerance or the limit of iterations"
    }
  }
}
