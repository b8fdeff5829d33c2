/// How the models together classify an image.
public enum Predictor: String, Sendable, Hashable, CaseIterable {
  /// The class with the greatest h_a*, the mean of the m models of ``KrumSelection``.
  case krumMean = "krum-mean"
  /// The class of which the model in the middle is surest: Wang et al. 2020, Eqs. (13) and (14), as
  /// printed.
  case krumMedoid = "krum-medoid"
  /// The class of which any model is surest: Definition 1.
  case maxModel = "max-model"

  /// The class of each image; of equally good ones the first.
  public func labels(_ table: ScoreTable, share: Double) -> [UInt8] {
    (0..<table.images).map { image in
      var best: (label: UInt8, score: Float) = (0, -1)
      for label in table.labels {
        let score = score(table, image, label, share)
        if score > best.score { best = (label, score) }
      }
      return best.label
    }
  }

  /// The share of images that get their own label.
  public func accuracy(_ table: ScoreTable, _ labels: [UInt8], share: Double) -> Double {
    precondition(labels.count == table.images, "\(labels.count) labels for \(table.images) images")
    let right = zip(self.labels(table, share: share), labels).count { $0 == $1 }
    return Double(right) / Double(max(1, labels.count))
  }

  private func score(_ table: ScoreTable, _ image: Int, _ label: UInt8, _ share: Double) -> Float {
    if table.knowing[Int(label)].isEmpty { return 0 }
    let values = table.values(image, label)
    switch self {
    case .maxModel: return values.max() ?? 0
    case .krumMean:
      // Where all count, the mean needs no choice.
      if KrumSelection.memberCount(share, of: values.count) == values.count {
        return values.reduce(0, +) / Float(values.count)
      }
      return KrumSelection(values, share: share).mean
    case .krumMedoid: return values[KrumSelection(values, share: share).medoid]
    }
  }
}
