import CollaborativeLearning
import Consensus
import Datasets
import Foundation
import Simulation
import Storage
import Transport

/// `collabdict simulate`: a network on a virtual clock.
enum SimulateCommand: Command {
  static let name = "simulate"
  static let summary = "train over a simulated network, with as many participants as you like"
  static let synopsis = "FLEET.h5 [--participants N] [-o MODEL.h5] [--stopping SHARE] …"
  static let options =
    [
      SharedOptions.output,
      OptionSpecification(
        "participants", "N", "cut the series into so many participants [those of the file]"),
      OptionSpecification("rounds-of-sums", "N", "stop after so many sums [at the end]"),
      OptionSpecification("config", "FILE", "settings as a JSON object"),
      OptionSpecification(
        "privacy", "PRIVACY", "\(NetworkPrivacy.values) [shamir(3,5), or fewer for few]"),
      OptionSpecification("sum", "SUM", "how sums are formed: \(NetworkSum.values) [exact]"),
      OptionSpecification(
        "links", "LINKS",
        "the graph of iterative sums: \(NetworkLinks.values) "
          + "[cycle-inverse-chords]"),
      OptionSpecification(
        "tolerance", "STEPS", "of an iterative average, in steps of the encoding [0.4 / S]"),
      OptionSpecification(
        "stopping", "SHARE", "of the members, n - t at most, that stop once and return [0]"),
      OptionSpecification(
        "cut-off", "SHARE", "of the members, n - t at most, that are cut off for a while [0]"),
      OptionSpecification("loss", "SHARE", "of the messages that are lost [0]"),
      OptionSpecification(
        "consensus-only", nil, "no learning: what one sum over the participants costs"),
      OptionSpecification("count", "N", "with --consensus-only: numbers to sum [100]"),
      OptionSpecification("threads", "N", "local updates at the same time [all processors]"),
      SharedOptions.json,
    ] + SharedOptions.layout.filter { $0.name != "participants" } + SharedOptions.settings

