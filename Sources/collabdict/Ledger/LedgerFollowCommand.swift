import Cryptography
import Foundation
import Ledger
import Storage
import Transport

/// `collabdict ledger follow`: blocks as they come.
enum LedgerFollowCommand: Command {
  static let name = "ledger follow"
  static let summary = "print the blocks of a chain as they come"
  static let synopsis = "CHAIN|etcd://host:port[,…]/prefix [--from N] [--count N] [--json]"
  static let options =
    [
      OptionSpecification("from", "N", "the first block to print [0]"),
      OptionSpecification("count", "N", "stop after so many blocks"),
      OptionSpecification("json", nil, "one JSON object a line on standard output"),
    ] + LedgerArguments.clusterOptions

  /// Between two looks at a file, in seconds.
  private static let pause = 0.2

  static func run(_ arguments: Arguments) throws {
    let from = try arguments.integer("from", 0...Int.max) ?? 0
    let count = try arguments.integer("count", 1...Int.max) ?? Int.max
    let location = try LedgerArguments.location(arguments)
    let interrupt = Interrupt()
    // A cluster may have no block yet.
    var kind = try location.kind()
    while kind == nil {
      if interrupt.happened { return }
      Thread.sleep(forTimeInterval: pause)
      kind = try location.kind()
    }
    let follow = kind == .mined ? Following<MinedBlock>.run : Following<Block>.run
    try follow(location, from, count, arguments.has("json"), interrupt)
  }

  /// Following a chain of one kind of blocks.
  private enum Following<Stored: ShownBlock> {
    static func run(
      _ location: ChainLocation, from: Int, count: Int, inJSON: Bool, interrupt: Interrupt
    ) throws {
      var left = count
      func tell(_ block: Stored) throws {
        try print(block, inJSON)
        left -= 1
      }
      if case .cluster(let cluster) = location {
        var follower = EtcdChainFollower<Stored>(cluster, from: from)
        while left > 0, !interrupt.happened, !Console.outputFailed {
          switch try follower.next(waiting: 0.5) {
          case .block(let block)?: try tell(block)
          case .interrupted(let reason)?: Console.note("collabdict: goes on elsewhere (\(reason))")
          case .compacted?, nil: break
          }
        }
        return
      }
      let chain = try OpenChain<Stored>(reading: location)
      var told: [Digest] = []
      while left > 0, !interrupt.happened, !Console.outputFailed {
        // A branch that became the chain is told from where it leaves what was told.
        let before = told.count
        while let last = told.last, try chain.block(at: from + told.count - 1)?.hash != last {
          told.removeLast()
        }
        if told.count < before { try reorganised(from + told.count, inJSON) }
        while left > 0, let block = try chain.block(at: from + told.count) {
          try tell(block)
          told.append(block.hash)
        }
        if left > 0 { Thread.sleep(forTimeInterval: pause) }
        try chain.refresh()
      }
    }

    private static func print(_ block: Stored, _ inJSON: Bool) throws {
      Console.print(
        inJSON
          ? try JSON.object([("event", .text("block"))] + block.facts).line
          : zip(Stored.columns, block.cells).map { "\($0) \($1)" }.joined(separator: "  "))
    }

    private static func reorganised(_ height: Int, _ inJSON: Bool) throws {
      Console.print(
        inJSON
          ? try JSON.object([("event", .text("reorganised")), ("from", .integer(height))]).line
          : "another branch is the chain from block \(height) on")
    }
  }
}
