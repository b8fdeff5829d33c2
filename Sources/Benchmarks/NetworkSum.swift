import CollaborativeLearning
import Consensus
import Cryptography
import Foundation
import Transport

/// Exact sums over encrypted sockets: every member is a process of its own with a whole node, and
/// the rounds follow one another without a pause.
///
/// `Benchmarks network-sum [--members 8] [--count 1000000] [--privacy shamir(3,5)] [--rounds 20]`.
/// Numbers are put into the field once, before the first round, and every member checks the sums.
/// A round's time is that from one sum to the next at the first member.
enum NetworkSum {
  /// Rounds in which memory and connections warm up, and which are not counted.
  static let warmUp = 5

  struct Options {
    var members = 8
    var count = 1_000_000
    var privacy = NetworkPrivacy.shamir(threshold: 3, count: 5)
    var rounds = 20

    var words: [String] {
      [
        "--members", "\(members)", "--count", "\(count)", "--privacy", "\(privacy)", "--rounds",
        "\(rounds)",
      ]
    }

    init(_ words: some Sequence<String>) throws {
      var rest = Array(words)[...]
      while let word = rest.popFirst() {
        guard let value = rest.popFirst() else { throw ConfigurationError("\(word) needs a value") }
        switch word {
        case "--members": members = try Self.number(value, 3...256)
        case "--count": count = try Self.number(value, 1...10_000_000)
        case "--rounds": rounds = try Self.number(value, 1...1_000_000)
        case "--privacy":
          guard let known = NetworkPrivacy(value) else {
            throw ConfigurationError("--privacy \(value) is none of \(NetworkPrivacy.values)")
          }
          privacy = known
        default: throw ConfigurationError("unknown option \(word)")
        }
      }
    }

    private static func number(_ text: String, _ range: ClosedRange<Int>) throws -> Int {
      guard let number = Int(text), range.contains(number) else {
        throw ConfigurationError("\(text) is no number in \(range)")
      }
      return number
    }

    func sharing() throws -> SecretSharing {
      switch privacy {
      case .none: .plain
      case .shamir(let threshold, let count):
        try SecretSharing(threshold: threshold, holders: count)
      default: throw ConfigurationError("nodes form sums with shamir(t,n) or none")
      }
    }
  }

  // MARK: The process that starts the others

  /// Starts a process for each member, makes them known to one another, and prints the figures.
  static func run(_ words: [String]) throws {
    let options = try Options(words)
    _ = try options.sharing()
    let secret = Hexadecimal.text(SecureRandom.bytes(32))
    let children = try (0..<options.members).map { own in
      try Child(["network-sum-member", "\(own)"] + options.words)
    }
    defer { for child in children { child.end() } }
    for child in children { child.say(secret) }
    let endpoints = try children.map { try $0.line() }
    for child in children { child.say(endpoints.joined(separator: " ")) }
    for child in children { _ = try child.line() }
    for child in children { child.say("begin") }
    let figures = try children.map { child in
      try child.line().split(separator: " ").compactMap { Double($0) }
    }
    guard figures.allSatisfy({ $0.count == 5 }) else {
      throw ConfigurationError("a member ended without figures")
    }
    func total(_ place: Int) -> Double { figures.reduce(0) { $0 + $1[place] } }
    let members = Double(options.members)
    print("round-median", figures[0][0])
    print("round-minimum", figures[0][1])
    print("cpu-per-round", total(2))
    print("bytes-per-member-and-round", (total(3) / members).rounded())
    print("messages-per-member-and-round", total(4) / members)
  }

  /// A member's process, with lines in and out.
  private final class Child {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ arguments: [String]) throws {
      guard let program = Bundle.main.executableURL else {
        throw ConfigurationError("this program does not know its own file")
      }
      process.executableURL = program
      process.arguments = arguments
      process.standardInput = input
      process.standardOutput = output
      try process.run()
    }

    func say(_ line: String) { input.fileHandleForWriting.write(Data((line + "\n").utf8)) }

