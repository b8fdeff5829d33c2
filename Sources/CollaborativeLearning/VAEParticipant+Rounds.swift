import AutomaticDifferentiation
import Consensus
import Datasets
import LinearAlgebra
import NeuralNetworks
import Randomness
import Tensors
import VariationalInference

// One round of gradients: CollabDict 2024, Eqs. (33)-(36).

extension VAEParticipant {
  /// The numbers that go with a round's gradient, in this order.
  private enum Companion {
    static let loss = 0
    static let divergence = 1
    static let heldOut = 2
    static let rows = 3
    static let heldOutRows = 4
    static let count = 5
  }

  /// The gradient of θ and the values that go with it: loss, divergence, held-out loss, and how many
  /// rows they are of.
  mutating func roundContribution() throws -> [UInt32] {
    guard var networks else { preconditionFailure("a round before the start is known") }
    let count = networks.structure.decoderLayout.count
    var companions = [Int64](repeating: 0, count: Companion.count)
    companions[Companion.rows] = Int64(view.rowCount)
    companions[Companion.heldOutRows] = Int64(data.blocks.validationCount)
    if looksNow {
      candidate = networks.snapshot
      candidateRound = report.round
      companions[Companion.heldOut] = try encodeWithinRange(
        try heldOutLoss(networks) / Double(max(1, totals.heldOut)))
    }
    if isLastRound {  // the closing look: nothing moves any more
      let nothing = [Float](repeating: 0, count: count)
      try FieldVector.encode(
        narrow: nothing.span, bound: 0, wide: companions, into: &contribution)
      return contribution
    }
    try loadMinibatch()
    let share = Double(view.rowCount) / Double(roundRows)
    let (loss, divergence) = localGradient(&networks)
    self.networks = networks
    companions[Companion.loss] = try encodeWithinRange(loss * share)
    companions[Companion.divergence] = try encodeWithinRange(divergence * share)
    // Shares add up to 1, so the sum stays within the range of what sums exactly. Who was not there
    // when rows were counted may have more of them than all the others.
    let bound = FieldVector.narrowLimit * Float(min(share, 1))
    var elements: [UInt32] = []
    swap(&elements, &contribution)
    defer { swap(&elements, &contribution) }
    try networks.tape.withGradient(of: networks.theta) { gradient in
      // Eq. (29) sums over all rows; every participant's minibatch stands for all of its rows.
      VectorMath.scale(&gradient, by: Float(share))
      // Far outliers under a narrow Gaussian have gradients beyond what sums exactly.
      _ = GradientClipping.clip(&gradient, toNorm: bound)
      try FieldVector.encode(
        narrow: gradient.span, bound: bound * 1.0001, wide: companions, into: &elements)
    }
    return elements
  }

  /// The rows of all participants that this stage's gradients are of.
  private var roundRows: Int { stage == .rounds ? totals.training : totals.all }

  /// A loss as an integer; what is too large to be summed counts as the largest that can be.
  private func encodeWithinRange(_ value: Double) throws -> Int64 {
    let bound = fixedPoint.limit - 1
    return try fixedPoint.encode(value.isNaN ? value : min(max(value, -bound), bound))
  }

  /// Whether this round looks at the held-out blocks.
  private var looksNow: Bool {
    stage == .rounds && (report.round % configuration.validationInterval == 0 || isLastRound)
  }

  private var isLastRound: Bool {
    report.round == (stage == .rounds ? configuration.rounds : finalRoundCount)
  }

  /// The weight of the divergence in this round.
  private var beta: Float {
    configuration.warmUp == 0 ? 1 : min(1, Float(report.round) / Float(configuration.warmUp))
  }

  private var learningRate: Float {
    configuration.learningRate * configuration.schedule.factor(at: report.round + 1)
  }

  /// Makes this round's minibatch the current one.
  private mutating func loadMinibatch() throws {
    if minibatches == nil {
      minibatches = Minibatches(
        view.source, parts: view.parts, standardisation: view.standardisation, window: view.window,
        batchSize: configuration.batchSize, seed: configuration.seed, participant: UInt32(index))
    }
    try minibatches?.load(batch: report.round)
  }

