import AnomalyDetection
import Datasets
import LinearAlgebra
import NeuralNetworks
import VariationalInference

/// In which order a round steps φˢ and takes the gradient of θ.
public enum UpdateOrder: String, Sendable, Hashable, CaseIterable {
  /// As CollabDict 2024 writes it: φˢ moves first (Eq. 33), then the gradient of θ is taken at the
  /// new φˢ (Eq. 34). Two passes a round.
  case alternating
  /// Both gradients from one pass. About a third faster.
  case simultaneous
}

/// Everything that all participants of a run must agree on before it starts.
public struct TrainingConfiguration: Sendable, Equatable {
  /// What is learned.
  public var modelClass = ModelClass.vae

  // MARK: What the model sees

  /// W, the rows of a causal window.
  public var window = 3
  /// Standardised values are held within ± this.
  public var bound: Float = 20
  /// The scale of a variable that is constant in training, as a share of its magnitude.
  public var constantScale = 0.01

  // MARK: The model

  /// Units of each hidden layer; empty for a linear model.
  public var hidden = [64]
  /// The function of the hidden units. Beside a linear path one that saturates: far from the data
  /// the correction then stays bounded.
  public var activation = Activation.tanh
  /// d; `nil` for `latentFactor` times the number of eigenvalues above 1 of the pooled moments.
  public var latent: Int?
  public var latentFactor = 1.5
  /// Linear maps beside the perceptrons, started from factor analysis.
  public var linearPath = true
  /// Whether gradients move the linear maps, too. In closed form they are already where the linear
  /// model is best; the perceptrons then learn what is not linear.
  public var trainsLinearPath = false
  public var scale = DecoderScale.perVariable
  public var observation = ObservationModel.gaussian
  /// The smallest σ, in standard deviations.
  public var scaleFloor: Float = 0.01
  public var logVariance = LogVarianceRange()

  // MARK: The mixture

  public var mixture = MixtureSettings()

  // MARK: Training

  public var rounds = 1000
  public var batchSize = 128
  public var learningRate: Float = 3e-4
  public var optimiser = OptimisationRule.adam()
  public var schedule = LearningRateSchedule.constant
  public var order = UpdateOrder.alternating
  /// The largest Euclidean norm of a gradient.
  public var gradientBound: Float = 10
  /// Rounds over which the weight of the divergence rises from 0 to 1.
  public var warmUp = 0
  /// Rounds between two looks at the held-out blocks.
  public var validationInterval = 50
  /// Looks without a better value after which training ends.
  public var patience = 10
  /// Blocks of time that a series is cut into, of which every `validationEvery`-th is held out.
  public var blocks = 20
  public var validationEvery = 5
  public var seed: UInt64 = 0

  // MARK: Scores and alarms

  public var scoring = ScoringOptions()

  public init() {}

  /// The architecture for a number of variables and latent dimensions.
  public func architecture(variables: Int, latent: Int) -> VAEArchitecture {
    VAEArchitecture(
      features: variables * window, hidden: hidden, activation: activation, latent: latent,
      linearPath: linearPath, scale: scale, observation: observation, scaleFloor: scaleFloor,
      logVariance: logVariance)
  }
}
