import AutomaticDifferentiation
import Consensus
import Datasets
import LinearAlgebra
import NeuralNetworks
import Randomness
import Tensors
import VariationalInference

/// A participant of CollabDict with the multi-task variational autoencoder: CollabDict 2024,
/// Sec. 5.3.
///
/// A run has three stages. First the participants sum their counts of rows, then the second moments
/// of their standardised windows, from which each computes the same start of θ by factor analysis.
/// Then come rounds of gradients. What leaves a participant is what ``localUpdate()`` returns, and
/// a network has to keep even that from everybody's eyes; rows, φˢ, means and scales never leave.
public struct VAEParticipant: CollaborativeParticipant {
  /// What a round looked like, in nats a row, averaged over all participants' rows.
  public struct Report: Sendable, Equatable {
    /// Rounds of gradients done.
    public var round = 0
    /// Negative evidence lower bound of the last minibatches, with β = 1.
    public var loss = Double.nan
    /// The part of it that is the divergence from the prior.
    public var divergence = Double.nan
    /// Negative evidence lower bound on the held-out blocks when they were last looked at.
    public var validation = Double.nan
    /// The same before the first round.
    public var startValidation = Double.nan
    /// The best so far, and its round.
    public var bestValidation = Double.infinity
    public var bestRound = 0
  }

  enum Stage: Int, Sendable {
    case counts, moments, rounds, finished
  }

  /// Trainable values of one moment of the run.
  struct Snapshot: Sendable, Equatable {
    var phi: [Float]
    var theta: [Float]
  }

  let configuration: TrainingConfiguration
  let index: UInt32
  public let data: LocalData
  /// How real numbers become integers that sum exactly.
  let fixedPoint = FixedPoint()

  var stage = Stage.counts
  /// Training rows of all participants; held-out rows of all participants.
  var totalRows = 0
  var totalHeldOut = 0
  public internal(set) var report = Report()
  var looksWithoutGain = 0

  /// Known once the moments are summed.
  var networks: Networks?
  var start: Snapshot?
  var candidate: Snapshot?
  var best: Snapshot?
  private var minibatches: Minibatches
  private var contribution: [Int64] = []

  /// The networks on their tape, with their optimisers.
  struct Networks {
    let architecture: VAEArchitecture
    let encoder: Encoder
    let decoder: Decoder
    let tape: GradientTape
    let phi: ParameterGroup
    let theta: ParameterGroup
    var phiOptimiser: Optimiser
    var thetaOptimiser: Optimiser
  }

  /// - Parameters:
  ///   - data: of this participant alone.
  ///   - index: its number among the participants; keys its random numbers.
  public init(_ data: LocalData, index: Int, configuration: TrainingConfiguration) {
    self.data = data
    self.index = UInt32(index)
    self.configuration = configuration
    minibatches = Minibatches(
      data.source, parts: data.blocks.training, standardisation: data.standardisation,
      window: data.window, batchSize: configuration.batchSize, seed: configuration.seed,
      participant: UInt32(index))
  }

  public var isFinished: Bool { stage == .finished }

  // MARK: Local update

  public mutating func localUpdate() throws -> [Int64] {
    switch stage {
    case .counts:
      return [Int64(data.blocks.trainingCount), Int64(data.blocks.validationCount)]
    case .moments:
      return try momentContribution()
    case .rounds:
      return try roundContribution()
    case .finished:
      return []
    }
  }

  /// The gradient of θ and the values that go with it: loss, divergence, held-out loss.
  private mutating func roundContribution() throws -> [Int64] {
    guard var networks else { preconditionFailure("a round before the start is known") }
    let count = networks.decoderCount
    if contribution.count != count + 3 {
      contribution = [Int64](repeating: 0, count: count + 3)
    }
    contribution[count + 2] = 0
    if looksNow {
      candidate = Snapshot(
        phi: networks.tape.values(of: networks.phi), theta: networks.tape.values(of: networks.theta)
      )
      contribution[count + 2] = try fixedPoint.encode(
        try heldOutLoss(networks) / Double(max(1, totalHeldOut)))
    }
    if report.round == configuration.rounds {  // the closing look: nothing moves any more
      for i in 0..<count + 2 { contribution[i] = 0 }
      return contribution
    }
    try minibatches.load(batch: report.round)
    let share = Double(data.blocks.trainingCount) / Double(totalRows)
    let (loss, divergence) = localGradient(&networks)
    self.networks = networks
    contribution[count] = try fixedPoint.encode(loss * share)
    contribution[count + 1] = try fixedPoint.encode(divergence * share)
    let fixedPoint = fixedPoint
    try networks.tape.withGradient(of: networks.theta) { gradient in
      // Eq. (29) sums over all rows; every participant's minibatch stands for all of its rows.
      VectorMath.scale(&gradient, by: Float(share))
      try fixedPoint.encode(gradient.span, into: &contribution)
    }
    return contribution
  }

  /// Whether this round looks at the held-out blocks.
  private var looksNow: Bool {
    report.round % configuration.validationInterval == 0 || report.round == configuration.rounds
  }

  /// The weight of the divergence in this round.
  var beta: Float {
    configuration.warmUp == 0
      ? 1 : min(1, Float(report.round) / Float(configuration.warmUp))
  }

