import AnomalyDetection
import AutomaticDifferentiation
import Datasets
import LinearAlgebra
import Metrics
import NeuralNetworks
import VariationalInference

// The closed-form parts of a run: starts, own noise, and the scores that thresholds come from.

extension VAEParticipant {
  /// Starts encoder and decoder from the pooled second moments. All participants compute the same
  /// θ; φˢ starts with the participant's own noise.
  mutating func begin(withMoments triangle: [Double]) throws {
    let ownMoments = try momentsOfView()
    let pooled = try LinearFit.pooledMoments(triangle, order: view.featureCount)
    // The final model keeps the size whose number of rounds was found best.
    let latent =
      try networks?.structure.architecture.latent ?? LinearFit.latentCount(pooled, configuration)
    let structure = ModelStructure(
      configuration.architecture(variables: data.source.columnCount, latent: latent),
      window: view.window, seed: configuration.seed, participant: index)
    var snapshot = Snapshot(phi: structure.phi, theta: structure.theta)
    if configuration.linearPath {
      let fit = try LinearFit(
        pooled: pooled, own: ownMoments, rows: view.rowCount, latent: latent)
      structure.start(&snapshot.phi, &snapshot.theta, from: fit.analysis, noise: fit.ownNoise)
      startNoise = fit.ownNoise
    } else {
      startNoise = [Double](repeating: 1, count: view.featureCount)
    }
    install(structure, snapshot)
    report.round = 0
    report.rounds = stage == .moments ? configuration.rounds : finalRoundCount
  }

  /// Puts networks and parameters on a new tape.
  mutating func install(_ structure: ModelStructure, _ snapshot: Snapshot) {
    let tape = GradientTape()
    forWithdrawal = []
    networks = Networks(
      structure: structure, tape: tape,
      phi: tape.addParameters(structure.encoderLayout, values: snapshot.phi),
      theta: tape.addParameters(structure.decoderLayout, values: snapshot.theta),
      phiOptimiser: Optimiser(configuration.optimiser, count: structure.encoderLayout.count),
      thetaOptimiser: Optimiser(configuration.optimiser, count: structure.decoderLayout.count))
  }

  /// The variance of the participant's standardised values around their reconstruction by the given
  /// parameters, with the shared one as a prior.
  func ownNoise(_ structure: ModelStructure, _ snapshot: Snapshot) throws -> [Double] {
    let architecture = structure.architecture
    guard architecture.scale != .network else {
      return [Double](repeating: 1, count: architecture.features)
    }
    var residuals = ResidualVariance(structure, phi: snapshot.phi, theta: snapshot.theta)
    try view.forEachPiece(of: 256) { rows, windows in
      residuals.add(windows, rows: rows.count)
    }
    return residuals.variance(
      prior: structure.sharedNoise(snapshot.theta), priorRows: LinearFit.priorRows,
      floor: 1e-4)
  }

  /// Notes, when the first rounds are over, by how much training moved the scores of the held-out
  /// blocks, and those scores themselves where no closed-form model can give others.
  mutating func noteScoreShift() throws {
    guard let networks, let best, let startOfRounds else { return }
    if report.bestRound == 0 && configuration.linearPath { return }
    let trained = try heldOutScores(networks.structure, best)
    if !configuration.linearPath {
      calibration = trained.sorted()
      return
    }
    let before = try heldOutScores(networks.structure, startOfRounds)
    if let a = SampleSummary(of: trained)?.median, let b = SampleSummary(of: before)?.median {
      scoreShift = a - b
    }
  }

  private func heldOutScores(
    _ structure: ModelStructure, _ snapshot: Snapshot
  ) throws -> [Double] {
    var scorer = VAEScorer(
      structure, theta: snapshot.theta,
      local: LocalParameters(
        standardisation: view.standardisation, phi: snapshot.phi,
        noise: try ownNoise(structure, snapshot)),
      options: configuration.scoring, seed: configuration.seed)
    var scores: [Double] = []
    for part in data.blocks.validation {
      scores += try scorer.scores(of: SelectedRows(data.source, parts: [part]))
    }
    return scores
  }

  /// Fits the linear model without a fold, and scores the fold with it, as a series of its own.
  mutating func calibrate(withMoments triangle: [Double]) throws {
    let ownMoments = try momentsOfView()
    let pooled = try LinearFit.pooledMoments(triangle, order: view.featureCount)
    let latent = try LinearFit.latentCount(pooled, configuration)
    let fit = try LinearFit(pooled: pooled, own: ownMoments, rows: view.rowCount, latent: latent)
    var linear = configuration
    linear.hidden = []
    linear.scale = .closedForm
    let structure = ModelStructure(
      linear.architecture(variables: data.source.columnCount, latent: latent),
      window: view.window, seed: configuration.seed, participant: index)
    var phi = structure.phi
    var theta = structure.theta
    structure.start(&phi, &theta, from: fit.analysis, noise: fit.ownNoise)
    var scorer = VAEScorer(
      structure, theta: theta,
      local: LocalParameters(
        standardisation: view.standardisation, phi: phi, noise: fit.ownNoise),
      options: configuration.scoring, seed: configuration.seed)
    let held = data.foldRows(fold, of: Self.foldCount).held
    calibration += try scorer.scores(of: SelectedRows(data.source, parts: [held]))
  }

  /// To the next fifth of the rows, or to the end.
  mutating func endFold() throws {
    fold += 1
    if fold < Self.foldCount {
      try look(at: data.foldRows(fold, of: Self.foldCount).others)
    } else {
      calibration = calibration.map { $0 + scoreShift }.sorted()
      try look(at: data.allRows)
      stage = .finished
    }
  }
}

extension ModelStructure {
  /// Starts φ and θ from a factor analysis.
  func start(
    _ phi: inout [Float], _ theta: inout [Float], from analysis: FactorAnalysis, noise: [Double]
  ) {
    encoder.start(&phi, encoderLayout, from: analysis, noise: noise)
    decoder.start(&theta, decoderLayout, from: analysis)
  }

  /// Places in θ that are set in closed form instead of being stepped.
  var closedFormScale: Range<Int> {
    guard architecture.scale == .closedForm, let slot = decoder.logScale else { return 0..<0 }
    return decoderLayout.slots[slot].range
  }

  /// σ² of each feature in the shared decoder.
  func sharedNoise(_ theta: [Float]) -> [Double] {
    guard let slot = decoder.logScale else {
      return [Double](repeating: 1, count: architecture.features)
    }
    let start = decoderLayout.slots[slot].offset
    return (0..<architecture.features).map { (2 * Double(theta[start + $0])).exponential }
  }
}
