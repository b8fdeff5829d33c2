import AnomalyDetection
import Datasets
import LinearAlgebra
import VariationalInference

/// A model with arbitrary parameters, and rows to score: exports need not be of good models.
struct ExportSample: Sendable {
  var name = "sample"
  var window = 3
  var smoothing = 8
  var hidden = [7]
  var activation = Activation.relu
  var linearPath = true
  var scale = DecoderScale.perVariable
  var observation = ObservationModel.studentT(degreesOfFreedom: 50)
  var predictionObservation = ObservationModel.studentT(degreesOfFreedom: 3)
  var predictionWeight = 0.5
  var draws = 8
  /// ψ lies between these.
  var noise: ClosedRange<Float> = 0.02...0.8

  static let variables = 5
  static let latent = 3
  static let participants = ["press-1", "press-2"]
  static let variableNames = ["pressure", "flow, inlet", "température", "u\"v", "speed"]

  /// Every combination that a scorer treats in its own way, and some single cases.
  static var all: [ExportSample] {
    var samples: [ExportSample] = []
    for window in [1, 3] {
      for smoothing in [1, 8] {
        for scale in [DecoderScale.perVariable, .network] {
          for observation in [ObservationModel.gaussian, .studentT(degreesOfFreedom: 50)] {
            for hidden in [[], [7], [9, 6]] {
              let family = observation == .gaussian ? "gaussian" : "student"
              let name =
                "w\(window)-k\(smoothing)-\(scale.rawValue)-\(family)-h\(hidden.count)"
              samples.append(
                ExportSample(
                  name: name, window: window, smoothing: smoothing, hidden: hidden, scale: scale,
                  observation: observation))
            }
          }
        }
      }
    }
    samples.append(ExportSample(name: "no-linear-path", hidden: [8], linearPath: false))
    samples.append(ExportSample(name: "no-prediction", predictionWeight: 0))
    samples.append(ExportSample(name: "gaussian-prediction", predictionObservation: .gaussian))
    samples.append(ExportSample(name: "small-noise", smoothing: 1, noise: 1e-5...6e-4))
    samples.append(ExportSample(name: "one-draw", scale: .network, draws: 1))
    samples.append(ExportSample(name: "odd-draws", smoothing: 7, scale: .closedForm, draws: 7))
    samples.append(ExportSample(name: "tanh", smoothing: 5, activation: .tanh))
    samples.append(ExportSample(name: "sigmoid", smoothing: 2, activation: .sigmoid))
    samples.append(ExportSample(name: "softplus", smoothing: 3, activation: .softplus))
    return samples
  }

  var model: AutoencoderModel {
    var random = SplitMix64(state: 7)
    let architecture = VAEArchitecture(
      features: Self.variables * window, hidden: hidden, activation: activation,
      latent: Self.latent, linearPath: linearPath, scale: scale, observation: observation,
      scaleFloor: 0.02, logVariance: LogVarianceRange(floor: -2, ceiling: 3))
    let structure = ModelStructure(architecture, window: CausalWindow(window))
    var options = ScoringOptions()
    options.draws = draws
    options.observation = observation
    options.predictionObservation = predictionObservation
    options.predictionWeight = predictionWeight
    options.smoothing = smoothing
    options.falseAlarmRate = 0.3
    var theta = structure.theta.map { _ in random.uniform(-0.4, 0.4) }
    if let slot = structure.decoderLayout["log-scale"] {
      // The first below the floor.
      for index in slot.range { theta[index] = random.uniform(-4, 0) }
      theta[slot.range.lowerBound] = -5
    }
    if scale == .network, let slot = structure.decoderLayout["linear.bias"] {
      // Scales from near the floor to above 1.
      for index in slot.range.suffix(architecture.features) { theta[index] = random.uniform(-5, 1) }
    }
    let participants = Self.participants.map { name in
      AutoencoderParticipant(
        name: name,
        local: LocalParameters(
          standardisation: Self.standardisation,
          phi: structure.phi.map { _ in random.uniform(-0.4, 0.4) },
          noise: (0..<architecture.features).map { _ in
            Double(random.uniform(noise.lowerBound, noise.upperBound))
          }),
        start: LocalParameters(
          standardisation: Self.standardisation, phi: structure.phi,
          noise: [Double](repeating: 1, count: architecture.features)),
        calibration: [], trainingRows: 12345, baseline: [])
    }
    var model = AutoencoderModel(
      variableNames: Self.variableNames, architecture: architecture, window: CausalWindow(window),
      seed: 3, theta: theta, startTheta: structure.theta, participants: participants,
      scoring: options,
      collapse: CollapseReport(
        divergencePerDimension: [1, 1, 1], activeUnits: 3, gainOverConstant: 1, gainOverStart: 1,
        correlationWithNorm: 0))
    for index in model.participants.indices {
      var scorer = model.scorer(for: model.participants[index])
      let scores = scorer.score(Self.rows(100, seed: 1), count: 100).scores
      model.participants[index].calibration = scores.sorted()
    }
    return model
  }

  /// Units with means far from 0 as well as near.
  static let standardisation = Standardisation(
    mean: [1013.25, -0.125, 0, 20.5, 65_537.5], scale: [3.5, 0.001, 1, 0.25, 12])

  /// Raw rows, `[count, variables]`: a wandering series with values missing, also in the first row
  /// and whole rows, and some far outside.
  static func rows(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(state: seed)
    var state = [Float](repeating: 0, count: variables)
    var rows: [Float] = []
    for row in 0..<count {
      for v in 0..<variables {
        state[v] = 0.8 * state[v] + random.uniform(-1, 1)
        var z = Double(state[v])
        switch random.uniform(0, 1) {
        case ..<0.05: z = .nan
        case ..<0.07: z *= 10
        case ..<0.075: z = .infinity
        case ..<0.08: z = -1e6
        default: break
        }
        if row == 0 && v == 1 || row == count / 2 { z = .nan }
        rows.append(Float(standardisation.restore(z, column: v)))
      }
    }
    return rows
  }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
struct SplitMix64: Sendable {
  var state: UInt64

  mutating func uniform(_ low: Float, _ high: Float) -> Float {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return low + (high - low) * Float(((z ^ z >> 31) >> 40)) / Float(1 << 24)
  }
}
