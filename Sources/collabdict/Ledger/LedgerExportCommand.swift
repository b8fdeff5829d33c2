import CollaborativeLearning
import Ledger
import Storage

/// `collabdict ledger export`: a copy of a chain in another store, checked on the way.
enum LedgerExportCommand: Command {
  static let name = "ledger export"
  static let summary = "copy a chain to another store, and check it on the way"
  static let synopsis =
    "CHAIN|etcd://host:port[,…]/prefix -o CHAIN|etcd://… [--format file|sqlite] [--from N] [--to N]"
  static let options =
    [
      OptionSpecification(
        "output", "CHAIN", "where to: a new or shorter copy of the chain goes on"),
      OptionSpecification(
        "format", "NAME", "of a new file: file or sqlite [sqlite for .sqlite and .db, else file]"),
      OptionSpecification("from", "N", "the first block to copy; those before must be there [0]"),
      OptionSpecification("to", "N", "the last block to copy [the last]"),
      OptionSpecification("links", nil, "check bytes and links only, not what the blocks say"),
      SharedOptions.json,
    ] + LedgerArguments.clusterOptions

  static func run(_ arguments: Arguments) throws {
    let output = try arguments.output()
    let location = try LedgerArguments.location(arguments)
    let kind = try LedgerArguments.kind(of: location)
    let destination = try destination(output, arguments)
    if let input = location.path, let path = destination.path {
      try AtomicFile.refuseOverwriting(output: path, inputs: [input])
    }
    guard destination != location else {
      throw UsageError("the copy would be the chain itself")
    }
    if kind == .mined {
      var checker: (any MinedChainChecker)?
      try copy(MinedBlock.self, location, destination, arguments) { block in
        guard !arguments.has("links") else { return }
        if block.height == 0 {
          checker = try MinedChains.checker(genesis: block, network: nil)
        } else {
          try checker?.append(block)
        }
      }
    } else {
      if !arguments.has("links") {
        _ = try OrderedChainReport.read(OpenChain(reading: location), recomputes: false)
      }
      try copy(Block.self, location, destination, arguments) { _ in }
    }
  }

  private static func destination(
    _ output: String, _ arguments: Arguments
  ) throws -> ChainLocation {
    let format = arguments["format"]
    if let format, !["file", "sqlite"].contains(format) {
      throw UsageError("--format cannot be \(format); it is file or sqlite")
    }
    if let cluster = try LedgerArguments.cluster(output, arguments) { return .cluster(cluster) }
    do {
      let there = try ChainLocation(existing: output)
      if let format, there != (format == "file" ? .file(output) : .sqlite(output)) {
        throw UsageError("\(output) is there already and of another format than --format says")
      }
      return there
    } catch let error as StorageError {
      guard error.code == .noSuchFile else { throw error }
      let isDatabase =
        format.map { $0 == "sqlite" }
        ?? [".sqlite", ".sqlite3", ".db"].contains {
          output.hasSuffix($0)
        }
      return isDatabase ? .sqlite(output) : .file(output)
    }
  }

  private static func copy<Stored: StorableBlock>(
    _ kind: Stored.Type, _ location: ChainLocation, _ destination: ChainLocation,
    _ arguments: Arguments, check: (Stored) throws -> Void
  ) throws {
    let source = try OpenChain<Stored>(reading: location)
    let last = try arguments.integer("to", 0...Int.max) ?? source.count - 1
    let from = try arguments.integer("from", 0...Int.max) ?? 0
    guard last < source.count else {
      throw ParticipantFailure(
        "\(location): there is no block \(last); the last is block \(source.count - 1)")
    }
    guard from <= last else { throw UsageError("--from \(from) is behind --to \(last)") }
    // All of it is checked before anything is made.
    try LedgerArguments.walk(source, 0..<last + 1) { _, block in
      do { try check(block) } catch { throw FileError(path: "\(location)", cause: error) }
    }
    if from > 0, let path = destination.path { _ = try ChainLocation(existing: path) }
    let copy = try OpenChain<Stored>(opening: destination)
    guard copy.count >= from else {
      throw ParticipantFailure(
        "\(destination): it has \(copy.count) blocks, and those before block \(from) are missing")
    }
    var before: Stored?
    var copied = 0
    try LedgerArguments.walk(source, 0..<last + 1) { height, block in
      do {
        try block.check(follows: before)
      } catch {
        throw FileError(path: "\(location)", cause: error)
      }
      if height < copy.count {
        guard height == 0 || height >= from || height == copy.count - 1 else {
          before = block
          return
        }
        guard try copy.block(at: height)?.hash == block.hash else {
          throw ParticipantFailure(
            "\(destination): it is another chain from block \(height) on, or one before; nothing "
              + "was changed")
        }
      } else {
        try copy.append(block)
        copied += 1
      }
      before = block
    }
    try SimulateCommand.tell(
      arguments,
      [
        ("blocks", .integer(copy.count)), ("copied", .integer(copied)),
        ("kind", .text(Stored.kind.name)),
        ("last_block", .text(before.map { "\($0.hash)" } ?? "")),
      ])
  }
}
