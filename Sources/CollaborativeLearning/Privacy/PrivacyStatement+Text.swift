extension PrivacyStatement {
  /// The statement for people, a sentence each: what is covered and how well, what is not, and on
  /// what conditions.
  public var sentences: [String] {
    var sentences = [
      "Covered: \(covered.joined(separator: ", ")). Rényi divergence of order \(Self.text(order)) at "
        + "most \(Self.text(epsilon)) nats when one reading is replaced"
        + (statisticsEpsilon.map {
          ": \(Self.text($0)) by the sums, \(Self.text(meansEpsilon)) by the centres."
        } ?? "."),
      "As (ε, δ): "
        + approximations.map { "(\(Self.text($0.epsilon)), \($0.delta))" }.joined(separator: ", ")
        + "; whoever guesses which of two readings was there is right in at most "
        + "\(Self.text(100 * largestAdvantage)) % more of the cases than wrong.",
    ]
    if !unprotected.isEmpty {
      sentences.append(
        "NOT covered, released as they are: \(unprotected.joined(separator: ", ")).")
    }
    sentences.append(
      "Readings are within \(Self.text(distance / 2)) of 0 in standardised units (R = "
        + "\(Self.text(distance))). Bounds of the draw of each centre from its posterior as it is: "
        + patternBounds.map { Self.text($0) }.joined(separator: ", ")
        + "; with the covariance times "
        + widenings.map { Self.text($0) }.joined(separator: ", ")
        + " as drawn. The theorem's bound without looking at the rows: \(Self.text(theoremBound)).")
    return sentences + conditions.map { "On condition: \($0)" }
  }

  /// Three digits that count.
  private static func text(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    var scale = 1.0
    while (value * scale).magnitude < 100 { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() && rounded.magnitude < 1e15
      ? "\(Int64(rounded))" : "\(rounded)"
  }
}