  /// Steps φˢ and leaves the gradient of θ on the tape. Returns loss (with β = 1) and divergence,
  /// in nats a row of the minibatch.
  private func localGradient(_ networks: inout Networks) -> (loss: Double, divergence: Double) {
    guard let minibatches else { preconditionFailure("no minibatch is loaded") }
    let alternating = configuration.order == .alternating
    let tape = networks.tape
    tape.setRequiresGradient(networks.phi, true)
    tape.setRequiresGradient(networks.theta, !alternating)
    var bound = record(networks, minibatches)
    tape.backward(from: bound.loss)
    let frozen = fixed(networks.structure.encoder.linear, networks.structure.encoderLayout)
    tape.withGradient(of: networks.phi) { gradient in
      for i in frozen { gradient[i] = 0 }
      GradientClipping.clip(&gradient, toNorm: configuration.gradientBound)
    }
    networks.phiOptimiser.step(networks.phi, on: tape, learningRate: learningRate)  // Eq. (33)
    if alternating {
      tape.setRequiresGradient(networks.phi, false)
      tape.setRequiresGradient(networks.theta, true)
      bound = record(networks, minibatches)
      tape.backward(from: bound.loss)  // Eq. (34)
    }
    let rows = Double(minibatches.batchSize)
    let divergence = Double(tape.scalar(bound.divergence)) / rows
    return (Double(tape.scalar(bound.reconstruction)) / rows + divergence, divergence)
  }

  /// Records the bound of this round's minibatch.
  private func record(_ networks: Networks, _ minibatches: Minibatches) -> EvidenceLowerBound {
    let tape = networks.tape
    let structure = networks.structure
    tape.reset()
    let rows = minibatches.batchSize
    var missing = false
    let target = tape.constant(Shape(rows, structure.architecture.features)) {
      missing = minibatches.fill(&$0, batch: report.round)
    }
    let noise = tape.constant(Shape(rows, structure.architecture.latent)) {
      RandomStream(
        seed: configuration.seed, participant: UInt32(index), round: UInt32(report.round),
        purpose: .latentNoise
      ).fillNormal(&$0)
    }
    return EvidenceLowerBound(
      structure.encoder, networks.phi, structure.decoder, networks.theta,
      x: missing ? tape.replacingMissing(target) : target, target: target, noise: noise,
      beta: beta, weight: 1 / Float(rows), on: tape)
  }

  /// The negative evidence lower bound of this participant's held-out rows, summed, with one fixed
  /// draw a row.
  private func heldOutLoss(_ networks: Networks) throws -> Double {
    let tape = networks.tape
    let structure = networks.structure
    tape.setRequiresGradient(networks.phi, false)
    tape.setRequiresGradient(networks.theta, false)
    var total = 0.0
    try view.forEachPiece(of: 256, in: data.blocks.validation) { rows, values in
      tape.reset()
      var missing = false
      let target = tape.constant(Shape(rows.count, structure.architecture.features)) {
        for i in 0..<$0.count {
          $0[i] = values[i]
          if values[i].isNaN { missing = true }
        }
      }
      let noise = tape.constant(Shape(rows.count, structure.architecture.latent)) {
        RandomStream(
          seed: configuration.seed, participant: UInt32(index), round: UInt32(rows.lowerBound),
          purpose: .validationNoise
        ).fillNormal(&$0)
      }
      let bound = EvidenceLowerBound(
        structure.encoder, networks.phi, structure.decoder, networks.theta,
        x: missing ? tape.replacingMissing(target) : target, target: target, noise: noise,
        beta: 1, weight: 1, on: tape)
      total += Double(tape.scalar(bound.loss))
    }
    return total
  }