  static func run(_ arguments: Arguments) throws {
    if arguments.has("consensus-only") { return try ConsensusOnly.run(arguments) }
    let path = try arguments.exactly(1, "one sensor file")[0]
    let configuration = try SharedOptions.configuration(arguments)
    let threads =
      try arguments.integer("threads", 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
    if let output = arguments["output"] {
      try AtomicFile.refuseOverwriting(output: output, inputs: [path])
      _ = try AtomicFile(replacing: output)
    }
    let fleet = try fleet(path, arguments, participants: 3...8191)
    let sum = try choice("sum", arguments, NetworkSum.values) { NetworkSum(rawValue: $0) } ?? .exact
    let privacy =
      try choice("privacy", arguments, NetworkPrivacy.values) { NetworkPrivacy($0) }
      ?? (sum == .exact ? .usual(members: fleet.participants.count) : .masks)
    do {
      try configuration.modelClass.withParticipantType {
        if sum == .exact {
          try overNodes($0, fleet, configuration, privacy, threads, arguments)
        } else {
          try iterative($0, fleet, configuration, sum, privacy, threads, arguments)
        }
      }
    } catch let error as ParticipantError {
      throw FileError(path: path, cause: error)
    }
  }

  /// The fleet of a file, cut into as many participants as `--participants` asks for.
  static func fleet(
    _ path: String, _ arguments: Arguments, participants range: ClosedRange<Int>
  ) throws -> SensorFleet {
    let fleet = try SensorFleet(
      readingHDF5: path, layout: try SharedOptions.layout(arguments, withParticipants: false))
    guard let count = try arguments.integer("participants", range) else { return fleet }
    guard let split = fleet.split(into: count) else {
      throw FileError(
        path: path,
        cause: ConfigurationError(
          "its \(fleet.participants.count) series cannot become \(count) participants of at "
            + "least 20 rows each"))
    }
    return split
  }

  /// The machines of real nodes.
  private static func overNodes<Participant: FleetParticipant>(
    _ type: Participant.Type, _ fleet: SensorFleet, _ configuration: TrainingConfiguration,
    _ privacy: NetworkPrivacy,
    _ threads: Int, _ arguments: Arguments
  ) throws {
    let sharing: SecretSharing
    switch privacy {
    case .none: sharing = .plain
    case .shamir(let threshold, let count):
      guard count <= fleet.participants.count else {
        throw UsageError("--privacy cannot be \(privacy) among \(fleet.participants.count)")
      }
      sharing = try SecretSharing(threshold: threshold, holders: count)
    case .masks, .chunks:
      throw UsageError("--privacy \(privacy) goes with an iterative --sum; exact sums are shared")
    }
    var faults = SimulationFaults()
    faults.stopping = try arguments.number("stopping", 0...1) ?? 0
    faults.cut = try arguments.number("cut-off", 0...1) ?? 0
    faults.mostFailing = sharing.holders - sharing.threshold
    faults.network.loss = try arguments.number("loss", 0...0.5) ?? 0
    var simulation = try FleetSimulation<Participant>(
      fleet, configuration, sharing: sharing, faults: faults, threads: threads)
    let limit = try arguments.integer("rounds-of-sums", 1...Int.max) ?? .max
    let meter = Meter(members: simulation.names.count)
    let interrupt = Interrupt()
    let isOver = try simulation.run { sums in
      meter.show(sums)
      return !interrupt.happened && sums < limit
    }
    Console.endProgress()
    let sums = simulation.sumCount
    let rate = meter.rate(sums)
    let log = simulation.contributorLog
    let missing = log.reduce(0) { $0 + (simulation.names.count - $1.count) }
    if isOver, let output = arguments["output"] {
      try Checkpoint.finished(try simulation.finishedRun()).write(to: output)
    }
    try tell(
      arguments,
      [
        ("participants", .integer(simulation.names.count)), ("sums", .integer(sums)),
        ("finished", .bool(isOver)), ("rounds_per_second", .number(rate)),
        ("virtual_seconds", .number(simulation.virtualSeconds)),
        ("messages", .integer(simulation.messageCount)),
        ("contributions_missed", .integer(missing)),
        ("peak_memory_mib", .number(PeakMemory.mebibytes)),
        ("privacy", .text(privacy.description)),
      ])
  }

  /// The paper's sums, by averages between neighbours.
  private static func iterative<Participant: FleetParticipant>(
    _ type: Participant.Type, _ fleet: SensorFleet, _ configuration: TrainingConfiguration,
    _ sum: NetworkSum,
    _ privacy: NetworkPrivacy, _ threads: Int, _ arguments: Arguments
  ) throws {
    let hidden: IterativeAggregation.Privacy
    switch privacy {
    case .none: hidden = .none
    case .masks: hidden = .masks
    case .chunks(let count): hidden = .chunks(count)
    case .shamir:
      throw UsageError("--privacy \(privacy) goes with --sum exact; iterative sums are masked")
    }
    for option in ["stopping", "cut-off", "loss"] where arguments.has(option) {
      throw UsageError("--\(option) goes with --sum exact; an iterative sum has to start again")
    }
    let count = fleet.participants.count
    guard count >= PrivateSum.leastContributors else {
      throw ParticipantFailure(
        "\(count) participants: with fewer than three, a sum tells each what the others have")
    }
    let method = ConsensusMethod(sum)
    let links = arguments["links"] ?? "cycle-inverse-chords"
    guard let topology = Topology(links) else {
      throw UsageError("--links cannot be \(links); it is \(NetworkLinks.values)")
    }
    let aggregation = try IterativeAggregation(
      topology: topology, method: method, privacy: hidden,
      tolerance: try arguments.number("tolerance", 1e-9...1e6) ?? 0.4 / Double(count),
      participants: count, seed: configuration.seed)
    let training = try FleetTraining<Participant>(
      fleet, configuration, aggregation: aggregation, threads: threads)
    let limit = try arguments.integer("rounds-of-sums", 1...Int.max) ?? .max
    let meter = Meter(members: count)
    let interrupt = Interrupt()
    var sums = 0
    let isOver = try training.run {
      sums += 1
      meter.show(sums)
      return !interrupt.happened && sums < limit
    }
    Console.endProgress()
    if isOver, let output = arguments["output"] {
      try Checkpoint.finished(try training.finishedRun()).write(to: output)
    }
    try tell(
      arguments,
      [
        ("participants", .integer(count)), ("sums", .integer(sums)), ("finished", .bool(isOver)),
        ("rounds_per_second", .number(meter.rate(sums))),
        ("exchanges", .integer(aggregation.rounds)),
        ("largest_rounding_error", .number(aggregation.worstError)),
        ("peak_memory_mib", .number(PeakMemory.mebibytes)), ("privacy", .text(privacy.description)),
      ])
  }

  static func tell(_ arguments: Arguments, _ figures: [(String, JSON)]) throws {
    if arguments.has("json") { return try JSON.object(figures).print() }
    // Two spaces behind the longest name.
    let width = max(24, 2 + (figures.map(\.0.count).max() ?? 0))
    for (key, value) in figures {
      let text =
        switch value {
        case .integer(let number): String(number)
        case .number(let number): Console.number(number, 3)
        case .text(let text): text
        case .bool(let truth): truth ? "yes" : "no"
        default: "-"
        }
      Console.print(
        key.replacing("_", with: " ").padding(toLength: width, withPad: " ", startingAt: 0) + text)
    }
  }

  private static func choice<T>(
    _ name: String, _ arguments: Arguments, _ values: String, _ read: (String) -> T?
  ) throws(UsageError) -> T? {
    guard let text = arguments[name] else { return nil }
    guard let value = read(text) else {
      throw UsageError("--\(name) cannot be \(text); it is \(values)")
    }
    return value
  }
}

extension ConsensusMethod {
  init(_ sum: NetworkSum) {
    switch sum {
    case .paper: self = .paperStep
    case .metropolis: self = .metropolis
    case .exact, .chebyshev: self = .chebyshev
    }
  }
}

/// Counts sums against time.
final class Meter {
  private let start = Date()
  private var shown = Date.distantPast
  private let members: Int

