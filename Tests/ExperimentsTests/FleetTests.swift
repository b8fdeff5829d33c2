import Datasets
import Foundation
import Storage
import Testing

@testable import Experiments

/// Where the public data sets are, or `nil`: `$COLLABDICT_DATA`, or `../shared/datasets`.
private let folder: String? = {
  let folder = ProcessInfo.processInfo.environment["COLLABDICT_DATA"] ?? "../shared/datasets"
  return FileManager.default.fileExists(atPath: "\(folder)/tep.h5") ? folder : nil
}()

@Suite struct FleetTests {
  @Test func faultsDoWhatTheySay() {
    let truth = (0..<5).map { Float($0) }
    let noise: [Float] = [1, -1, 0, 2, 0.5]
    func faulty(_ fault: SensorFault, _ isNegative: Bool = false) -> [Float] {
      var readings = truth
      fault.apply(to: &readings, deviation: 3, isNegative: isNegative, noise: noise)
      return readings
    }
    #expect(faulty(.bias) == [6, 7, 8, 9, 10])
    #expect(faulty(.bias, true) == [-6, -5, -4, -3, -2])
    #expect(faulty(.noise) == [6, -5, 2, 15, 7])
    #expect(faulty(.freeze) == [0, 0, 0, 0, 0])
    #expect(faulty(.drift) == [0, 4, 8, 12, 16])
  }

  /// Two variables, both changed, and no other.
  @Test func twoVariablesAreFaulty() {
    let rows = GeneratedFleet.make(seed: 1).participants[0].train
    var kinds: Set<Set<Int>> = []
    for turn in 0..<60 {
      let series = SensorFault.plant(
        into: rows, deviations: [10, 1, 3, 1, 4], seed: 9, turn: turn)
      #expect(series.faulty.count == 2)
      kinds.insert(series.faulty)
      for v in 0..<5 {
        let isChanged = (0..<rows.rowCount).contains {
          series.rows.values[5 * $0 + v] != rows.values[5 * $0 + v]
        }
        #expect(isChanged == series.faulty.contains(v))
      }
      #expect(
        series
          == SensorFault.plant(
            into: rows, deviations: [10, 1, 3, 1, 4], seed: 9, turn: turn))
    }
    #expect(kinds.count == 10)
  }

  @Test func variablesThatNeverMoveAreLeftOut() throws {
    let still = MemoryRows(columnCount: 3, values: [1, 5, 2, 3, 5, 4])
    let moving = MemoryRows(columnCount: 3, values: [1, 6, 2, 3, 5, 4])
    let fleet = try ExperimentFleet(
      name: "f", variables: ["a", "b", "c"],
      participants: [
        ExperimentFleet.Participant(
          name: "1", train: moving, normal: [moving],
          named: [
            FaultySeries(rows: moving, faulty: [1, 2]), FaultySeries(rows: moving, faulty: [1]),
          ]),
        ExperimentFleet.Participant(name: "2", train: still),
      ]
    ).withoutConstantVariables()
    #expect(fleet.variables == ["a", "c"])
    let narrow = MemoryRows(columnCount: 2, values: [1, 2, 3, 4])
    #expect(fleet.participants[0].train == narrow && fleet.participants[0].normal == [narrow])
    #expect(fleet.participants[0].named == [FaultySeries(rows: narrow, faulty: [1])])
  }

  @Test func choicesAreEvenAndDifferent() {
    var counts = [Int](repeating: 0, count: 4)
    for turn in 0..<400 {
      var choices = Choices(seed: 3, subject: 7, turn: turn)
      let (a, b) = choices.pair(below: 4)
      #expect(a != b && (0..<4).contains(a) && (0..<4).contains(b))
      counts[b] += 1
    }
    #expect(counts.allSatisfy { $0 > 70 && $0 < 130 })
  }

  @Test(.enabled(if: folder != nil, "no public data sets; see datasets/README.md"))
  func publicFleets() throws {
    let folder = try #require(folder)
    for (kind, participants, rows, variables) in [
      (PublicFleet.tep, 10, 100, 52), (.skab, 10, 400, 8), (.asd, 8, 864, nil),
    ] as [(PublicFleet, Int, Int, Int?)] {
      let fleet = try kind.load(from: folder, seed: 1)
      #expect(fleet.participants.count == participants)
      if let variables { #expect(fleet.variables.count == variables) }
      for participant in fleet.participants {
        #expect(participant.train.rowCount == rows)
        #expect(participant.train.columnCount == fleet.variables.count)
        #expect(participant.normal.count >= 2)
        #expect(participant.normal.allSatisfy { $0.rowCount >= 50 })
        // No row is learned from and tested with.
        #expect(!participant.normal.contains(participant.train))
      }
      #expect(Set(fleet.participants.map(\.name)).count == participants)
      let other = try kind.load(from: folder, seed: 2)
      #expect(fleet.participants.map(\.train) != other.participants.map(\.train))
    }
    let asd = try PublicFleet.asd.load(from: folder, seed: 1)
    #expect(asd.participants[0].named.count == 7)
    #expect(asd.participants[0].named[0].rows.rowCount == 6)
  }

  @Test func filesWithOtherContentsAreErrorsInOneLine() throws {
    for kind in PublicFleet.allCases {
      #expect(throws: StorageError.self) { try kind.load(from: "/nowhere", seed: 1) }
    }
  }
}
