import LinearAlgebra

/// What a participant tells of its rows: of every pattern the expected number of rows, their sum,
/// and their scatter about 0 (CollabDict 2024, Eqs. 11 and 13). Sums over participants are the
/// statistics of all rows together (Eq. 14).
public struct PatternStatistics: Sendable, Equatable {
  /// K.
  public let patterns: Int
  /// M.
  public let variables: Int
  /// `[K, M + 1, M + 1]`: rows with a one behind them times themselves, weighted and summed.
  fileprivate var sums: [Double]
  /// Σₙ ln Σₖ πₖ N(x | μₖ, Λₖ⁻¹) of the rows so far.
  public var logLikelihood = 0.0

  public init(patterns: Int, variables: Int) {
    self.patterns = patterns
    self.variables = variables
    let width = variables + 1
    sums = [Double](repeating: 0, count: patterns * width * width)
  }

  private func entry(_ i: Int, _ k: Int, _ j: Int) -> Double {
    sums[(k * (variables + 1) + i) * (variables + 1) + j]
  }

  /// Nₖ, the expected number of rows.
  public func count(_ k: Int) -> Double { entry(variables, k, variables) }

  /// Nₖ of every pattern.
  public var counts: [Double] { (0..<patterns).map { count($0) } }

  /// Σₙ rₖ x, `[M]`.
  public func sum(_ k: Int) -> [Double] { (0..<variables).map { entry(variables, k, $0) } }

  /// Σₙ rₖ x xᵀ.
  public func scatter(_ k: Int) -> SymmetricMatrix {
    var matrix = SymmetricMatrix(
      order: variables, elements: [Double](repeating: 0, count: variables * variables))
    for i in 0..<variables {
      for j in 0...i {
        matrix[i, j] = entry(i, k, j)
        matrix[j, i] = matrix[i, j]
      }
    }
    return matrix
  }

  /// Adds a variance to every variable of every pattern, as if the rows were scattered more.
  public mutating func widen(by variance: Double) {
    let width = variables + 1
    for k in 0..<patterns {
      let rows = count(k)
      for i in 0..<variables { sums[(k * width + i) * width + i] += rows * variance }
    }
  }

  /// Adds another participant's.
  public mutating func add(_ other: PatternStatistics) {
    precondition(
      patterns == other.patterns && variables == other.variables,
      "statistics of [\(other.patterns), \(other.variables)] to [\(patterns), \(variables)]")
    for i in sums.indices { sums[i] += other.sums[i] }
    logLikelihood += other.logLikelihood
  }

  /// The statistics of as many times the rows.
  public mutating func scale(by factor: Double) {
    for i in sums.indices { sums[i] *= factor }
    logLikelihood *= factor
  }

  /// Numbers of a pattern in ``flattened``: count, sum, and the lower triangle of the scatter.
  public static func width(variables: Int) -> Int {
    1 + variables + variables * (variables + 1) / 2
  }

  /// All numbers, pattern after pattern, `[K, 1 + M + M (M + 1) / 2]`.
  public var flattened: [Double] {
    var numbers: [Double] = []
    numbers.reserveCapacity(patterns * Self.width(variables: variables))
    for k in 0..<patterns {
      numbers.append(count(k))
      numbers.append(contentsOf: sum(k))
      for i in 0..<variables {
        for j in 0...i { numbers.append(entry(i, k, j)) }
      }
    }
    return numbers
  }

  /// The statistics that ``flattened`` gave, or sums of such over participants.
  public init(flattened numbers: [Double], variables: Int) {
    let width = Self.width(variables: variables)
    precondition(
      !numbers.isEmpty && numbers.count % width == 0,
      "\(numbers.count) numbers for patterns of \(variables) variables")
    self.init(patterns: numbers.count / width, variables: variables)
    for k in 0..<patterns {
      var place = k * width
      func put(_ i: Int, _ j: Int, _ value: Double) {
        sums[(k * (variables + 1) + i) * (variables + 1) + j] = value
        sums[(k * (variables + 1) + j) * (variables + 1) + i] = value
      }
      put(variables, variables, numbers[place])
      place += 1
      for i in 0..<variables {
        put(variables, i, numbers[place])
        place += 1
      }
      for i in 0..<variables {
        for j in 0...i {
          put(i, j, numbers[place])
          place += 1
        }
      }
    }
  }
}

/// Adds up statistics, row after row.
public struct PatternAccumulator {
  private var stages: [Stage] = []

  /// Rows of one pattern that wait until there are enough of them for a matrix product.
  private struct Stage: Sendable, Equatable {
    var count = 0
    /// The rows, and the rows times their responsibilities: `[capacity, M + 1]`.
    var values: [Double]
    var weighted: [Double]
    static let capacity = 128
  }

  /// A row whose responsibility is below that changes no sum in double precision.
  private static let negligible = 0x1p-60

  private var statistics: PatternStatistics

  public init(patterns: Int, variables: Int) {
    statistics = PatternStatistics(patterns: patterns, variables: variables)
    let zeros = [Double](repeating: 0, count: Stage.capacity * (variables + 1))
    stages = [Stage](repeating: Stage(values: zeros, weighted: zeros), count: patterns)
  }

  /// Adds the rows of a block, each pattern with its responsibility.
  public mutating func add(_ block: borrowing PatternEvaluator.Block) {
    add(block.values, shares: block.shares, count: block.rows.count)
    for r in 0..<block.rows.count { statistics.logLikelihood += block.logSums[r] }
  }

  /// Adds rows with given responsibilities.
  ///
  /// - Parameters:
  ///   - values: `[count, M + 1]`, a one behind each row.
  ///   - shares: `[count, K]`.
  public mutating func add(_ values: [Double], shares: [Double], count: Int) {
    let (width, patterns) = (statistics.variables + 1, statistics.patterns)
    precondition(
      values.count >= count * width && shares.count >= count * patterns,
      "\(values.count) values and \(shares.count) shares of \(count) rows")
    for r in 0..<count {
      for k in 0..<patterns where shares[r * patterns + k] > Self.negligible {
        put(values.span.extracting(r * width..<(r + 1) * width), shares[r * patterns + k], k)
      }
    }
  }

  private mutating func put(_ row: Span<Double>, _ share: Double, _ k: Int) {
    let start = stages[k].count * row.count
    do {
      var span = stages[k].values.mutableSpan
      for j in 0..<row.count { span[start + j] = row[j] }
    }
    do {
      var span = stages[k].weighted.mutableSpan
      for j in 0..<row.count { span[start + j] = share * row[j] }
    }
    stages[k].count += 1
    if stages[k].count == Stage.capacity { flush(k) }
  }

  private mutating func flush(_ k: Int) {
    let (count, width) = (stages[k].count, statistics.variables + 1)
    stages[k].count = 0
    let stage = stages[k]
    var all = statistics.sums.mutableSpan
    var target = all._mutatingExtracting(k * width * width..<(k + 1) * width * width)
    multiply(
      stage.values.span.extracting(0..<count * width), .transposed,
      stage.weighted.span.extracting(0..<count * width), .none, into: &target, rows: width,
      columns: width, inner: count, keep: 1)
  }

  /// The statistics of all rows that were added.
  public consuming func finish() -> PatternStatistics {
    for k in stages.indices where stages[k].count > 0 { flush(k) }
    return statistics
  }
}
