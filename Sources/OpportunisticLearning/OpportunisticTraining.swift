import NeuralNetworks

/// How a device trains a model on its own images in one encounter.
public struct OpportunisticTraining: Sendable, Hashable {
  /// Passes over the images; ignored where `steps` is set.
  public var epochs = 1
  /// Minibatches of a session, however many images there are; 0 counts in epochs.
  public var steps = 0
  /// Images of a step, or all of them where there are fewer.
  public var batchSize = 32
  public var learningRate: Float = 0.05
  /// Its state starts anew in each session: an average of two models has no history to go on with.
  public var rule = OptimisationRule.stochasticGradientDescent(momentum: 0.9)
  /// The greatest Euclidean norm of a step's gradient.
  public var gradientCap: Float = 5

  public init() {}

  /// The number of steps of a session with some images.
  public func stepCount(images: Int) -> Int {
    if steps > 0 { return images == 0 ? 0 : steps }
    let batch = min(batchSize, images)
    return batch == 0 ? 0 : epochs * (images / batch)
  }
}

/// What tells the random numbers of one training session from those of every other: who trains,
/// and which of all sessions of the run it is.
///
/// From the same seed the same session draws the same minibatches and drops the same elements,
/// whatever else runs beside it.
public struct TrainingSession: Sendable, Hashable {
  public var seed: UInt64
  /// The number of the participant whose images are used.
  public var participant: Int
  /// Distinguishes the sessions of a participant.
  public var counter: Int

  public init(seed: UInt64, participant: Int, counter: Int) {
    self.seed = seed
    self.participant = participant
    self.counter = counter
  }
}
