import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import Storage
import Testing

/// Where the public data sets are, or `nil`: `$COLLABDICT_DATA`, or `../shared/datasets`.
private let folder: String? = {
  let folder = ProcessInfo.processInfo.environment["COLLABDICT_DATA"] ?? "../shared/datasets"
  return FileManager.default.fileExists(atPath: "\(folder)/tep.h5") ? folder : nil
}()

/// The README's figures on the Tennessee Eastman process, from the closed-form start. Numeric code
/// is slow without optimisation, so that these run in release builds only.
@Suite(.enabled(if: folder != nil, "no public data sets; see datasets/README.md"))
struct TennesseeEastmanTests {
  #if !DEBUG
    @Test(arguments: [(1, 1, 0.045), (3, 8, 0.030)])
    func faultsAreSeldomMissed(window: Int, smoothing: Int, bound: Double) throws {
      let fleet = try SensorFleet(readingHDF5: "\(#require(folder))/tep.h5")
      let normal = try #require(fleet["normal"])
      var configuration = TrainingConfiguration()
      configuration.rounds = 0
      configuration.window = window
      configuration.scoring.smoothing = smoothing
      let training = try FleetTraining<VAEParticipant>(
        SensorFleet(participants: [ParticipantData(name: "normal", train: normal.train)]),
        configuration, threads: 1)
      try training.run()
      let model = try training.model()
      var scorer = model.scorer(for: model.participants[0])
      let quiet = try scorer.scores(of: #require(normal.test)).sorted()
      let threshold = quiet[quiet.count - 10]
      var missed: [Double] = []
      for fault in fleet.participants where fault.name.hasPrefix("fault") {
        let scores = try scorer.scores(of: #require(fault.test))[160...]
        missed.append(Double(scores.count { $0 <= threshold }) / Double(scores.count))
      }
      #expect(missed.count == 10)
      #expect(missed.reduce(0, +) / Double(missed.count) <= bound)
    }
  #endif
}