  init(members: Int) { self.members = members }

  func rate(_ sums: Int) -> Double { Double(sums) / Date().timeIntervalSince(start) }

  func show(_ sums: Int) {
    guard Console.isWatched, Date().timeIntervalSince(shown) > 0.2 else { return }
    shown = Date()
    Console.progress(
      "\(members) participants: \(sums) sums, \(Console.number(rate(sums), 2)) a second")
  }
}

/// `simulate --consensus-only`.
enum ConsensusOnly {
  static func run(_ arguments: Arguments) throws {
    guard arguments.positional.isEmpty else {
      throw UsageError("--consensus-only takes no file")
    }
    let participants = try arguments.integer("participants", 1...100_000) ?? 1000
    let count = try arguments.integer("count", 1...1_000_000) ?? 100
    let text = arguments["sum"] ?? "exact"
    guard let sum = NetworkSum(rawValue: text) else {
      throw UsageError("--sum cannot be \(text); it is \(NetworkSum.values)")
    }
    let links = arguments["links"] ?? "cycle-inverse-chords"
    guard let topology = Topology(links) else {
      throw UsageError("--links cannot be \(links); it is \(NetworkLinks.values)")
    }
    let start = Date()
    let report =
      sum == .exact
      ? try ConsensusSimulation.exactSum(participants: participants, count: count)
      : try ConsensusSimulation.iterative(
        topology: topology, method: ConsensusMethod(sum), participants: participants, count: count,
        tolerance: try arguments.number("tolerance", 1e-15...0.1) ?? 1e-6, seed: 1)
    let seconds = Date().timeIntervalSince(start)
    try SimulateCommand.tell(
      arguments,
      [
        ("participants", .integer(participants)), ("numbers", .integer(count)),
        ("exchanges", .integer(report.rounds)), ("messages", .integer(report.messages)),
        ("numbers_sent", .integer(report.numbers)), ("largest_error", .number(report.error)),
        ("seconds", .number(seconds)),
        ("exchanges_per_second", .number(Double(report.rounds) / seconds)),
        ("peak_memory_mib", .number(PeakMemory.mebibytes)),
      ])
  }
}
