import AnomalyDetection
import CollaborativeLearning
import Consensus
import Cryptography
import Datasets
import Foundation
import Storage
import Synchronization

/// A node's participant with its files: read, gone on with, checkpointed, and written at the end.
/// Used by the thread that computes.
final class NodeParticipant<Participant: FleetParticipant>: Sendable {
  private let setup: NodeSetup
  private let files: NodeFiles
  private let dataPath: String
  private let participantName: String
  private let isNamed: Bool
  private let layout: FleetLayout
  private let checkpointInterval: Double

  private struct Records: ~Copyable {
    let run: RunRecord
    let journal: RunRecord
  }
  private struct State: ~Copyable {
    var records: Records?
    var variables: [String]?
    var units: [String]?
    var savedAt = Date()
  }
  private let state = Mutex(State())

  init(
    setup: NodeSetup, files: NodeFiles, dataPath: String, participantName: String, isNamed: Bool,
    layout: FleetLayout, checkpointInterval: Double
  ) {
    self.setup = setup
    self.files = files
    self.dataPath = dataPath
    self.participantName = participantName
    self.isNamed = isNamed
    self.layout = layout
    self.checkpointInterval = checkpointInterval
  }

  /// Reads the rows, and goes on where an earlier process of the same run was.
  func make() throws -> NetworkParticipant<Participant> {
    let configuration = setup.network.training
    let fleet = try SensorFleet(readingHDF5: dataPath, layout: layout)
    let rows = try trainingRows(fleet)
    try checkVariables(fleet, rows)
    var participant: Participant
    do {
      participant = try Participant(
        LocalData(rows, configuration), index: setup.own, of: setup.names.count,
        configuration: configuration)
    } catch {
      throw FileError(path: dataPath, cause: error)
    }
    participant.canWithdraw = true
    let (variables, units) = (fleet.variables, fleet.units)
    let (certificates, sums) = try state.withLock { [files] state in
      let run = try RunRecord(opening: files.record)
      let journal = try RunRecord(opening: files.journal)
      let entries = (run.entries, journal.entries)
      state.records = Records(run: run, journal: journal)
      state.variables = variables
      state.units = units
      return entries
    }
    var round: UInt32 = 0
    var epoch: UInt32 = 0
    if FileManager.default.fileExists(atPath: files.checkpoint) {
      (round, epoch) = try restore(&participant)
    }
    for case .decided(let certificate) in certificates {
      epoch = max(epoch, certificate.slot.epoch)
    }
    var result = NetworkParticipant(participant, own: setup.own, round: round, epoch: epoch)
    for case .sum(let sum) in sums where sum.round == result.round {
      try result.replay(sum)
    }
    let decided = certificates.compactMap { entry in
      if case .decided(let certificate) = entry { certificate } else { nil }
    }
    for certificate in decided {
      // What is still to come for this participant counts as far as it was certified.
      let isToCome = certificate.settled.map { $0.round >= result.round } ?? false
      if isToCome || certificate.isConfirmed(by: decided) { result.remember(certificate) }
    }
    if result.round > 0 {
      Console.note("going on in round \(result.round)")
    }
    return result
  }

  private func trainingRows(_ fleet: SensorFleet) throws -> any RowSource {
    let candidates = fleet.participants.filter { $0.train != nil }
    let chosen =
      candidates.first { $0.name == participantName }
      ?? (candidates.count == 1 && !isNamed ? candidates[0] : nil)
    guard let rows = chosen?.train else {
      throw FileError(
        path: dataPath,
        cause: ConfigurationError(
          "no training rows of \(participantName) among \(candidates.count) participants; name one "
            + "with --participant"))
    }
    return rows
  }

  private func checkVariables(_ fleet: SensorFleet, _ rows: any RowSource) throws {
    guard let expected = setup.network.variables else { return }
    if rows.columnCount != expected.count {
      throw FileError(
        path: dataPath,
        cause: ConfigurationError(
          "\(rows.columnCount) columns; the network agreed on \(expected.count)"))
    }
    if case .names(let names) = expected, let own = fleet.variables, own != names {
      throw FileError(
        path: dataPath,
        cause: ConfigurationError("the columns have other names than the network agreed on"))
    }
  }

  private func restore(
    _ participant: inout Participant
  ) throws -> (round: UInt32, epoch: UInt32) {
    do {
      guard case .running(_, _, let states) = try Checkpoint(reading: files.checkpoint),
        let saved = states.first, let network = saved.local.doubles["network-digest"],
        let place = saved.local.doubles["network-place"], place.count == 2,
        let round = UInt32(exactly: place[0]), let epoch = UInt32(exactly: place[1])
      else { throw ConfigurationError("not the checkpoint of a node") }
      guard setup.network.lineage.contains(where: { $0.bytes.map(Double.init) == network }) else {
        throw ConfigurationError(
          "the checkpoint is of another network file; move it away to start anew")
      }
      try participant.restore(saved)
      return (round, epoch)
    } catch let error as StorageError {
      throw error
    } catch {
      throw FileError(path: files.checkpoint, cause: error)
    }
  }

  /// Writes down what happens.
  func observe(
    _ event: NetworkParticipant<Participant>.Event,
    _ participant: borrowing NetworkParticipant<Participant>
  ) throws {
    switch event {
    case .decided(let certificate): try add(.decided(certificate), toJournal: false)
    case .finished(let certificate): try add(.finished(certificate), toJournal: false)
    case .sum(let sum):
      try add(.sum(sum), toJournal: true)
      let isDue = state.withLock { Date().timeIntervalSince($0.savedAt) > checkpointInterval }
      if isDue { try save(participant) }
    case .adopted: try save(participant)
    case .note(let text): Console.note("\(setup.name): \(setup.named(text))")
    }
  }

  private func add(_ entry: RunEntry, toJournal: Bool) throws {
    try state.withLock { state in
      if toJournal {
        try state.records?.journal.add(entry)
      } else {
        try state.records?.run.add(entry)
      }
    }
  }

  private func save(_ participant: borrowing NetworkParticipant<Participant>) throws {
    var saved = participant.participant.state
    saved.local.doubles["network-digest"] = setup.network.digest.bytes.map { Double($0) }
    saved.local.doubles["network-place"] = [Double(participant.round), Double(participant.epoch)]
    try Checkpoint.running(
      configuration: setup.network.training, names: [setup.name], states: [saved]
    ).write(to: files.checkpoint)
    try state.withLock { state in
      try state.records?.journal.clear()
      state.savedAt = Date()
    }
  }

  /// Writes the model.
  func complete(_ participant: borrowing NetworkParticipant<Participant>) throws {
    let result = try participant.participant.result(name: setup.name)
    let (variables, units) = state.withLock { ($0.variables, $0.units) }
    let run = TrainedModel(
      detector: Participant.model(
        [result], variableNames: variables, units: units,
        configuration: setup.network.training),
      configuration: setup.network.training, report: participant.participant.report)
    try Checkpoint.finished(Participant.finished(run)).write(to: files.output)
  }
}

extension NodeSetup {
  /// A note of the consensus with names in place of numbers.
  func named(_ text: String) -> String {
    text.replacing(/member (\d+)/) { match in
      Int(match.1).flatMap { names.indices.contains($0) ? names[$0] : nil } ?? String(match.0)
    }
  }
}
