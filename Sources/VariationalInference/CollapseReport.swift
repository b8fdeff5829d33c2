/// Whether the latent variables of a trained model still say something about the data: posterior
/// collapse, CollabDict 2024, Sec. 5.4.
public struct CollapseReport: Sendable, Equatable {
  /// KL(q(z_k | x) ‖ N(0, 1)) of each latent dimension, in nats a row, averaged over participants'
  /// training rows.
  public var divergencePerDimension: [Double]
  /// Latent dimensions whose mean varies with the data by more than 0.01 (Burda et al. 2016).
  public var activeUnits: Int
  /// Nats a row by which the reconstruction is more likely than under a decoder that ignores z.
  public var gainOverConstant: Double
  /// Nats a row of the evidence lower bound over the closed-form linear start.
  public var gainOverStart: Double
  /// Spearman's rank correlation of the score with ‖x‖²: near 1, the model knows no more than how
  /// far a row lies from the mean.
  public var correlationWithNorm: Double

  /// The variance of a posterior mean above which a unit counts as active.
  public static let activityThreshold = 0.01

  public init(
    divergencePerDimension: [Double], activeUnits: Int, gainOverConstant: Double,
    gainOverStart: Double, correlationWithNorm: Double
  ) {
    self.divergencePerDimension = divergencePerDimension
    self.activeUnits = activeUnits
    self.gainOverConstant = gainOverConstant
    self.gainOverStart = gainOverStart
    self.correlationWithNorm = correlationWithNorm
  }

  /// Latent dimensions.
  public var dimensions: Int { divergencePerDimension.count }

  /// What is wrong, in words for people; `nil` when nothing is.
  public var warning: String? {
    if activeUnits == 0 {
      return "the model has collapsed: no latent variable depends on the data, so that every "
        + "reconstruction is the same; lower the number of latent variables, or use a linear path"
    }
    if gainOverConstant <= 0 {
      return "the latent variables do not help to reconstruct the data: a constant decoder would "
        + "do as well"
    }
    if activeUnits * 2 < dimensions {
      return "only \(activeUnits) of \(dimensions) latent variables depend on the data"
    }
    if correlationWithNorm > 0.98 {
      return "scores rank the training rows as their distance from the mean does (rank correlation "
        + "above 0.98): the model has learned no relation between the variables"
    }
    return nil
  }
}
