import AnomalyDetection
import Consensus
import Datasets
import VariationalInference

/// Training of a whole fleet in one process, each participant seeing only its own rows.
public final class FleetTraining<Participant: FleetParticipant>: Sendable {
  public let names: [String]
  public let configuration: TrainingConfiguration
  private let variableNames: [String]?
  private let units: [String]?
  private let loop: CollabDict<Participant>

  /// Reads and checks every participant's training rows once. Participants without any are left
  /// out.
  ///
  /// - Throws: ``ParticipantError`` around what is wrong with a participant's rows.
  public init(
    _ fleet: SensorFleet, _ configuration: TrainingConfiguration,
    aggregation: any Aggregation = ExactSum(), threads: Int
  ) throws {
    let participants = fleet.participants.compactMap { participant in
      participant.train.map { (name: participant.name, rows: $0) }
    }
    guard !participants.isEmpty else { throw TrainingDataError.noRows }
    try configuration.validate()
    names = participants.map(\.name)
    self.configuration = configuration
    variableNames = fleet.variables
    units = fleet.units
    loop = try CollabDict(
      names: names, aggregation: aggregation, threads: threads
    ) { index in
      try Participant(
        LocalData(participants[index].rows, configuration), index: index,
        of: participants.count, configuration: configuration)
    }
  }

  /// Where the run is; the same for all participants.
  public var report: TrainingReport { loop.withParticipant(0) { $0.report } }

  public var isFinished: Bool { loop.isFinished }

  /// Runs until the end, or until `proceed`, which is called after each sum, says no.
  ///
  /// - Parameter contributorLog: whose contributions were summed in each round of another run, which
  ///   is to be repeated.
  /// - Returns: whether the run is over.
  @discardableResult
  public func run(
    contributorLog: [[Int]]? = nil, proceed: () throws -> Bool = { true }
  ) throws -> Bool {
    try loop.run(contributorLog: contributorLog, proceed: proceed)
  }

  /// The trained model.
  ///
  /// - Precondition: the run is over.
  public func model() throws -> Participant.Model {
    var results: [Participant.Result] = []
    for (index, name) in names.enumerated() {
      results.append(try loop.withParticipant(index) { try $0.result(name: name) })
    }
    return Participant.model(
      results, variableNames: variableNames, units: units, configuration: configuration)
  }

  /// The finished run.
  ///
  /// - Precondition: the run is over.
  public func trainedModel() throws -> TrainedModel<Participant.Model> {
    TrainedModel(detector: try model(), configuration: configuration, report: report)
  }

  /// The finished run as a file holds it.
  public func finishedRun() throws -> FinishedRun { Participant.finished(try trainedModel()) }

  /// Lends a participant.
  func withParticipant<R: Sendable>(
    _ index: Int, _ body: @Sendable (inout Participant) throws -> R
  ) rethrows -> R {
    try loop.withParticipant(index, body)
  }
}

extension CollapseReport {
  /// The mean over participants; the fewest active units of any.
  init(mean reports: [CollapseReport]) {
    precondition(!reports.isEmpty, "the mean of no reports")
    let n = Double(reports.count)
    self.init(
      divergencePerDimension: reports[0].divergencePerDimension.indices.map { k in
        reports.reduce(0) { $0 + $1.divergencePerDimension[k] } / n
      },
      activeUnits: reports.reduce(.max) { min($0, $1.activeUnits) },
      gainOverConstant: reports.reduce(0) { $0 + $1.gainOverConstant } / n,
      gainOverStart: reports[0].gainOverStart,
      correlationWithNorm: reports.reduce(0) { $0 + $1.correlationWithNorm } / n)
  }
}

extension FleetTraining {
  /// The participants' states between two rounds, in the order of `names`.
  public var states: [ParticipantState] {
    names.indices.map { index in withParticipant(index) { $0.state } }
  }

  /// Goes on where a run with the same data and configuration was.
  ///
  /// - Throws: ``ParticipantError`` around a ``ResumeError``.
  public func restore(_ states: [ParticipantState]) throws {
    guard states.count == names.count else {
      throw ResumeError.otherData("\(names.count) participants instead of \(states.count)")
    }
    for (index, state) in states.enumerated() {
      do {
        try withParticipant(index) { try $0.restore(state) }
      } catch {
        throw ParticipantError(name: names[index], cause: error)
      }
    }
  }
}
