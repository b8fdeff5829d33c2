import CollaborativeLearning
import Cryptography
import Ledger
import Storage
import Transport

/// One member of a mined chain, as long as it takes part.
struct ChainMember {
  let genesis: ChainGenesis
  let keys: MemberKeys
  let members: ChainMembers
  let storePath: String
  /// `nil` for a member that only follows.
  let miner: MinerInformation?
  /// Hashes a second, at most.
  let hashRate: Double?
  let ending: Ending
  let listen: String?
  let isJSON: Bool

  /// When a member ends, if nobody stops it before.
  struct Ending {
    var seconds: Double?
    /// The height of the chain from which on the member does not mine.
    var blocks: Int?
    /// Seconds without news after which it ends at that height.
    var stay = 5.0
  }

  /// - Parameter make: the errand, given the store; it may set how the node behaves.
  func run<Errand: ChainErrand>(
    _ make: (ChainStore, inout LedgerNodeConfiguration) throws -> Errand
  ) throws {
    // Who cannot listen leaves nothing behind.
    let mesh = try Mesh(
      listen: listen ?? members.listenAddress, own: members.own, transportKey: keys.transport,
      agreementKey: keys.agreement, members: members.addresses,
      settings: members.meshSettings(byteLimit: genesis.rules.byteLimit))
    let store = try ChainStore(opening: storePath, first: genesis.block.hash)
    var configuration = LedgerNodeConfiguration(miner: miner)
    configuration.lastMinedHeight = ending.blocks
    var errand = try make(store, &configuration)
    let node: ChainNode<Errand.Application>
    do {
      node = try ChainNode(
        errand.application, genesis: genesis.block, blocks: store, contents: store,
        configuration: configuration, epoch: WallClock.milliseconds)
    } catch let fault as ChainFault {
      throw FileError(path: storePath, cause: fault)
    }
    // Whoever is told of the start may ask for the end.
    let interrupt = Interrupt()
    let journal = ChainJournal(isJSON: isJSON, members)
    Console.note("\(members.name) listens at \(mesh.endpoint)")
    try journal.tell(
      "start", Self.place(node) + errand.facts(node.state.application))
    var lastMove = 0.0
    let runner = try LedgerRunner(mesh: mesh, node: node)
    let end = try runner.run(
      hashRate: hashRate, observe: { journal.note($0) },
      steer: { node, mesh, now in
        let moves = journal.takeMoves()
        try errand.proceed(&node, moves: moves, now: now)
        if !moves.isEmpty {
          lastMove = now
          try journal.tell(
            "head",
            Self.place(node) + [
              ("added", .integer(moves.reduce(0) { $0 + $1.done.count })),
              ("undone", .integer(moves.reduce(0) { $0 + $1.undone.count })),
              ("connected", .integer(mesh.connectedMembers.count)),
              ("waiting", .integer(node.pool.count)),
            ] + errand.facts(node.state.application))
        }
        var isOver = interrupt.happened || Console.outputFailed
        if let blocks = ending.blocks, node.tree.height >= blocks,
          now - lastMove >= ending.stay
        {
          isOver = true
        }
        if let seconds = ending.seconds, now >= seconds { isOver = true }
        return !isOver
      })
    try journal.tell("end", Self.place(end) + errand.facts(end.state.application))
  }

  private static func place<Application: LedgerApplication>(
    _ node: borrowing ChainNode<Application>
  ) -> [(String, JSON)] {
    [
      ("height", .integer(node.tree.height)), ("head", .text("\(node.tree.headHash)")),
      ("work", .text("\(node.tree.totalWork)")),
    ]
  }
}
