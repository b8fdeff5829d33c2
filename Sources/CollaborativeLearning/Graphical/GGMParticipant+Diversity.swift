import Cryptography
import GraphicalModels
import LinearAlgebra

// What is done with rows before their sums leave a participant: they are held within a ball, and
// where too few of them stand behind a pattern, noise is put on them.

/// How many rows stood behind what a participant told in a round.
public struct DiversityReport: Sendable, Equatable {
  /// Before noise.
  public var figures: EntropyDiversity.Figures
  /// Effective rows behind the pattern with the fewest; `nil` where nothing was told.
  public var leastEffectiveRows: Double?
  /// Patterns on whose rows noise was put.
  public var noised: [Int]
}

extension GGMParticipant {
  /// Calls `body` with pieces of this stage's windows, `[count, features]`, within the ball of
  /// radius R/2.
  ///
  /// - Parameter chosen: some of the stage's rows; `nil` for all.
  func forEachClippedPiece(
    in chosen: [Range<Int>]? = nil, _ body: (_ rows: Range<Int>, _ windows: [Float]) throws -> Void
  ) throws {
    let size = 1024
    guard let distance = settings.radius else {
      return try view.forEachPiece(of: size, in: chosen, body)
    }
    try view.forEachPiece(of: size, in: chosen) { rows, windows in
      var clipped = windows
      RowClipping.clip(&clipped, count: rows.count, features: features, radius: distance / 2)
      try body(rows, clipped)
    }
  }

  /// A pattern of so few rows is told as zeros: no entry of its sums comes to half a step.
  private var resolution: Double {
    let bound = Double(configuration.bound)
    return Double(sign: .plus, exponent: -momentPoint.fractionalBits - 1, significand: 1)
      / max(1, bound * bound)
  }

  /// Forms the statistics of patterns with too few effective rows anew, from rows with noise.
  func protect(
    _ statistics: inout PatternStatistics, _ figures: EntropyDiversity.Figures,
    _ dictionary: PatternDictionary, of chosen: [Range<Int>]? = nil
  ) throws -> DiversityReport {
    let least = settings.leastDiversity ?? 0
    let noised = figures.patterns(below: least, resolution: resolution)
    if !noised.isEmpty {
      let key = roundKey
      var noises = try noised.map { k in
        guard let factor = dictionary.patterns[k].precision.choleskyFactor() else {
          throw MixtureError.notPositiveDefinite(pattern: k)
        }
        return DiversityNoise(
          precision: factor, strength: settings.priorStrength + figures.rows[k], key: key,
          pattern: k, radius: settings.radius.map { $0 / 2 })
      }
      var evaluator = try PatternEvaluator(dictionary.patterns)
      try forEachClippedPiece(in: chosen) { rows, windows in
        evaluator.forEachBlock(
          of: windows.span, count: rows.count, logWeights: weights.logarithms
        ) { block in
          for (place, k) in noised.enumerated() {
            noises[place].add(
              block.values, responsibilities: block.shares, pattern: k, of: dictionary.count,
              count: block.rows.count)
          }
        }
      }
      for (noise, k) in zip(noises, noised) { statistics.replace(k, by: noise.finish()) }
    }
    return DiversityReport(
      figures: figures, leastEffectiveRows: figures.leastEffectiveRows(resolution: resolution),
      noised: noised)
  }

  /// Noise on the rows of groups that are too small. As there is no pattern yet, the unit of the
  /// standardised rows stands for Λ⁻¹.
  ///
  /// - Parameters:
  ///   - rows: `[count, features]`.
  ///   - groups: of each row.
  func addDiversityNoise(to rows: inout [Float], groups: [Int]) {
    guard let least = settings.leastDiversity else { return }
    var sizes: [Int: Int] = [:]
    for group in groups { sizes[group, default: 0] += 1 }
    let key = roundKey
    var changed: [Float] = []
    for (group, size) in sizes.sorted(by: { $0.key < $1.key }) where Double(size) < least {
      var normals = SecretNormals(key: key, nonce: UInt64(group))
      let scale = 1 / (settings.priorStrength + Double(size)).squareRoot()
      for r in groups.indices where groups[r] == group {
        changed.removeAll(keepingCapacity: true)
        for v in 0..<features {
          let value = rows[r * features + v]
          changed.append((value.isNaN ? 0 : value) + Float(scale * normals.next()))
        }
        if let distance = settings.radius {
          RowClipping.clip(&changed, count: 1, features: features, radius: distance / 2)
        }
        for v in 0..<features { rows[r * features + v] = changed[v] }
      }
    }
  }

  /// Of the noise of this round: the same when the round is asked for again, another one otherwise.
  private var roundKey: SymmetricKey {
    var label = Array("diversity noise".utf8)
    for number in [stage.rawValue, fold, report.round] {
      label += (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    return noiseKey.derived(for: label)
  }
}
