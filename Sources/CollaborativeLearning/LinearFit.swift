import AnomalyDetection
import Consensus
import Datasets
import LinearAlgebra
import Synchronization
import VariationalInference

/// Why the participants could not start together.
public enum StartError: Error, Equatable, CustomStringConvertible {
  case momentsNotFinite
  case noRows
  case latentTooLarge(Int, features: Int)

  public var description: String {
    switch self {
    case .momentsNotFinite:
      "the pooled second moments are not finite; look for infinite readings with `inspect`"
    case .noRows: "the contributors have no rows in this stage; look at their files with `inspect`"
    case .latentTooLarge(let latent, let features):
      "\(latent) latent variables for windows of \(features) values; choose fewer"
    }
  }
}

/// The linear model of one participant among others: factor analysis of pooled second moments, with
/// the participant's own noise.
///
/// What a participant shows of its rows is one triangle of their second moments, and even that only
/// within a sum.
struct LinearFit {
  let analysis: FactorAnalysis
  /// ψˢ, `[features]`.
  let ownNoise: [Double]

  /// A participant's own ψ gets the shared one as a prior worth this many rows.
  static let priorRows = 50.0

  /// This participant's share of the pooled moments, and behind them its number of rows.
  static func contribution(
    _ sums: SymmetricMatrix, rows: Int, totalRows: Int, _ fixedPoint: FixedPoint
  ) throws -> [Int64] {
    var triangle: [Int64] = []
    triangle.reserveCapacity(sums.order * (sums.order + 1) / 2 + 1)
    for i in 0..<sums.order {
      for j in 0...i { triangle.append(try fixedPoint.encode(sums[i, j] / Double(totalRows))) }
    }
    triangle.append(Int64(rows))
    return triangle
  }

  /// The triangle of pooled moments from the sum of all contributions.
  ///
  /// - Parameter totalRows: as in ``contribution(_:rows:totalRows:_:)``; contributors may have fewer
  ///   rows, when somebody was missing.
  static func pooledTriangle(
    _ sum: [Int64], totalRows: Int, _ fixedPoint: FixedPoint
  ) throws -> [Double] {
    guard let rows = sum.last, rows > 0 else { throw StartError.noRows }
    let correction = Int(rows) == totalRows ? 1 : Double(totalRows) / Double(rows)
    return sum.dropLast().map { fixedPoint.decode($0) * correction }
  }

  /// The pooled moments from their triangle.
  ///
  /// A feature without any spread in all data gets unit variance, so that it takes part in nothing.
  static func pooledMoments(_ triangle: [Double], order: Int) throws -> SymmetricMatrix {
    guard triangle.count == order * (order + 1) / 2 else {
      throw ResumeError.wrongCount(
        "pooled moments", found: triangle.count, expected: order * (order + 1) / 2)
    }
    var pooled = SymmetricMatrix(
      order: order, elements: [Double](repeating: 0, count: order * order))
    var place = 0
    for i in 0..<order {
      for j in 0...i {
        pooled[i, j] = triangle[place]
        pooled[j, i] = pooled[i, j]
        place += 1
      }
      if pooled[i, i] < 1e-9 { pooled[i, i] += 1 }
    }
    return pooled
  }

  /// d: what is configured, or what the pooled moments call for.
  static func latentCount(
    _ pooled: SymmetricMatrix, _ configuration: TrainingConfiguration
  ) throws -> Int {
    guard
      let latent = configuration.latent
        ?? FactorAnalysis.factorCount(of: pooled, factor: configuration.latentFactor)
    else { throw StartError.momentsNotFinite }
    guard latent <= pooled.order else {
      throw StartError.latentTooLarge(latent, features: pooled.order)
    }
    return latent
  }

  /// - Parameters:
  ///   - own: this participant's moments, summed over its `rows`.
  init(
    pooled: SymmetricMatrix, own: SymmetricMatrix, rows: Int, latent: Int
  ) throws {
    analysis = try Self.analysis(of: pooled, latent: latent)
    var moments = own
    for i in moments.elements.indices { moments.elements[i] /= Double(max(1, rows)) }
    ownNoise = analysis.ownNoise(moments: moments, rows: rows, priorRows: Self.priorRows)
  }

  /// The last analysis that anybody in this process made.
  private struct Memory: Sendable {
    let pooled: SymmetricMatrix
    let latent: Int
    let analysis: FactorAnalysis
  }
  private static let memory = Mutex<Memory?>(nil)

  /// Participants in one process have the same pooled moments, and need the eigenvectors once.
  private static func analysis(
    of pooled: SymmetricMatrix, latent: Int
  ) throws -> FactorAnalysis {
    let known = memory.withLock { $0 }
    if let known, known.latent == latent, known.pooled.elements == pooled.elements {
      return known.analysis
    }
    guard let analysis = FactorAnalysis(fitting: pooled, factors: latent) else {
      throw StartError.momentsNotFinite
    }
    memory.withLock { $0 = Memory(pooled: pooled, latent: latent, analysis: analysis) }
    return analysis
  }
}
