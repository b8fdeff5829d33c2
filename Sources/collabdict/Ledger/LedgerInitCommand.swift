import CollaborativeLearning
import Cryptography
import Ledger
import MultipartyLearning
import Storage
import Transport

/// `collabdict ledger init`: the first block of a mined chain, which names the chain and its rules.
enum LedgerInitCommand: Command {
  static let name = "ledger init"
  static let summary = "write the first block of a mined chain, which all members must have"
  static let synopsis =
    "MEMBER.pub … -o GENESIS [--models A.model,B.model …] [--interval SECONDS] [--difficulty HASHES] …"
  static let options =
    [
      SharedOptions.output,
      OptionSpecification("notes", nil, "a chain that keeps notes, as without models"),
      OptionSpecification(
        "models", "FILES", "models of the original parties: a chain on which these are calibrated"),
      OptionSpecification("interval", "SECONDS", "that a block takes on average [10]"),
      OptionSpecification(
        "difficulty", "HASHES", "that the first blocks take [100000 for each second]"),
    ] + CalibrationArguments.rules + [SharedOptions.force, SharedOptions.json]

  static func run(_ arguments: Arguments) throws {
    let output = try arguments.output()
    let paths = arguments.positional
    guard !paths.isEmpty else { throw ChainMembers.missing }
    let modelPaths = arguments.list("models") ?? []
    if arguments.has("notes") && !modelPaths.isEmpty {
      throw UsageError("a chain keeps --notes or calibrates --models, not both")
    }
    try AtomicFile.refuseOverwriting(output: output, inputs: paths + modelPaths)
    let seconds = try arguments.number("interval", 0.01...1e6) ?? 10
    let difficulty =
      try arguments.integer("difficulty", 1...Int.max) ?? Int(max(1, seconds * 100_000))
    var rules = ChainRules(
      interval: UInt64(seconds * 1000), firstDifficulty: UInt64(difficulty))
    var records: [[UInt8]] = []
    let members = try ChainMembers.cards(paths)
    if modelPaths.isEmpty {
      if let word = CalibrationArguments.rules.first(where: { arguments.has($0.name) }) {
        throw UsageError("--\(word.name) goes with --models")
      }
    } else {
      let terms = try CalibrationArguments.terms(arguments)
      // What is behind a block's messages waits for the next, rather than being left out.
      rules.transactionLimit = terms.rules.blockSize
      records = terms.records(try originals(modelPaths, terms, of: members))
    }
    let genesis = rules.genesis(
      founder: MinerInformation(key: members[0].signingKey, type: .original),
      time: WallClock.milliseconds, records: records)
    try HeadedFile.firstBlock.write(
      genesis.encoded, to: output, replacing: arguments.has("force"))
    try SimulateCommand.tell(
      arguments,
      [
        ("file", .text(output)), ("first_block", .text("\(genesis.hash)")),
        ("application", .text(MinedChains.application(of: genesis))),
        ("interval", .number(seconds)), ("difficulty", .integer(difficulty)),
        ("members", .integer(members.count)), ("models", .integer(modelPaths.count)),
      ])
  }

  private static func originals(
    _ paths: [String], _ terms: CalibrationTerms, of members: [Network.Member]
  ) throws -> [Registration] {
    var found: [Registration] = []
    for path in paths {
      let registration = try PartyModelFile.read(path, classes: terms.classes)
      guard members.contains(where: { $0.signingKey == registration.party }) else {
        throw HeadedFile.partyModel.malformed("this is the model of nobody who is named here", path)
      }
      guard !found.contains(where: { $0.party == registration.party }) else {
        throw HeadedFile.partyModel.malformed("there is another model of the same party", path)
      }
      found.append(registration)
    }
    return found
  }
}
