import Datasets
import Experiments
import Foundation
import MultipartyLearning
import Storage
import Testing

/// The digits, or `nil`: `mnist.h5` in `$COLLABDICT_DATA` or `../shared/datasets`.
private let path: String? = {
  let folder = ProcessInfo.processInfo.environment["COLLABDICT_DATA"] ?? "../shared/datasets"
  return FileManager.default.fileExists(atPath: "\(folder)/mnist.h5") ? "\(folder)/mnist.h5" : nil
}()

/// What calibration does on real digits. Numeric code is slow without optimisation, so that these
/// run in release builds only.
@Suite(.enabled(if: path != nil, "no public data sets; see datasets/README.md"))
struct DigitsTests {
  #if !DEBUG
    /// Ten parties with three classes each gain by five iterations, and no less than half of it under
    /// attack; bogus messages pass less often than honest ones.
    @Test func partiesGainByCalibration() throws {
      let file = try ImageFile(readingHDF5: #require(path))
      var bench = try CalibrationBench(
        train: file.train.selecting(Array(0..<20_000)),
        test: file.test.selecting(Array(0..<3000)))
      bench.threads = ProcessInfo.processInfo.activeProcessorCount
      bench.points = MeasuringPoints(first: [], every: nil)
      var division = PartyDivision(parties: 10, seed: 1)
      division.training.epochs = 3
      let cells = [0, 0.5].map { share in
        var plan = CalibrationPlan()
        plan.iterations = 5
        plan.bogusShare = share
        return CalibrationCell(.bema, division, plan)
      }
      var record = CalibrationRecord()
      #expect(try bench.run(cells, record: &record))
      let quiet = try #require(record[cells[0]])
      let attacked = try #require(record[cells[1]])
      let gain = quiet.after - quiet.before
      #expect(gain > 0.02)
      #expect(attacked.after - attacked.before > gain / 2)
      let messages = attacked.last.messages
      #expect(messages.bogus == 500)
      #expect(2 * messages.validBogus < messages.bogus)
      #expect(2 * messages.validHonest > messages.honest)
    }
  #endif
}
