import AnomalyDetection
import CollaborativeLearning
import Consensus
import Cryptography
import Datasets
import Dispatch
import Synchronization

/// What happens to members of a simulated network.
public struct SimulationFaults: Sendable {
  public var network = NetworkFaults()
  /// The share of members that stop once at some moment, forget what was not written down, and come
  /// back.
  public var stopping = 0.0
  /// The share of members that are cut off once for a while.
  public var cut = 0.0
  /// No more members than this fail. Where more than n - t holders of a slice vanish at once, a
  /// certified sum cannot be formed any more.
  public var mostFailing = Int.max
  /// Virtual seconds within which that begins, and how long it lasts.
  public var window = 0.2...2.0
  public var absence = 1.0...3.0

  public init() {}
}

/// Training of a fleet by the machines of a network on a virtual clock: every participant with its
/// own node, messages, deadlines and faults.
public struct FleetSimulation<Participant: FleetParticipant> {
  public typealias Member = SimulatedParticipant<Participant>

  /// Virtual seconds.
  private static var longestRun: Double { 1000 }

  public let names: [String]
  private let fleet: SensorFleet
  private let configuration: TrainingConfiguration
  private let sharing: SecretSharing
  private let faults: SimulationFaults
  private let seats: [Member.Seat]
  private var network: VirtualNetwork<Member>

  /// - Parameters:
  ///   - sharing: how contributions are hidden.
  ///   - threads: local updates that run at the same time.
  /// - Throws: ``ParticipantError`` around what is wrong with a participant's rows, and
  ///   ``ParticipantFailure`` for fewer than three participants.
  public init(
    _ fleet: SensorFleet, _ configuration: TrainingConfiguration, sharing: SecretSharing,
    faults: SimulationFaults = SimulationFaults(), threads: Int
  ) throws {
    try configuration.validate()
    let sources = fleet.participants.compactMap { participant in
      participant.train.map { (name: participant.name, rows: $0) }
    }
    guard sources.count >= PrivateSum.leastContributors else {
      throw ParticipantFailure(
        "\(sources.count) participants: with fewer than three, a sum tells each what the others have"
      )
    }
    names = sources.map(\.name)
    self.fleet = fleet
    self.configuration = configuration
    self.sharing = sharing
    self.faults = faults
    seats = try sources.enumerated().map { index, source in
      do {
        return try Self.seat(index, of: sources.count, source.rows, configuration)
      } catch {
        throw ParticipantError(name: source.name, cause: error)
      }
    }
    let seats = seats
    let count = seats.count
    let seed = configuration.seed
    network = VirtualNetwork(
      (0..<count).map {
        Member(
          Self.node($0, of: count, sharing: sharing, seed: seed), seats[$0], now: 0)
      },
      faults: faults.network, seed: seed,
      inParallel: { work in
        if threads == 1 || work.count == 1 {
          for part in work { part() }
          return
        }
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
          while true {
            let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
            if turn >= work.count { return }
            work[turn]()
          }
        }
      })
    plan()
  }

  private static func seat(
    _ index: Int, of count: Int, _ rows: any RowSource, _ configuration: TrainingConfiguration
  ) throws -> Member.Seat {
    try Member.Seat(keepsLog: true) {
      var participant = try Participant(
        LocalData(rows, configuration), index: index, of: count, configuration: configuration)
      participant.canWithdraw = true
      return NetworkParticipant(participant, own: index)
    }
  }

  private static func node(
    _ index: Int, of count: Int, sharing: SecretSharing, seed: UInt64
  ) -> ConsensusNode.Configuration {
    var deadlines = ConsensusNode.Deadlines()
    deadlines.assembly = 10
    deadlines.contribution = 2
    deadlines.vote = 0.5
    deadlines.reveal = 0.5
    deadlines.reconnect = 0.3
    var electorate = Electorate(
      keys: (0..<count).map { _ in VerificationKey(bytes: [UInt8](repeating: 0, count: 32)) })
    electorate.verifies = false
    return ConsensusNode.Configuration(
      network: SHA256.hash(Array("a simulated network".utf8)), own: index, electorate: electorate,
      signingKey: nil, sharing: sharing, seed: seed, deadlines: deadlines)
  }

  /// Draws who fails when.
  private mutating func plan() {
    var random = SimulationRandom(seed: configuration.seed &+ 0x5EED)
    func moment(_ range: ClosedRange<Double>) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * random.fraction()
    }
    var failing = 0
    for index in seats.indices where failing < faults.mostFailing {
      let isStopping = random.happens(faults.stopping)
      let isCut = random.happens(faults.cut)
      if isStopping || isCut { failing += 1 }
      let at = moment(faults.window)
      let back = at + moment(faults.absence)
      if isStopping {
        // What it knew is in its checkpoint and journal: the participant stays as it was.
        network.at(at) { $0.stop(index) }
        let seat = seats[index]
        let node = Self.node(index, of: seats.count, sharing: sharing, seed: configuration.seed)
        network.at(back) { network in
          network.start(index, Member(node, seat, now: network.now))
        }
      } else if isCut {
        network.at(at) { $0.cut(index) }
        network.at(back) { $0.heal(index) }
      }
    }
  }

  /// How the run went.
  public var report: TrainingReport {
    seats[0].withParticipant { $0.participant.report }
  }

  /// Sums that the member furthest ahead has taken.
  public var sumCount: Int { Self.sums(seats) }

  private static func sums(_ seats: [Member.Seat]) -> Int {
    seats.reduce(0) { most, seat in max(most, Int(seat.withParticipant { $0.round })) }
  }

  public var virtualSeconds: Double { network.now }
  public var messageCount: Int { network.messageCount }

  /// Runs to the end, or until `proceed`, which is told the number of sums now and then, says no.
  ///
  /// - Returns: whether all have finished.
  public mutating func run(proceed: (Int) -> Bool = { _ in true }) throws -> Bool {
    var steps = 0
    let seats = seats
    var failure: ParticipantError?
    // Whoever has not finished after so long never will.
    network.run(until: Self.longestRun) { network in
      steps += 1
      guard steps % (64 * seats.count) == 0 else { return false }
      for (index, seat) in seats.enumerated() {
        if let cause = seat.error {
          failure = ParticipantError(name: names[index], cause: cause)
          return true
        }
      }
      if !proceed(Self.sums(seats)) { return true }
      return seats.allSatisfy { $0.finish != nil }
    }
    if let failure { throw failure }
    return seats.allSatisfy { $0.finish != nil }
  }

  /// Whose contributions were summed, round by round, as the members logged it; nobody's where a
  /// round was given up, though somebody may have had its sum.
  public var contributorLog: [[Int]] {
    var log: [UInt32: [Int]] = [:]
    for seat in seats {
      for (round, members) in seat.contributors where log[round]?.isEmpty != true {
        log[round] = members.members
      }
    }
    return log.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The finished run.
  ///
  /// - Precondition: the run is over.
  public func trainedModel() throws -> TrainedModel<Participant.Model> {
    var results: [Participant.Result] = []
    for (index, name) in names.enumerated() {
      results.append(
        try seats[index].withParticipant { try $0.participant.result(name: name) })
    }
    return TrainedModel(
      detector: Participant.model(
        results, variableNames: fleet.variables, units: fleet.units, configuration: configuration),
      configuration: configuration, report: report)
  }

  /// The finished run as a file holds it.
  public func finishedRun() throws -> FinishedRun { Participant.finished(try trainedModel()) }
}