    func line() throws -> String {
      var bytes: [UInt8] = []
      while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
        if byte == 0x0A { return String(decoding: bytes, as: UTF8.self) }
        bytes.append(byte)
      }
      throw ConfigurationError("a member ended early")
    }

    func end() {
      // A member that has not ended takes the end of its input as the end.
      try? input.fileHandleForWriting.close()
      process.waitUntilExit()
    }
  }

  // MARK: A member

  /// One member: reads the common secret, tells where it listens, reads where the others do.
  static func runMember(_ words: [String]) throws {
    guard let own = words.first.flatMap({ Int($0) }), let secret = readLine() else {
      throw ConfigurationError("a member is started by network-sum")
    }
    let options = try Options(words.dropFirst())
    let keys = (0..<options.members).map { Keys(secret, member: $0) }
    var settings = MeshSettings(network: 1)
    settings.maximumMessageBytes = 60 << 20
    settings.longestReconnectSeconds = 0.2
    let mesh = try Mesh(
      listen: "tcp://127.0.0.1:*", own: own, transportKey: keys[own].transport,
      agreementKey: keys[own].agreement, members: [], settings: settings)
    print(mesh.endpoint)
    fflush(nil)
    guard let places = readLine()?.split(separator: " "), places.count == options.members else {
      throw ConfigurationError("a member was not told where the others are")
    }
    let members = keys.indices.map { member in
      MemberAddress(
        index: member, endpoint: String(places[member]),
        transportKey: keys[member].transport.publicKey,
        agreementKey: keys[member].agreement.publicKey)
    }
    // Nobody knocks before everybody knows whom to let in.
    try mesh.replaceMembers(members, linked: [])
    print("ready")
    fflush(nil)
    guard readLine() != nil else { throw ConfigurationError("a member was not told to begin") }
    try mesh.replaceMembers(members)
    // Whoever lost the process that started it ends, too.
    DispatchQueue.global().async {
      while readLine() != nil {}
      exit(1)
    }
    let configuration = ConsensusNode.Configuration(
      network: SHA256.hash(Array(secret.utf8)), own: own,
      electorate: Electorate(keys: keys.map(\.signing.verificationKey)),
      signingKey: keys[own].signing, sharing: try options.sharing(), seed: 1,
      deadlines: ConsensusNode.Deadlines())
    let runner = NodeRunner<SummingParticipant>(
      mesh: mesh, configuration: configuration, names: keys.indices.map { "member-\($0)" })
    let (count, rounds) = (options.count, options.rounds)
    _ = try runner.run(
      make: {
        NetworkParticipant(
          try SummingParticipant(
            own: own, members: keys.count, count: count, rounds: warmUp + rounds), own: own)
      }, observe: { _, _ in },
      complete: { participant in
        let (times, processor) = participant.participant.measured(from: warmUp)
        print(median(times), (times.min() ?? .zero) / .seconds(1), processor, terminator: " ")
      }, proceed: { _ in true })
    let all = Double(warmUp + rounds)
    print(
      Double(mesh.statistics.sentBytes) / all, Double(mesh.statistics.sentMessages) / all)
  }

  private struct Keys {
    let transport: AgreementKey
    let agreement: AgreementKey
    let signing: SigningKey

    init(_ secret: String, member: Int) {
      func seed(_ purpose: String) -> [UInt8] {
        SHA256.hash(Array("\(secret) \(purpose) \(member)".utf8)).bytes
      }
      transport = AgreementKey(secret: seed("transport"))
      agreement = AgreementKey(secret: seed("agreement"))
      signing = SigningKey(seed: seed("signing"))
    }
  }
}

/// Contributes the same numbers in every round, and checks the sums.
private struct SummingParticipant: CollaborativeParticipant {
  private let contribution: [UInt32]
  private let expected: [UInt32]
  private let members: Int
  private let rounds: Int
  private let clock = ContinuousClock()
  /// When each sum was there, and the processor's time of all threads until then.
  private var moments: [(at: ContinuousClock.Instant, processor: Double)] = []

  init(own: Int, members: Int, count: Int, rounds: Int) throws {
    self.members = members
    self.rounds = rounds
    var contribution: [UInt32] = []
    var numbers: [Float] = []
    var sums = [Double](repeating: 0, count: count)
    for member in 0..<members {
      // Multiples of 2⁻²⁰, so that sums of Floats are exact, too.
      let row = (0..<count).map { i in Float((i &* 7919 &+ member &* 104_729) % 2_097_143) }
      let scaled = row.map { ($0 - 0x1p20) * 0x1p-20 }
      for i in sums.indices { sums[i] += Double(scaled[i]) }
      if member == own { numbers = scaled }
    }
    let limit = 2 * FieldVector.narrowLimit / Float(members)
    try FieldVector.encode(narrow: numbers.span, bound: limit, wide: [], into: &contribution)
    let total = sums.map { Float($0) }
    var expected: [UInt32] = []
    try FieldVector.encode(
      narrow: total.span, bound: FieldVector.narrowLimit, wide: [], into: &expected)
    self.contribution = contribution
    self.expected = expected
  }

  mutating func localUpdate() -> [UInt32] { contribution }

  mutating func optimise(_ sum: [UInt32], contributors: Int) throws {
    moments.append((clock.now, Double(Foundation.clock()) / Double(CLOCKS_PER_SEC)))
    guard contributors == members else {
      throw ConfigurationError("only \(contributors) of \(members) members were summed")
    }
    // Every element in the first round and the last; in those that are timed, some.
    let step = moments.count == 1 || moments.count == rounds ? 1 : 61
    guard sum.count == expected.count,
      stride(from: 0, to: sum.count, by: step).allSatisfy({ sum[$0] == expected[$0] })
    else { throw ConfigurationError("a sum is not that of the members") }
  }

  mutating func withdraw() {}

  mutating func skip() throws { throw ConfigurationError("a round was given up") }

  var sharedState: NamedArrays {
    var state = NamedArrays()
    state.doubles["round"] = [Double(moments.count)]
    return state
  }

  mutating func adopt(_ shared: NamedArrays) throws {
    throw ConfigurationError("a member was left behind")
  }

  var isFinished: Bool { moments.count == rounds }
  var report: Int { moments.count }

  /// The time from each sum to the next, and the processor's seconds a round.
  func measured(from first: Int) -> (times: [Duration], processor: Double) {
    let counted = moments[(first - 1)...]
    let times = zip(counted.dropFirst(), counted).map { $0.at - $1.at }
    let spent = (counted.last?.processor ?? 0) - (counted.first?.processor ?? 0)
    return (times, spent / Double(times.count))
  }
}
