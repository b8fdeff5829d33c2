import LinearAlgebra

/// Densities of rows under every pattern of a dictionary, block by block.
///
/// With Λ = L Lᵀ the squared Mahalanobis distance of x from μ is the squared length of (x - μ)ᵀ L.
/// A column of ones behind each row brings μ into the same matrix product, so that one product
/// whitens a block of rows for all patterns. As L is a lower triangle, its columns are taken in
/// bands, each without the rows above it. A missing value (NaN) counts as 0, the mean of
/// standardised data.
public struct PatternEvaluator: Sendable {
  /// K.
  public let patterns: Int
  /// M.
  public let variables: Int
  /// Lₖ, and below it -μₖᵀ Lₖ.
  private let bands: [Band]
  /// ½ ln|Λₖ| - M/2 ln 2π.
  private let constants: [Double]
  private var memory = Block()
  private var whitened: [Double] = []

  private struct Band: Sendable {
    /// Columns of every Lₖ.
    var columns: Range<Int>
    /// `[M + 1 - columns.lowerBound, K · columns.count]`.
    var entries: [Double]
  }
  private static let bandWidth = 16

  /// What is known of a block of rows. Arrays are longer than the block where its last rows are
  /// filled up with zeros.
  public struct Block: Sendable {
    /// The number of the first row, and how many there are.
    public fileprivate(set) var rows = 0..<0
    /// The rows in double precision, a one behind each: `[block, M + 1]`.
    public fileprivate(set) var values: [Double] = []
    /// ln N(x | μₖ, Λₖ⁻¹): `[block, K]`.
    public fileprivate(set) var logDensities: [Double] = []
    /// The responsibilities rₖ: `[block, K]` (Eq. 12).
    public fileprivate(set) var shares: [Double] = []
    /// ln Σₖ πₖ N(x | μₖ, Λₖ⁻¹): `[block]`.
    public fileprivate(set) var logSums: [Double] = []
  }

  /// Rows that go through together. Always this many, padded with zeros, so that a matrix product
  /// treats a row the same in every company.
  public static let block = 128

  /// - Throws: ``MixtureError``.
  public init(_ dictionary: [GaussianPattern]) throws(MixtureError) {
    guard let variables = dictionary.first?.variables else { throw .noPattern }
    let patterns = dictionary.count
    var bands = stride(from: 0, to: variables, by: Self.bandWidth).map { start in
      let columns = start..<min(start + Self.bandWidth, variables)
      return Band(
        columns: columns,
        entries: [Double](
          repeating: 0, count: (variables + 1 - start) * patterns * columns.count))
    }
    var constants: [Double] = []
    for (k, pattern) in dictionary.enumerated() {
      precondition(
        pattern.variables == variables,
        "a pattern of \(pattern.variables) variables beside one of \(variables)")
      guard let factor = pattern.precision.choleskyFactor() else {
        throw .notPositiveDefinite(pattern: k)
      }
      for b in bands.indices {
        let columns = bands[b].columns
        let width = patterns * columns.count
        for j in columns {
          let place = k * columns.count + j - columns.lowerBound
          var offset = 0.0
          for i in j..<variables {
            let entry = factor.elements[i * variables + j]
            bands[b].entries[(i - columns.lowerBound) * width + place] = entry
            offset -= pattern.mean[i] * entry
          }
          bands[b].entries[(variables - columns.lowerBound) * width + place] = offset
        }
      }
      constants.append(
        0.5 * (factor.logDeterminant - Double(variables) * (2 * Double.pi).logarithm))
    }
    self.patterns = patterns
    self.variables = variables
    self.bands = bands
    self.constants = constants
  }

  /// Goes through rows, and lends what is known of each block of them.
  ///
  /// - Parameters:
  ///   - rows: `[count, M]`; NaN where a value is missing.
  ///   - logWeights: ln πₖ, `[K]`; -∞ for a pattern that is not used.
  public mutating func forEachBlock(
    of rows: Span<Float>, count: Int, logWeights: [Double],
    _ body: (borrowing Block) throws -> Void
  ) rethrows {
    precondition(
      rows.count >= count * variables && logWeights.count == patterns,
      "\(rows.count) values for \(count) rows of \(variables), \(logWeights.count) weights")
    // Out of self meanwhile, so that arrays can be lent one beside the other.
    var block = Block()
    swap(&block, &memory)
    defer { swap(&block, &memory) }
    prepare(&block)
    var whitened: [Double] = []
    swap(&whitened, &self.whitened)
    defer { swap(&whitened, &self.whitened) }
    let widest = Self.block * patterns * min(Self.bandWidth, variables)
    if whitened.count != widest { whitened = [Double](repeating: 0, count: widest) }
    var first = 0
    while first < count {
      let size = min(Self.block, count - first)
      block.rows = first..<first + size
      load(rows, &block)
      evaluate(logWeights, &block, &whitened)
      try body(block)
      first += size
    }
  }

  private func prepare(_ block: inout Block) {
    guard block.values.isEmpty else { return }
    let size = Self.block
    block.values = [Double](repeating: 0, count: size * (variables + 1))
    block.logDensities = [Double](repeating: 0, count: size * patterns)
    block.shares = block.logDensities
    block.logSums = [Double](repeating: 0, count: size)
  }

  private func load(_ rows: Span<Float>, _ block: inout Block) {
    let numbers = block.rows
    var values = block.values.mutableSpan
    var place = 0
    var source = numbers.lowerBound * variables
    for _ in numbers {
      for _ in 0..<variables {
        let value = rows[source]
        values[place] = value.isNaN ? 0 : Double(value)
        place += 1
        source += 1
      }
      values[place] = 1
      place += 1
    }
    for i in place..<values.count { values[i] = 0 }
  }

  private func evaluate(
    _ logWeights: [Double], _ block: inout Block, _ whitened: inout [Double]
  ) {
    let size = Self.block
    // Each array for itself meanwhile: the compiler takes a span for a use of the whole block.
    var (densities, shares, logSums) = ([Double](), [Double](), [Double]())
    swap(&densities, &block.logDensities)
    swap(&shares, &block.shares)
    swap(&logSums, &block.logSums)
    defer {
      swap(&densities, &block.logDensities)
      swap(&shares, &block.shares)
      swap(&logSums, &block.logSums)
    }
    var densitySpan = densities.mutableSpan
    for i in 0..<size * patterns { densitySpan[i] = 0 }
    for band in bands {
      let width = band.columns.count
      do {
        var all = whitened.mutableSpan
        var span = all._mutatingExtracting(0..<size * patterns * width)
        multiply(
          block.values.span, columnsFrom: band.columns.lowerBound, of: variables + 1,
          band.entries.span, into: &span, rows: size, columns: patterns * width)
      }
      MixtureKernels.addSegmentSquareSums(
        of: whitened.span.extracting(0..<size * patterns * width), count: size,
        segments: patterns, width: width, to: &densitySpan)
    }
    var shareSpan = shares.mutableSpan
    for r in 0..<size {
      for k in 0..<patterns {
        let density = constants[k] - 0.5 * densitySpan[r * patterns + k]
        densitySpan[r * patterns + k] = density
        shareSpan[r * patterns + k] = density + logWeights[k]
      }
    }
    var logSumSpan = logSums.mutableSpan
    MixtureKernels.normalise(&shareSpan, logSums: &logSumSpan, segments: patterns)
    // Rows that only fill the block up belong to no pattern.
    for i in block.rows.count * patterns..<size * patterns { shareSpan[i] = 0 }
  }
}
