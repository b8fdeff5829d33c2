import Cryptography
import Ledger
import Synchronization
import Testing

@testable import Transport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Miners in this process, each with two threads and its own sockets.
@Suite(.serialized, .timeLimit(.minutes(15))) struct LedgerRunnerTests {
  private typealias Node = LedgerNode<
    NotesApplication, MemoryBlockStore<MinedBlock>, MemoryContentStore
  >

  /// What a miner says of itself, and what it is told.
  private struct Post {
    var hashes: [Digest] = []
    var undone = 0
    var connections = 0
    var links: Set<Int>?
    var hasNewLinks = false
    var mines = true
    var isDone = false
    var failure: String?
    var chain: [[UInt8]] = []
  }

  private final class Board: Sendable {
    private let posts: Mutex<[Post]>
    init(_ count: Int) { posts = Mutex(Array(repeating: Post(), count: count)) }
    func with<R: Sendable>(_ index: Int, _ body: @Sendable (inout Post) -> R) -> R {
      posts.withLock { body(&$0[index]) }
    }
    /// Each one's chain, all at one moment.
    var chains: [[Digest]] { posts.withLock { $0.map { $0.hashes } } }
    var undone: [Int] { posts.withLock { $0.map { $0.undone } } }
    var failures: [String] { posts.withLock { $0.compactMap { $0.failure } } }
  }

  /// A thread, in an array.
  private final class Life {
    let thread: Transport.Thread
    init(_ run: @escaping @Sendable () -> Void) throws { thread = try Transport.Thread(run) }
  }

  private static let rules = {
    var rules = ChainRules(interval: 400, firstDifficulty: 800)
    rules.byteLimit = 1 << 18
    return rules
  }()
  private static let keys = (0..<9).map {
    SigningKey(seed: [UInt8](repeating: UInt8($0 + 40), count: 32))
  }

  private static func hold(seconds: Double = 240, _ done: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !done() {
      if ContinuousClock.now > deadline { return false }
      usleep(20_000)
    }
    return true
  }

  /// Whether all chains have the same block at a height.
  private static func agree(_ chains: ArraySlice<[Digest]>, at height: Int) -> Bool {
    chains.allSatisfy { $0.count > height && $0[height] == chains.first?[height] }
  }

  private static func mesh(
    _ index: Int, _ keys: (AgreementKey, AgreementKey), _ addresses: [MemberAddress]
  ) throws -> Mesh {
    func made() throws -> Mesh {
      try Mesh(
        listen: addresses[index].endpoint, own: index, transportKey: keys.0,
        agreementKey: keys.1, members: addresses, settings: Nodes.settings())
    }
    for _ in 0..<500 {
      do {
        return try made()
      } catch let error as TransportError where error.code == .addressInUse { usleep(10_000) }
    }
    return try made()
  }

  /// The life of one miner, on its own thread.
  private static func live(
    _ index: Int, _ board: Board, _ keys: (AgreementKey, AgreementKey),
    _ addresses: [MemberAddress], _ genesis: MinedBlock
  ) throws {
    let mesh = try mesh(index, keys, addresses)
    let isMiner = index < 8
    let node = try Node(
      NotesApplication(keepsRecords: true), genesis: genesis, blocks: MemoryBlockStore(),
      contents: MemoryContentStore(),
      configuration: LedgerNodeConfiguration(
        miner: isMiner
          ? MinerInformation(key: Self.keys[index].verificationKey, type: .original) : nil),
      epoch: WallClock.milliseconds)
    var lastNote = 0.0
    let runner = try LedgerRunner(mesh: mesh, node: node)
    let end = try runner.run(
      hashRate: 250,
      observe: { effect in
        if case .moved(let move) = effect { board.with(index) { $0.undone += move.undone.count } }
      },
      steer: { node, mesh, now in
        if isMiner && now - lastNote > 1 {
          lastNote = now
          let key = Self.keys[index]
          try? node.submit(
            SignedTransaction(
              network: node.network, sequence: node.nextSequence(of: key.verificationKey),
              kind: TransactionKind(rawValue: 1), payload: [1], key: key), now: now)
        }
        let hashes = (0...node.tree.height).compactMap { node.tree.hash(at: $0) }
        let connections = mesh.connectedMembers.count
        let (links, isNew, isDone) = board.with(index) { post in
          defer { post.hasNewLinks = false }
          (post.hashes, post.connections) = (hashes, connections)
          return (post.links, post.hasNewLinks, post.isDone)
        }
        if isNew { try mesh.replaceMembers(addresses, linked: links) }
        return !isDone
      })
    let chain = end.blocks.blocks.map(\.encoded)
    board.with(index) { $0.chain = chain }
  }

  @Test func eightMinersArePartedAndAgreeAgain() throws {
    let count = 9
    // Addresses and keys; the meshes themselves belong to the threads.
    let nodes = try Nodes(Array(repeating: Nodes.settings(), count: count))
    let addresses = nodes.addresses
    let keys = (0..<count).map { (nodes.transportKeys[$0], nodes.agreementKeys[$0]) }
    for index in 0..<count { nodes.stop(index) }
    let genesis = Self.rules.genesis(
      founder: MinerInformation(key: Self.keys[0].verificationKey, type: .original),
      time: WallClock.milliseconds)
    let board = Board(count)
    var lives: [Life] = []
    func start(_ index: Int) throws {
      let key = keys[index]
      lives.append(
        try Life {
          do {
            try Self.live(index, board, key, addresses, genesis)
          } catch {
            board.with(index) { $0.failure = "\(error)" }
          }
        })
    }
    defer {
      for index in 0..<count { board.with(index) { $0.isDone = true } }
      // Their ends are waited for.
      lives = []
    }
    for index in 0..<8 { try start(index) }

    // They mine, and agree.
    #expect(Self.hold { Self.agree(board.chains.prefix(8), at: 6) })

    // Two groups whose links are cut go different ways.
    for index in 0..<8 {
      board.with(index) {
        $0.links = Set(index < 5 ? 0..<5 : 5..<8)
        $0.hasNewLinks = true
      }
    }
    #expect(
      Self.hold {
        (0..<8).allSatisfy { index in
          board.with(index) { $0.connections } == (index < 5 ? 4 : 2)
        }
      })
    // Each group agrees on a branch of its own that is some blocks long.
    var fork = 0
    var undone: [Int] = []
    var ends = (0, 0)
    #expect(
      Self.hold {
        let chains = board.chains
        ends = (chains[0].count - 1, chains[7].count - 1)
        fork = zip(chains[0], chains[7]).prefix { $0 == $1 }.count
        undone = board.undone
        return ends.0 >= fork + 5 && ends.1 >= fork + 3
          && Self.agree(chains[..<5], at: fork) && Self.agree(chains[5..<8], at: fork)
      })

    // Together again, one of them gives way.
    for index in 0..<8 {
      board.with(index) {
        $0.links = nil
        $0.hasNewLinks = true
      }
    }
    #expect(Self.hold { Self.agree(board.chains.prefix(8), at: max(ends.0, ends.1)) })
    let changes = zip(board.undone, undone).prefix(8).map { $0 - $1 }
    #expect(
      changes.prefix(5).allSatisfy { $0 > 0 } || changes.suffix(3).allSatisfy { $0 > 0 },
      "one group reorganised: \(changes)")

    // A fresh member has everything soon; its bytes alone are verified.
    try start(8)
    #expect(
      Self.hold {
        let chains = board.chains
        return chains[8].count >= chains[0].count - 2 && chains[8].count > fork + 1
      })
    for index in 0..<count { board.with(index) { $0.isDone = true } }
    #expect(
      Self.hold { (0..<count).allSatisfy { index in board.with(index) { !$0.chain.isEmpty } } })
    #expect(board.failures.isEmpty)
    let bytes = board.with(8) { $0.chain }
    var verifier = try ChainVerifier(
      NotesApplication(keepsRecords: true), genesisBytes: bytes[0], network: genesis.hash)
    for block in bytes.dropFirst() { try verifier.append(encoded: block) }
    #expect(verifier.count > UInt64(fork) && verifier.state.application.noteCount > 8)
  }

  /// What is observed is never behind what is seen while steering, nor behind the end.
  @Test func movesAreObservedBeforeTheyAreSeen() throws {
    let nodes = try Nodes([Nodes.settings()])
    let miner = MinerInformation(key: Self.keys[0].verificationKey, type: .original)
    let node = try Node(
      NotesApplication(), genesis: Self.rules.genesis(founder: miner, time: WallClock.milliseconds),
      blocks: MemoryBlockStore(), contents: MemoryContentStore(),
      configuration: LedgerNodeConfiguration(miner: miner), epoch: WallClock.milliseconds)
    let runner = try LedgerRunner(mesh: nodes[0], node: node)
    var observed = 0
    var heights: [Int] = []
    let end = try runner.run(
      observe: { effect in
        if case .moved(let move) = effect { observed += move.done.count - move.undone.count }
      },
      steer: { node, _, _ in
        if node.tree.height != heights.last { heights.append(node.tree.height) }
        #expect(observed == node.tree.height)
        return node.tree.height < 8
      })
    #expect(heights.count > 1)
    #expect(observed == end.tree.height)
  }

  @Test func messagesMustBeLongEnoughForBlocks() throws {
    let nodes = try Nodes([Nodes.settings()])
    let genesis = ChainRules(interval: 1000, firstDifficulty: 1).genesis(
      founder: MinerInformation(key: Self.keys[0].verificationKey, type: .original), time: 0)
    let node = try Node(
      NotesApplication(), genesis: genesis, blocks: MemoryBlockStore(),
      contents: MemoryContentStore(), configuration: LedgerNodeConfiguration(), epoch: 0)
    let error = #expect(throws: TransportError.self) {
      _ = try LedgerRunner(mesh: nodes[0], node: node)
    }
    #expect(error?.code == .badSetting)
  }

  /// A new template interrupts the search for an impossible one, and a slow miner's pause.
  @Test(arguments: [nil, 50.0]) func anotherHeadInterruptsTheMiner(hashRate: Double?) throws {
    let nodes = try Nodes([Nodes.settings()])
    let desk = MiningDesk(waker: nodes[0].waker, hashRate: hashRate)
    let thread = try Transport.Thread { desk.mine() }
    defer { desk.close() }
    let miner = MinerInformation(key: Self.keys[0].verificationKey, type: .miner)
    func template(_ height: UInt64, _ difficulty: UInt64) -> MinedBlock {
      MinedBlock(
        height: height, previous: Block.origin, time: 1, difficulty: difficulty, miner: miner)
    }
    for height in 1...20 as ClosedRange<UInt64> {
      for _ in 0..<3 { desk.set(template(height, .max)) }
      usleep(2000)
      desk.set(template(height, 2))
      var found: [MinedBlock] = []
      #expect(
        Self.hold(seconds: 30) {
          found += desk.takeFound()
          return !found.isEmpty
        })
      #expect(found.count == 1 && found[0].height == height && found[0].hasWork)
    }
    _ = thread
  }
}
