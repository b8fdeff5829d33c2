import LinearAlgebra
import Metrics

/// What validators measure of a model on their own images: Yu et al. 2023, Sec. III-A, step 5, who
/// take the accuracy, and Sec. IV-D, who name others.
public enum ModelQuality: String, Sendable, Hashable, CaseIterable {
  /// The share of images whose class has the largest logit; the first of equals counts.
  case accuracy
  /// The mean cross entropy, in nats; less is better.
  case loss
  /// The mean over the classes that occur, among the labels or the answers, of their F1.
  case macroF1 = "f1"

  /// Whether more is better.
  public var isGain: Bool { self != .loss }
}

/// Whether a contribution is valid: Yu et al. 2023, Sec. III-A, step 5.
public struct ValidationRule: Sendable, Hashable {
  public var metric: ModelQuality
  /// By how much the new model may be worse, τ.
  public var tolerance: Double

  /// - Precondition: a tolerance of zero or more.
  public init(_ metric: ModelQuality = .accuracy, tolerance: Double) {
    precondition(tolerance >= 0, "a tolerance of \(tolerance)")
    self.metric = metric
    self.tolerance = tolerance
  }

  /// The verdict: valid if the new model is not worse than the old by more than τ. A model that
  /// answers with what is no number is never valid.
  ///
  /// Differences of shares like 0.53 - 0.5 miss τ = 0.03 by rounding, so that 10⁻⁹ more is let
  /// through.
  public func isValid(old: Double, new: Double) -> Bool {
    let worse = metric.isGain ? old - new : new - old
    return new.isFinite && (worse <= tolerance + 1e-9 || !old.isFinite)
  }
}

/// Whether a contribution came from rare data, as far as a validator can tell from its own images: the
/// model now knows a class that it did not know before. Yu et al. 2023, Sec. IV-D, want rare data
/// rewarded and leave open how they are recognised.
public struct RareDataRule: Sendable, Hashable {
  /// A class is unknown to a model that gets at most this share of its images right.
  public var unknown = 0.1
  /// And known to one that gets at least this share right.
  public var known = 0.5

  public init() {}

  /// - Parameters:
  ///   - old: the share of each class's images that the model before got right; `nil` of a class of
  ///     which there are none.
  ///   - new: the same of the new model.
  public func isRare(old: [Double?], new: [Double?]) -> Bool {
    zip(old, new).contains { old, new in
      guard let old, let new else { return false }
      return old <= unknown && new >= known
    }
  }
}

/// Adds up a quality, piece by piece.
struct QualityCount {
  private let metric: ModelQuality
  private let classes: Int
  private var rows = 0
  private var right = 0
  private var loss = 0.0
  private var matrix: [Int]

  init(_ metric: ModelQuality, classes: Int) {
    self.metric = metric
    self.classes = classes
    matrix = [Int](repeating: 0, count: classes * classes)
  }

  /// - Parameter logits: `[labels, classes]`.
  mutating func count(_ logits: Span<Float>, labels: ArraySlice<UInt8>) {
    if metric == .loss {
      let wanted = labels.map { Int32($0) }
      var slopes = [Float](repeating: 0, count: logits.count)
      var span = slopes.mutableSpan
      loss += LayerKernels.softmaxCrossEntropy(
        logits, labels: wanted.span, gradient: &span, rows: labels.count, columns: classes)
    }
    var start = 0
    for label in labels {
      var best = 0
      var largest = logits[start]
      var isFinite = largest.isFinite
      for c in 1..<classes {
        let value = logits[start + c]
        isFinite = isFinite && value.isFinite
        if value > largest { (best, largest) = (c, value) }
      }
      rows += 1
      // An answer that is no number is right for no class.
      if isFinite {
        if best == Int(label) { right += 1 }
        matrix[Int(label) * classes + best] += 1
      } else {
        matrix[Int(label) * classes + (Int(label) + 1) % classes] += 1
      }
      start += classes
    }
  }

  /// Of each class, the share of its images that got their label; `nil` without images.
  var recalls: [Double?] {
    (0..<classes).map { c in
      let row = matrix[c * classes..<(c + 1) * classes]
      let count = row.reduce(0, +)
      return count > 0 ? Double(matrix[c * classes + c]) / Double(count) : nil
    }
  }

  var value: Double {
    switch metric {
    case .accuracy: return Double(right) / Double(rows)
    case .loss: return loss / Double(rows)
    case .macroF1:
      let scores = (0..<classes).compactMap { c -> Double? in
        let hits = matrix[c * classes + c]
        var labelled = 0
        var answered = 0
        for other in 0..<classes {
          labelled += matrix[c * classes + other]
          answered += matrix[other * classes + c]
        }
        return ConfusionCounts(
          truePositives: hits, falsePositives: answered - hits, falseNegatives: labelled - hits
        ).f1
      }
      return scores.reduce(0, +) / Double(scores.count)
    }
  }
}