  /// Takes the sum of a round and steps θ. Returns whether the stage is over.
  mutating func finishRound(_ sum: [UInt32], _ contributors: Int) throws -> Bool {
    guard var networks else { preconditionFailure("a round before the start is known") }
    let count = networks.structure.decoderLayout.count
    guard sum.count == FieldVector.count(narrow: count, wide: Companion.count) else {
      throw ExactSumError.lengths(
        FieldVector.count(narrow: count, wide: Companion.count), sum.count)
    }
    let companions = try FieldVector.decodeWide(sum, narrow: count, participants: contributors)
    // Whoever is missing takes its rows along: the weights of the others have to add up to 1.
    let correction = Self.ratio(roundRows, companions[Companion.rows])
    if looksNow {
      judge(
        fixedPoint.decode(companions[Companion.heldOut])
          * Self.ratio(totals.heldOut, companions[Companion.heldOutRows]))
    }
    // The final rounds have their number; the first ones' lack of gain says nothing about them.
    let stopsEarly = stage == .rounds && looksWithoutGain >= configuration.patience
    if isLastRound || stopsEarly { return true }
    report.loss = fixedPoint.decode(companions[Companion.loss]) * correction
    report.divergence = fixedPoint.decode(companions[Companion.divergence]) * correction
    let closed = networks.structure.closedFormScale
    let frozen = fixed(networks.structure.decoder.linear, networks.structure.decoderLayout)
    var residuals: [Double] = []
    networks.tape.withGradient(of: networks.theta) { gradient in
      FieldVector.decodeNarrow(sum, into: &gradient)
      if correction != 1 { VectorMath.scale(&gradient, by: Float(correction)) }
      for i in closed {
        residuals.append(Double(gradient[i]))
        gradient[i] = 0
      }
      for i in frozen { gradient[i] = 0 }
      GradientClipping.clip(&gradient, toNorm: configuration.gradientBound)
    }
    networks.tape.update(networks.theta) { theta, _ in
      for (i, residual) in zip(closed, residuals) {
        // The derivative by ln σ is 1 minus the mean (weighted) squared residual in units of σ², and
        // so tells the σ² that would make it 0; minibatches are noisy, so only a part of the way.
        let unexplained = max(1 - residual, 0.01)
        theta[i] += Float(0.5 * Self.closedFormShare * unexplained.logarithm)
      }
    }
    networks.thetaOptimiser.step(
      networks.theta, on: networks.tape, learningRate: learningRate)  // Eq. (36)
    self.networks = networks
    return nextRound()
  }

  /// Moves to the next round of gradients, if there is one. Returns whether the stage is over.
  mutating func nextRound() -> Bool {
    if isLastRound { return true }
    report.round += 1
    return false
  }

  /// Rows that weights were made for, to rows that contributed; 1 where nobody is missing.
  private static func ratio(_ counted: Int, _ contributed: Int64) -> Double {
    contributed == counted || contributed <= 0 ? 1 : Double(counted) / Double(contributed)
  }

  /// The places of a linear path that gradients leave alone: its weights and, behind them, its
  /// biases. A network σ has no closed form, and its raw scales are always trained.
  private func fixed(_ linear: Linear?, _ layout: ParameterLayout) -> Range<Int> {
    guard let linear, !configuration.trainsLinearPath, configuration.scale != .network else {
      return 0..<0
    }
    return layout.slots[linear.weight].offset..<layout.slots[linear.bias].range.upperBound
  }

  /// The part of the way to its closed form that σ goes in a round.
  static let closedFormShare = 0.1

  /// Takes note of a held-out loss that all participants know. Nobody stops before β is 1: until
  /// then the bound that is minimised is another one.
  private mutating func judge(_ validation: Double) {
    report.validation = validation
    // With the first look, unless that one was given up.
    if report.startValidation.isNaN { report.startValidation = validation }
    if validation < report.bestValidation {
      report.bestValidation = validation
      report.bestRound = report.round
      // Who did not contribute to this look has a candidate of an earlier one.
      best = (candidateRound == report.round ? candidate : nil) ?? networks?.snapshot
      looksWithoutGain = 0
    } else if beta >= 1 {
      looksWithoutGain += 1
    }
  }
}
