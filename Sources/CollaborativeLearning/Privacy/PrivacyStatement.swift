/// What a release promises, and on what conditions: plain values, to be shown and written beside it.
public struct PrivacyStatement: Sendable, Equatable {
  /// An ε for a δ.
  public struct Approximation: Sendable, Equatable {
    public var delta: Double
    public var epsilon: Double
  }

  /// What the guarantee is about.
  public var covered: [String]
  /// What was released as it is.
  public var unprotected: [String]
  /// R, the largest distance of two rows, in standardised units.
  public var distance: Double
  /// Rows (windows) that one reading takes part in, all of which may change together.
  public var rowsPerUnit: Int
  /// α, at which the next figures are stated.
  public var order: Double
  /// ε of the statistics that Λ and the counts come from; `nil` where those are unprotected.
  public var statisticsEpsilon: Double?
  /// ε of the draw of the centres.
  public var meansEpsilon: Double
  /// The ε that the centres came to with the Λ that were released, at most ``meansEpsilon``. It
  /// depends on the draw, and so is no guarantee.
  public var meansReached: Double
  /// ε of all that is covered.
  public var epsilon: Double
  /// The smallest (ε, δ) that follow, for each δ that was asked for.
  public var approximations: [Approximation]
  /// Whoever decides between two data sets has no more true alarms than false ones plus this.
  public var largestAdvantage: Double
  /// The deviation of the noise on the counts, in rows; 0 without noise.
  public var deviation: Double
  /// Per pattern, Eq. (44) at order α for a draw from the posterior as it is, one row changed.
  public var patternBounds: [Double]
  /// Per pattern, by what the covariance of the draw was multiplied, at least 1.
  public var widenings: [Double]
  /// The theorem's bound, Eq. (46), at order α, one row changed.
  public var theoremBound: Double
  /// What has to hold for the guarantee to hold, a sentence each.
  public var conditions: [String]

  /// What to enter into a ledger.
  ///
  /// - Parameter name: of the release.
  public func release(name: String) -> PrivacyLedger.Release {
    PrivacyLedger.Release(name: name, order: order, epsilon: epsilon)
  }
}

extension PrivateRelease {
  /// Sentences of the statement.
  var conditions: [String] {
    var sentences = [
      "One row is replaced by another; how many rows there are is no secret.",
      "Each participant's means and scales are the same with either row.",
      "All rows were clipped to the ball of radius \(distance / 2) about 0 before anything was "
        + "summed.",
      "The penalty, the prior and the settings are the same with either row.",
      "Noise that participants put on rows of their own is the same with either row.",
      "The noise of the release is secret, and arithmetic with doubles is taken for exact.",
    ]
    if startsWithoutRows {
      sentences.append("No row had a say in the patterns that learning started from.")
    } else {
      sentences.append(
        "The responsibilities of all other rows are the same with either row: the guarantee is about "
          + "the last sums, not about how the patterns before them came about. Where patterns overlap, "
          + "learning can move those responsibilities, and through them the sums, many times as far "
          + "as the row itself does.")
      sentences.append(
        "There are as many patterns with either row, before those of few rows are left out.")
    }
    if rowsPerUnit > 1 {
      sentences.append(
        "One reading is part of at most \(rowsPerUnit) rows, which change together.")
    }
    if precisions == .unprotected {
      sentences.append(
        "The precision matrices and the counts are the same with either row. They are released as "
          + "they are, and what they tell of a row is not part of any figure here.")
    }
    return sentences
  }
}
