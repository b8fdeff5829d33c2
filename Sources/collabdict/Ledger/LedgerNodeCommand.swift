import CollaborativeLearning
import Cryptography
import Ledger
import MultipartyLearning
import Storage

/// `collabdict ledger node`: one member of a mined chain, one process.
enum LedgerNodeCommand: Command {
  static let name = "ledger node"
  static let summary = "take part in a mined chain: mine blocks, hand them on, and keep the chain"
  static let synopsis =
    "GENESIS MEMBER.pub … --key MEMBER.key --store CHAIN.db [--note TEXT] [--data FILE …]"
  static let options =
    [
      OptionSpecification("key", "FILE", "this member's private key"),
      OptionSpecification(
        "store", "FILE", "where the chain is kept, here; made if it is not there"),
      OptionSpecification(
        "listen", "ADDRESS", "where to listen, as in tcp://*:7100 [the public key's address]"),
      OptionSpecification("hash-rate", "HASHES", "that are made in a second at most [all it can]"),
      OptionSpecification("no-mining", nil, "follow the chain, and mine no blocks"),
      OptionSpecification("note", "TEXT", "a chain of notes: put this on it; several are possible"),
      OptionSpecification("seconds", "COUNT", "end after this time [run until stopped]"),
      OptionSpecification(
        "blocks", "HEIGHT", "mine up to this height, and end some time after [run until stopped]"),
      OptionSpecification("stay", "SECONDS", "with --blocks: end after so long without news [5]"),
      SharedOptions.json,
    ] + chain + PartyArguments.options

  /// Of members of a chain of calibrations.
  private static let chain = [
    OptionSpecification("register", "MODEL", "calibration: join the chain with this model"),
    OptionSpecification("samples", "COUNT", "calibration: own samples that wait, at most [4]"),
    OptionSpecification(
      "keep", "COUNT", "calibration: blocks whose models' parameters are kept [16]"),
    OptionSpecification(
      "keep-every", "STEP", "calibration: and those of the blocks at multiples of this height"),
    OptionSpecification("threads", "COUNT", "calibration: models that are worked on at once [1]"),
  ]

  static func run(_ arguments: Arguments) throws {
    guard let genesisPath = arguments.positional.first else {
      throw UsageError("missing: the chain's first block, and the members' public key files")
    }
    guard let keyPath = arguments["key"] else { throw UsageError("name this member's --key") }
    guard let storePath = arguments["store"] else {
      throw UsageError("say with --store where the chain is kept")
    }
    var ending = ChainMember.Ending()
    ending.seconds = try arguments.number("seconds", 0...1e9)
    ending.blocks = try arguments.integer("blocks", 0...Int.max)
    ending.stay = try arguments.number("stay", 0...1e6) ?? ending.stay
    let hashRate = try arguments.number("hash-rate", 1...1e12)
    let cards = Array(arguments.positional.dropFirst())
    try AtomicFile.refuseOverwriting(
      output: storePath,
      inputs: [genesisPath, keyPath] + cards
        + [arguments["data"], arguments["register"]].compactMap { $0 })
    let genesis = try ChainGenesis(reading: genesisPath)
    let keys = try MemberKeys(reading: keyPath)
    let members = try ChainMembers(cards, keys: keys)
    let own = keys.signing.verificationKey

    func member(_ type: PartyType) -> ChainMember {
      ChainMember(
        genesis: genesis, keys: keys, members: members, storePath: storePath,
        miner: arguments.has("no-mining") ? nil : MinerInformation(key: own, type: type),
        hashRate: hashRate, ending: ending, listen: arguments["listen"],
        isJSON: arguments.has("json"))
    }
    switch genesis.application {
    case "notes", "recorded-notes":
      for option in chain + PartyArguments.options where arguments.has(option.name) {
        throw UsageError("--\(option.name) is for chains of calibrations; this one keeps notes")
      }
      let application = NotesApplication(keepsRecords: genesis.application != "notes")
      try member(own == genesis.block.miner.key ? .original : .miner).run { store, _ in
        try NotesErrand(
          application, notes: arguments.all("note"), key: keys.signing, store: store)
      }
    case CalibrationTerms.application:
      if arguments.has("note") { throw UsageError("--note is for chains of notes") }
      let first = try genesis.calibration()
      let settings = try calibrationSettings(
        arguments, first, network: genesis.block.hash, key: keys.signing)
      let application = CalibrationApplication(
        threads: try arguments.integer("threads", 1...1024) ?? 1)
      let type: PartyType =
        first.party(own) != nil ? .original : settings.registration == nil ? .miner : .regular
      try member(type).run { store, configuration in
        // Each template executes its calibrations, and a state has all models.
        configuration.templateInterval = 1
        configuration.templateAge = max(30, Double(genesis.rules.interval) / 1000)
        configuration.keptStates = max(16, settings.policy.last)
        return CalibrationErrand(application, settings, key: keys.signing, store: store)
      }
    case let name:
      throw HeadedFile.firstBlock.malformed(
        "the chain is of the application \(name), which this program does not know", genesisPath)
    }
  }

  private static func calibrationSettings(
    _ arguments: Arguments, _ first: CalibrationState, network: Digest, key: SigningKey
  ) throws -> CalibrationErrand.Settings {
    var settings = CalibrationErrand.Settings()
    settings.waitingLimit =
      try arguments.integer("samples", 0...TransactionPool.Limits().perSender)
      ?? settings.waitingLimit
    settings.policy = PruningPolicy(
      last: try arguments.integer("keep", 1...1000) ?? settings.policy.last,
      every: try arguments.integer("keep-every", 1...Int.max))
    if let path = arguments["register"] {
      let entry = try PartyModelFile.read(path, classes: first.terms.classes)
      // What the first block says of it already need not wait for the others.
      let transaction = SignedTransaction(
        network: network, sequence: 0, kind: Registration.kind, payload: entry.encoded, key: key)
      if let reason = CalibrationApplication().refusal(of: transaction, after: first) {
        throw HeadedFile.partyModel.malformed("the chain does not take this model: \(reason)", path)
      }
      settings.registration = (path, entry)
    }
    if let path = arguments["data"] {
      let own = try PartyArguments(arguments)
      guard own.images.classes <= first.terms.classes else {
        throw FileError(
          path: path,
          cause: ConfigurationError(
            "images of \(own.images.classes) classes; the chain knows \(first.terms.classes)"))
      }
      settings.images = (own.party, own.configuration.seed, own.images)
    } else if let option = PartyArguments.options.first(where: { arguments.has($0.name) }) {
      throw UsageError("--\(option.name) goes with --data")
    }
    return settings
  }
}
