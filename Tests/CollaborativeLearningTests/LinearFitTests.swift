import AnomalyDetection
import CollaborativeLearning
import Datasets
import LinearAlgebra
import Testing
import VariationalInference

/// The closed-form start, which a run without rounds leaves as it is.
@Suite struct LinearFitTests {
  private let configuration = smallConfiguration {
    $0.rounds = 0
    $0.hidden = []
    $0.window = 2
  }

  /// The second moments of all participants' standardised windows, computed directly.
  private func moments(_ fleet: SensorFleet) throws -> [Double] {
    let order = 8
    var sums = [Double](repeating: 0, count: order * order)
    var rows = 0
    for participant in fleet.participants {
      let source = try #require(participant.train)
      let units = Standardisation(try DataSummary(source))
      var z: [Float] = []
      units.apply(try source.readAll(), count: source.rowCount, into: &z)
      for row in 0..<source.rowCount {
        let before = max(0, row - 1)
        let window = Array(z[4 * row..<4 * row + 4]) + Array(z[4 * before..<4 * before + 4])
        for i in 0..<order {
          for j in 0..<order { sums[i * order + j] += Double(window[i]) * Double(window[j]) }
        }
        rows += 1
      }
    }
    return sums.map { $0 / Double(rows) }
  }

  @Test func theStartIsFactorAnalysisOfThePooledMoments() throws {
    let fleet = smallFleet()
    let model = try trained(fleet, configuration).detector
    let expected = try #require(
      FactorAnalysis(
        fitting: SymmetricMatrix(order: 8, elements: moments(fleet)), factors: 2))
    let structure = ModelStructure(model.architecture, window: model.window)
    let linear = try #require(
      structure.decoder.linearModel(
        model.startTheta, structure.decoderLayout, noise: expected.noise))
    for (a, b) in zip(linear.loadings, expected.loadings) { #expect(abs(a - b) < 1e-4) }
    let slot = try #require(structure.decoderLayout["log-scale"])
    for (i, place) in slot.range.enumerated() {
      let variance = (2 * Double(model.startTheta[place])).exponential
      #expect(abs(variance / max(expected.noise[i], 1e-4) - 1) < 1e-3)
    }
    #expect(model.theta == model.startTheta)
  }

  @Test func ownNoiseLiesBetweenOwnResidualsAndTheSharedOnes() throws {
    // One machine with much noisier sensors than the others.
    let fleet = smallFleet(trainRows: 400) { participant, values in
      guard participant == 2 else { return }
      for i in values.indices { values[i] += (i * 7919) % 13 < 6 ? 3 : -3 }
    }
    let model = try trained(fleet, configuration).detector
    func mean(_ name: Int) -> Double {
      let noise = model.participants[name].local.noise
      return noise.reduce(0, +) / Double(noise.count)
    }
    #expect(mean(2) > 1.2 * mean(0))
    #expect(mean(2) < 1.1)
  }

  @Test func calibrationHasOneScoreARow() throws {
    for rows in [16, 37, 120] {
      let model = try trained(smallFleet(trainRows: rows), configuration).detector
      for participant in model.participants {
        #expect(participant.calibration.count == rows)
        #expect(participant.calibration == participant.calibration.sorted())
        #expect(participant.trainingRows == rows)
      }
    }
  }

  /// Rows are scored by a model that has not seen them: on the average they fare worse.
  @Test func calibrationScoresAreOfUnseenRows() throws {
    let fleet = smallFleet(trainRows: 60)
    var seen = 0.0
    var unseen = 0.0
    let model = try trained(fleet, configuration).detector
    for (index, participant) in model.participants.enumerated() {
      var scorer = model.scorer(for: participant)
      let scores = try scorer.scores(of: try #require(fleet.participants[index].train))
      seen += scores.reduce(0, +)
      unseen += participant.calibration.reduce(0, +)
    }
    #expect(unseen > seen)
  }

  @Test func latentVariablesAreCountedOrGiven() throws {
    let automatic = try trained(smallFleet(), smallConfiguration { $0.latent = nil }).detector
    #expect((1..<12).contains(automatic.architecture.latent))
    let given = try trained(smallFleet(), smallConfiguration { $0.latent = 5 }).detector
    #expect(given.architecture.latent == 5)
    #expect(throws: (any Error).self) {
      try trained(smallFleet(), smallConfiguration { $0.latent = 13 })
    }
  }
}