  /// Steps φˢ and leaves the gradient of θ on the tape. Returns loss (with β = 1) and divergence,
  /// in nats a row of the minibatch.
  private func localGradient(_ networks: inout Networks) -> (loss: Double, divergence: Double) {
    let rate =
      configuration.learningRate * configuration.schedule.factor(at: report.round + 1)
    let alternating = configuration.order == .alternating
    networks.tape.setRequiresGradient(networks.phi, true)
    networks.tape.setRequiresGradient(networks.theta, !alternating)
    var bound = record(networks)
    networks.tape.backward(from: bound.loss)
    networks.tape.withGradient(of: networks.phi) {
      _ = GradientClipping.clip(&$0, toNorm: configuration.gradientBound)
    }
    networks.phiOptimiser.step(networks.phi, on: networks.tape, learningRate: rate)  // Eq. (33)
    if alternating {
      networks.tape.setRequiresGradient(networks.phi, false)
      networks.tape.setRequiresGradient(networks.theta, true)
      bound = record(networks)
      networks.tape.backward(from: bound.loss)  // Eq. (34)
    }
    let rows = Double(minibatches.batchSize)
    let divergence = Double(networks.tape.scalar(bound.divergence)) / rows
    return (Double(networks.tape.scalar(bound.reconstruction)) / rows + divergence, divergence)
  }

  /// Records the bound of this round's minibatch.
  private func record(_ networks: Networks) -> EvidenceLowerBound {
    let tape = networks.tape
    tape.reset()
    let rows = minibatches.batchSize
    let shape = Shape(rows, networks.architecture.features)
    var missing = false
    let target = tape.constant(shape) { missing = minibatches.fill(&$0, batch: report.round) }
    let noise = tape.constant(Shape(rows, networks.architecture.latent)) {
      RandomStream(
        seed: configuration.seed, participant: index, round: UInt32(report.round),
        purpose: .latentNoise
      ).fillNormal(&$0)
    }
    return EvidenceLowerBound(
      networks.encoder, networks.phi, networks.decoder, networks.theta,
      x: missing ? tape.replacingMissing(target) : target, target: target, noise: noise,
      beta: beta, weight: 1 / Float(rows), on: tape)
  }

  /// The negative evidence lower bound of this participant's held-out rows (all rows when none are
  /// held out), summed, with one fixed draw a row.
  private func heldOutLoss(_ networks: Networks) throws -> Double {
    let tape = networks.tape
    tape.setRequiresGradient(networks.phi, false)
    tape.setRequiresGradient(networks.theta, false)
    let features = networks.architecture.features
    var total = 0.0
    for part in heldOutParts {
      let windows = WindowSequence(
        data.source, part: part, standardisation: data.standardisation, window: data.window)
      try windows.forEachPiece(of: 256) { rows, values in
        tape.reset()
        var missing = false
        let target = tape.constant(Shape(rows.count, features)) {
          for i in 0..<$0.count {
            $0[i] = values[i]
            if values[i].isNaN { missing = true }
          }
        }
        let noise = tape.constant(Shape(rows.count, networks.architecture.latent)) {
          RandomStream(
            seed: configuration.seed, participant: index, round: UInt32(rows.lowerBound),
            purpose: .validationNoise
          ).fillNormal(&$0)
        }
        let bound = EvidenceLowerBound(
          networks.encoder, networks.phi, networks.decoder, networks.theta,
          x: missing ? tape.replacingMissing(target) : target, target: target, noise: noise,
          beta: 1, weight: 1, on: tape)
        total += Double(tape.scalar(bound.loss))
      }
    }
    return total
  }

  /// Held-out blocks of this participant; its training rows when the series is too short for any.
  private var heldOutParts: [Range<Int>] {
    totalHeldOut > 0 ? data.blocks.validation : data.blocks.training
  }

  // MARK: Optimise

  public mutating func optimise(_ sum: [Int64]) throws {
    switch stage {
    case .counts:
      totalRows = Int(sum[0])
      totalHeldOut = Int(sum[1])
      stage = .moments
    case .moments:
      try begin(withMoments: sum)
      stage = .rounds
    case .rounds:
      try finishRound(sum)
    case .finished:
      break
    }
  }

  private mutating func finishRound(_ sum: [Int64]) throws {
    guard var networks else { preconditionFailure("a round before the start is known") }
    let count = networks.decoderCount
    if looksNow { judge(fixedPoint.decode(sum[count + 2])) }
    let stale = looksWithoutGain >= configuration.patience
    if report.round == configuration.rounds || stale {
      if let best {
        networks.tape.setValues(best.phi, of: networks.phi)
        networks.tape.setValues(best.theta, of: networks.theta)
      }
      stage = .finished
      return
    }
    report.loss = fixedPoint.decode(sum[count])
    report.divergence = fixedPoint.decode(sum[count + 1])
    let rate =
      configuration.learningRate * configuration.schedule.factor(at: report.round + 1)
    networks.tape.withGradient(of: networks.theta) { gradient in
      for i in 0..<count { gradient[i] = Float(fixedPoint.decode(sum[i])) }
      GradientClipping.clip(&gradient, toNorm: configuration.gradientBound)
    }
    networks.thetaOptimiser.step(networks.theta, on: networks.tape, learningRate: rate)  // Eq. (36)
    self.networks = networks
    report.round += 1
  }

  /// Takes note of a held-out loss that all participants know. Nobody stops before β is 1: until
  /// then the bound that is minimised is another one.
  private mutating func judge(_ validation: Double) {
    report.validation = validation
    if report.round == 0 { report.startValidation = validation }
    if validation < report.bestValidation {
      report.bestValidation = validation
      report.bestRound = report.round
      best = candidate
      looksWithoutGain = 0
    } else if beta >= 1 {
      looksWithoutGain += 1
    }
  }
}

extension VAEParticipant.Networks {
  /// The number of parameters of θ.
  var decoderCount: Int { tape.layout(of: theta).count }
}
