import LinearAlgebra

/// How the values v of a model become scores h_i(x, y).
///
/// Wang et al. 2020 leave it open. A softmax over a party's own classes alone has to give its whole
/// confidence to one of them, on digits that it has never seen as well.
public enum ScoreRule: String, Sendable, Hashable, CaseIterable {
  /// exp v_y / (1 + Σ_c exp v_c): a softmax with a further logit that is always 0, "none of mine".
  case zeroLogit = "zero-logit"
  /// exp v_y / Σ_c exp v_c over the party's own classes: the literal reading.
  case softmax

  /// The scores of some rows.
  ///
  /// - Parameter values: `[rows, classes]`.
  /// - Returns: `[rows, classes]`, each between 0 and 1. A model whose values for a row overflow says
  ///   nothing of it: 0 for each class.
  func scores(_ values: Span<Float>, rows: Int, classes: Int) -> [Float] {
    precondition(values.count == rows * classes, "\(values.count) values for \(rows)x\(classes)")
    let width = classes + 1
    // The last column is that of the further logit; an infinitely small one counts nothing.
    let further: Float = self == .zeroLogit ? 0 : -.infinity
    var exponents = [Float](repeating: further, count: rows * width)
    for row in 0..<rows {
      var highest = further
      for c in 0..<classes { highest = max(highest, values[row * classes + c]) }
      for c in 0..<classes { exponents[row * width + c] = values[row * classes + c] - highest }
      exponents[row * width + classes] -= highest
    }
    do {
      var span = exponents.mutableSpan
      VectorMath.apply(.exponential, inPlace: &span)
    }
    var scores = [Float](repeating: 0, count: rows * classes)
    for row in 0..<rows {
      var sum: Float = 0
      for c in 0..<width { sum += exponents[row * width + c] }
      guard sum.isFinite else { continue }
      for c in 0..<classes { scores[row * classes + c] = exponents[row * width + c] / sum }
    }
    return scores
  }
}

/// What a calibration climbs.
public enum CalibrationObjective: String, Sendable, Hashable, CaseIterable {
  /// ln h(x, y) for enhance, ln(1 - h(x, y⁻)) for impair: the derivative does not vanish where the
  /// model is wrong and sure.
  case logLikelihood = "log-likelihood"
  /// h(x, y) and -h(x, y⁻), as Eqs. (11) and (12) are printed.
  case score

  /// The derivatives of the objective by a model's values, for one row.
  ///
  /// Under both score rules ∂h_y/∂v_c = h_y (1[c = y] - h_c).
  ///
  /// - Parameters:
  ///   - scores: h of the model's classes.
  ///   - column: of the class that is enhanced or impaired.
  func derivative(_ scores: ArraySlice<Float>, column: Int, isEnhanced: Bool) -> [Float] {
    let first = scores.startIndex
    let score = scores[first + column]
    let factor: Float =
      switch (self, isEnhanced) {
      case (.logLikelihood, true): 1
      // Where h rounds to 1 the slope is steep but finite; the cap does the rest.
      case (.logLikelihood, false): -score / max(1 - score, 1e-6)
      case (.score, true): score
      case (.score, false): -score
      }
    return scores.indices.map { place in
      factor * ((place - first == column ? 1 : 0) - scores[place])
    }
  }
}
