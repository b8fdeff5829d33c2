import Cryptography
import Testing

@testable import Ledger

/// Nodes that hear one another at once, in this process.
struct NodeRing {
  typealias Node = LedgerNode<
    NotesApplication, MemoryBlockStore<MinedBlock>, MemoryContentStore
  >

  var nodes: [Node]
  var templates: [MinedBlock?]
  var now = 1000.0
  var arrived: [Digest] = []
  var refused: [ChainFault] = []
  var foreign: [Int] = []
  var messages: [(LedgerMessage, from: Int, to: Int)] = []
  /// Who gets nothing, and says nothing.
  var absent: Set<Int> = []

  init(
    _ chains: [[MinedBlock]], genesis: [MinedBlock]? = nil,
    _ configuration: LedgerNodeConfiguration = LedgerNodeConfiguration(miner: Sample.miner)
  ) throws {
    nodes = []
    templates = chains.map { _ in nil }
    for (index, chain) in chains.enumerated() {
      var store = MemoryBlockStore<MinedBlock>()
      for block in chain { try store.append(block) }
      nodes.append(
        try Node(
          NotesApplication(), genesis: genesis?[index] ?? Sample.genesis, blocks: store,
          contents: MemoryContentStore(), configuration: configuration, epoch: Sample.startTime))
    }
  }

  mutating func connect() {
    for a in nodes.indices {
      for b in nodes.indices where a != b { nodes[a].connected(b, now: now) }
    }
    settle()
  }

  /// Carries messages until there are none.
  mutating func settle() {
    while true {
      var letters: [(LedgerMessage, from: Int, to: Int)] = []
      for index in nodes.indices {
        for effect in nodes[index].takeEffects() {
          switch effect {
          case .send(let message, let to): letters.append((message, index, to))
          case .mine(let block): templates[index] = block
          case .contentArrived(let digest): arrived.append(digest)
          case .refused(let fault, _): refused.append(fault)
          case .foreign(let peer, _): foreign.append(peer)
          case .moved: break
          }
        }
      }
      if letters.isEmpty { return }
      messages += letters
      for (message, from, to) in letters
      where !absent.contains(from) && !absent.contains(to) && nodes.indices.contains(to) {
        // As bytes, so that the coding is part of it.
        let bytes = message.encoded
        guard nodes[to].isWanted(bytes, from: from, now: now) else { continue }
        guard let read = try? LedgerMessage(decoding: bytes) else {
          Issue.record("a message that cannot be read: \(message)")
          continue
        }
        nodes[to].receive(read, from: from, now: now)
      }
    }
  }

  mutating func tick(_ seconds: Double) {
    now += seconds
    for index in nodes.indices { nodes[index].tick(now: now) }
    settle()
  }

  /// A member finds the nonce of its template.
  mutating func mine(_ index: Int) throws {
    now += 1
    let open = try #require(templates[index])
    let isTaken = nodes[index].mined(SampleChain<NotesApplication>.mined(open), now: now)
    #expect(isTaken)
    settle()
  }
}

@Suite struct LedgerNodeTests {
  private func chain(_ count: Int, miner: Int = 0) throws -> [MinedBlock] {
    var chain = try SampleChain(NotesApplication())
    try chain.grow(
      count, senders: 0..<1,
      miner: MinerInformation(key: Sample.keys[miner].verificationKey, type: .miner))
    return chain.blocks
  }

  /// Thousands of blocks, more than one message of headers, come to somebody who has none.
  @Test func aLateMemberGetsTheWholeChain() throws {
    let long = try chain(2300)
    var ring = try NodeRing([long, []])
    ring.now = 3000
    ring.connect()
    #expect(ring.nodes[1].tree.headHash == long[2300].hash)
    #expect(ring.nodes[1].blocks.blocks == long)
    #expect(ring.nodes[1].state.application.noteCount == 2300)
    // And starts again from what it has stored.
    let again = try NodeRing([ring.nodes[1].blocks.blocks])
    #expect(again.nodes[0].tree.totalWork == ring.nodes[0].tree.totalWork)
    #expect(again.nodes[0].nextSequence(of: Sample.keys[0].verificationKey) == 2300)
  }

  @Test func theHeavierBranchWinsAndItsRivalsTransactionsComeBack() throws {
    var trunk = try SampleChain(NotesApplication())
    try trunk.grow(100, senders: 2..<3)
    var (a, b) = (trunk, trunk)
    try a.append(a.next([Sample.transaction(0), Sample.transaction(1)]))
    try b.append(b.next([Sample.transaction(0, by: 1)]))
    try b.grow(1)
    var configuration = LedgerNodeConfiguration(miner: Sample.miner)
    // The state of the fork is executed again.
    configuration.keptStates = 1
    var ring = try NodeRing([a.blocks, b.blocks], configuration)
    ring.connect()
    #expect(ring.nodes[0].blocks.blocks == b.blocks)
    #expect(ring.nodes[0].state.application == b.verifier.state.application)
    #expect(ring.nodes[0].pool.transactions == [Sample.transaction(0), Sample.transaction(1)])
    // They are mined by whoever comes next, and every pool is empty again.
    ring.tick(1)
    ring.tick(1)
    try ring.mine(1)
    #expect(ring.nodes[0].tree.headHash == ring.nodes[1].tree.headHash)
    #expect(ring.nodes[0].nextSequence(of: Sample.keys[0].verificationKey) == 2)
    #expect(ring.nodes.allSatisfy { $0.pool.count == 0 })
  }

  @Test func transactionsTravelAndAreMined() throws {
    var ring = try NodeRing([[], [], []])
    ring.connect()
    for sequence in 0..<3 {
      try ring.nodes[0].submit(Sample.transaction(UInt64(sequence)), now: ring.now)
    }
    ring.settle()
    #expect(ring.nodes.allSatisfy { $0.pool.count == 3 })
    let state = ring.nodes[1]
    #expect(state.nextSequence(of: Sample.keys[0].verificationKey) == 3)
    ring.tick(1)
    try ring.mine(2)
    #expect(ring.nodes.allSatisfy { $0.pool.count == 0 && $0.state.application.noteCount == 3 })
    for (transaction, refusal) in [
      (Sample.transaction(1), TransactionRefusal.replayed(1, next: 3)),
      (Sample.transaction(3, network: Sample.digest(1)), .otherNetwork),
      (Sample.transaction(100), .senderHasTooMany(limit: 64)),
    ] {
      #expect(throws: refusal) { try ring.nodes[0].submit(transaction, now: ring.now) }
    }
  }

  @Test func anotherNetworkIsSaidOnceAndIgnored() throws {
    let other = Sample.rules.genesis(founder: Sample.miner, time: Sample.startTime + 1)
    var ring = try NodeRing([try chain(3), []], genesis: [Sample.genesis, other])
    ring.connect()
    ring.tick(10)
    ring.tick(10)
    #expect(ring.foreign.sorted() == [0, 1])
    #expect(ring.nodes[1].tree.height == 0)
    #expect(throws: ChainFault.self) { try NodeRing([try chain(3)], genesis: [other]) }
  }

  /// Its peer holds the blocks of a branch that breaks a rule in the middle.
  @Test func anInvalidBranchIsRememberedAndLeftAlone() throws {
    let good = try chain(20)
    var evil = try SampleChain(NotesApplication())
    try evil.grow(10)
    let bad = evil.invalidNext()
    var ring = try NodeRing([good])
    ring.nodes[0].connected(1, now: ring.now)
    // A branch that is heavier, with a bad block last.
    var headers = evil.blocks.dropFirst().map(\.header) + [bad.header]
    var window = HeaderWindow(genesis: Sample.genesis.header, hash: Sample.genesis.hash)
    for header in headers { window.append(header, hash: header.hash) }
    var behind: [MinedBlock] = []
    for height in 12...40 {
      let next = SampleChain<NotesApplication>.mined(
        MinedBlock(
          height: UInt64(height), previous: behind.last?.hash ?? bad.hash,
          time: bad.time + 1000 * UInt64(height - 11),
          difficulty: window.nextDifficulty(Sample.rules), miner: Sample.miner))
      window.append(next.header, hash: next.hash)
      behind.append(next)
    }
    headers += behind.map(\.header)
    let bodies = Dictionary(
      uniqueKeysWithValues: (evil.blocks + [bad] + behind).map { ($0.hash, $0) })
    ring.nodes[0].receive(.headers(headers), from: 1, now: ring.now)
    var asked = 0
    for _ in 0..<20 {
      for effect in ring.nodes[0].takeEffects() {
        if case .refused(let fault, _) = effect { ring.refused.append(fault) }
        guard case .send(.blockRequest(let hashes), let to) = effect, to == 1 else { continue }
        asked += hashes.count
        for hash in hashes {
          ring.nodes[0].receive(.block(try #require(bodies[hash])), from: 1, now: ring.now)
        }
      }
    }
    #expect(
      ring.refused == [
        ChainFault(
          height: 11, hash: bad.hash,
          fault: .application(ApplicationRefusal("there are 1 records, and execution gives 0")))
      ])
    #expect(ring.nodes[0].tree.headHash == good[20].hash)
    #expect(ring.nodes[0].tree.status(behind[28].hash) == .invalid)
    #expect(ring.nodes[0].isIgnored(1, now: ring.now))
    // Later, and from somebody else, too: nothing is asked for.
    ring.now += 100
    for peer in [1, 2] {
      ring.nodes[0].connected(peer, now: ring.now)
      ring.nodes[0].receive(.headers(behind.map(\.header)), from: peer, now: ring.now)
    }
    #expect(asked > 10)
    for effect in ring.nodes[0].takeEffects() {
      if case .send(.blockRequest, _) = effect { Issue.record("asked again") }
    }
  }

  @Test func blocksFromTheFutureAreHeldBack() throws {
    let long = try chain(30)
    // By this clock the last ten blocks are in the future.
    var ring = try NodeRing([long, []])
    ring.now = 20
    ring.connect()
    let limit = Double(Sample.rules.futureLimit) / 1000
    #expect(ring.nodes[1].tree.height == 20 + Int(limit))
    #expect(
      ring.refused.contains {
        if case .fromFuture = $0.fault { return $0.description.contains("ahead of this clock") }
        return false
      })
    #expect(!ring.nodes[1].isIgnored(0, now: ring.now))
    ring.tick(20)
    ring.tick(3)
    #expect(ring.nodes[1].tree.headHash == long[30].hash)
  }

  @Test func unaskedBlocksAreNotStored() throws {
    let long = try chain(10)
    var ring = try NodeRing([[]])
    ring.nodes[0].connected(1, now: ring.now)
    ring.nodes[0].receive(.block(long[1]), from: 1, now: ring.now)
    ring.nodes[0].receive(.headers([long[5].header]), from: 1, now: ring.now)
    ring.nodes[0].receive(.block(long[5]), from: 1, now: ring.now)
    #expect(ring.nodes[0].blocks.count == 1 && ring.nodes[0].tree.count == 1)
    // Nor those of a branch that is lighter than the chain, whose headers are welcome.
    ring = try NodeRing([long])
    let side = try chain(3, miner: 1)
    ring.nodes[0].connected(1, now: ring.now)
    ring.nodes[0].receive(.headers(side.dropFirst().map(\.header)), from: 1, now: ring.now)
    ring.nodes[0].receive(.block(side[1]), from: 1, now: ring.now)
    #expect(ring.nodes[0].tree.status(side[3].hash) == .header)
    #expect(ring.nodes[0].blocks.block(hash: side[1].hash) == nil)
    for effect in ring.nodes[0].takeEffects() {
      if case .send(.blockRequest, _) = effect { Issue.record("asked for a lighter branch") }
    }
  }

  /// What nobody asked for is not even decoded, nor what comes from somebody who is not heard.
  @Test func theHeaderTellsWhetherABlockIsWanted() throws {
    let long = try chain(2)
    var ring = try NodeRing([[]])
    let first = LedgerMessage.block(long[1]).encoded
    let second = LedgerMessage.block(long[2]).encoded
    ring.nodes[0].connected(1, now: ring.now)
    #expect(!ring.nodes[0].isWanted(first, from: 1, now: ring.now))
    ring.nodes[0].receive(.headers([long[1].header]), from: 1, now: ring.now)
    #expect(ring.nodes[0].isWanted(first, from: 1, now: ring.now))
    #expect(!ring.nodes[0].isWanted(second, from: 1, now: ring.now))
    // A body that was exchanged for another one belongs to the same header.
    #expect(ring.nodes[0].isWanted(Array(first.dropLast()) + [9], from: 1, now: ring.now))
    let request = LedgerMessage.headerRequest(locator: []).encoded
    for _ in 0..<ring.nodes[0].configuration.faultLimit {
      #expect(ring.nodes[0].isWanted(request, from: 1, now: ring.now))
      ring.nodes[0].receivedNonsense(from: 1, now: ring.now)
    }
    #expect(!ring.nodes[0].isWanted(request, from: 1, now: ring.now))
    #expect(LedgerMessage.hash(ofBlockIn: [4]) == nil)
    #expect(LedgerMessage.hash(ofBlockIn: first) == long[1].hash)
  }

  /// Who gave a block answers for it, not who gave the one before it.
  @Test func theGiverOfAWaitingBlockIsBlamed() throws {
    var good = try SampleChain(NotesApplication())
    try good.grow(1)
    let bad = good.invalidNext()
    var ring = try NodeRing([[]])
    for peer in [1, 2] { ring.nodes[0].connected(peer, now: ring.now) }
    // 1 announces both blocks, and gives the second one alone.
    ring.nodes[0].receive(
      .headers([good.blocks[1].header, bad.header]), from: 1, now: ring.now)
    ring.nodes[0].receive(.block(bad), from: 1, now: ring.now)
    ring.nodes[0].receive(.headers([good.blocks[1].header]), from: 2, now: ring.now)
    ring.nodes[0].receive(.block(good.blocks[1]), from: 2, now: ring.now)
    #expect(ring.nodes[0].tree.headHash == good.blocks[1].hash)
    #expect(ring.nodes[0].tree.status(bad.hash) == .invalid)
    #expect(ring.nodes[0].isIgnored(1, now: ring.now))
    #expect(!ring.nodes[0].isIgnored(2, now: ring.now))
  }

  /// A first piece of somebody else's does not make the rest wrong.
  @Test func whoContinuesAContentIsNotBlamed() throws {
    var ring = try NodeRing([[], []])
    let content = (0..<1000).map { UInt8(truncatingIfNeeded: 7 * $0) }
    let digest = ring.nodes[1].contents.put(content)
    // Member 0 asks the liar, 2, and later member 1.
    ring.nodes[0].connected(2, now: ring.now)
    ring.nodes[0].fetch(digest, now: ring.now)
    ring.nodes[0].receive(
      .contentPiece(
        digest, total: 1 << 20, offset: 0, bytes: [UInt8](repeating: 1, count: 1 << 15)),
      from: 2, now: ring.now)
    ring.nodes[0].connected(1, now: ring.now)
    ring.nodes[1].connected(0, now: ring.now)
    ring.nodes[0].receive(.contentMissing(digest), from: 2, now: ring.now)
    ring.settle()
    #expect(ring.arrived == [digest])
    #expect(ring.nodes[0].contents.content(digest) == .present(content))
  }

  /// To hold a content up by crumbs is no way to hold it up.
  @Test func crumbsAreRefused() throws {
    var ring = try NodeRing([[]])
    let digest = SHA256.hash([1, 2, 3])
    ring.nodes[0].connected(2, now: ring.now)
    ring.nodes[0].fetch(digest, now: ring.now)
    for _ in 0..<2 {
      #expect(!ring.nodes[0].isIgnored(2, now: ring.now))
      ring.nodes[0].receive(
        .contentPiece(digest, total: 1000, offset: 0, bytes: [1]), from: 2, now: ring.now)
    }
    #expect(ring.nodes[0].isIgnored(2, now: ring.now))
  }

  /// To ask for nothing of a content costs as much as to ask for all of it.
  @Test func whatIsReadForOthersIsBounded() throws {
    var ring = try NodeRing([[]])
    let contents = (0..<2).map { [UInt8](repeating: $0, count: 1 << 20) }
    let digests = contents.map { ring.nodes[0].contents.put($0) }
    ring.nodes[0].connected(1, now: ring.now)
    _ = ring.nodes[0].takeEffects()
    for turn in 0..<1000 {
      ring.nodes[0].receive(
        .contentRequest(digests[turn % 2], offset: 1 << 20), from: 1, now: ring.now)
    }
    let limit = 2 * max(Sample.rules.byteLimit, LedgerMessage.pieceLimit) >> 20
    #expect(ring.nodes[0].takeEffects().count <= limit + 4)
    // One content, piece by piece, is read once.
    for _ in 0..<20 {
      ring.nodes[0].receive(.contentRequest(digests[0], offset: 0), from: 1, now: ring.now)
    }
    #expect(ring.nodes[0].takeEffects().count >= 20)
  }

  /// Nobody could ever continue a first block from the future.
  @Test func aFirstBlockFromTheFutureIsRefused() throws {
    let late = Sample.rules.genesis(
      founder: Sample.miner, time: Sample.startTime + Sample.rules.futureLimit + 1)
    let error = #expect(throws: ChainFault.self) { try NodeRing([[]], genesis: [late]) }
    #expect("\(try #require(error))".contains("ahead of this clock"))
    let never = Sample.rules.genesis(founder: Sample.miner, time: .max)
    #expect(throws: LedgerCodingError.self) { try ChainRules(genesis: never) }
  }

  @Test func contentsComeInPiecesFromWhoeverHasThem() throws {
    var configuration = LedgerNodeConfiguration()
    configuration.pieceBytes = 1000
    var ring = try NodeRing([[], [], []], configuration)
    let content = (0..<12_345).map { UInt8(truncatingIfNeeded: $0 * $0) }
    let digest = ring.nodes[2].contents.put(content)
    ring.connect()
    ring.nodes[0].fetch(digest, now: ring.now)
    ring.settle()
    #expect(ring.arrived == [digest])
    #expect(ring.nodes[0].contents.content(digest) == .present(content))
    let pieces = ring.messages.filter { if case .contentPiece = $0.0 { true } else { false } }
    #expect(pieces.count == 13)
    // Nobody has it; later somebody does.
    let other = SHA256.hash([1])
    ring.nodes[0].fetch(other, now: ring.now)
    ring.settle()
    #expect(ring.nodes[0].isFetching(other))
    ring.nodes[1].contents.put([1])
    ring.tick(3)
    ring.tick(3)
    #expect(ring.arrived == [digest, other])
  }

  @Test func wrongContentsAreThrownAway() throws {
    var ring = try NodeRing([[]])
    let digest = SHA256.hash([1, 2, 3])
    ring.nodes[0].connected(7, now: ring.now)
    ring.nodes[0].fetch(digest, now: ring.now)
    ring.nodes[0].receive(
      .contentPiece(digest, total: 3, offset: 0, bytes: [1, 2, 4]), from: 7, now: ring.now)
    ring.nodes[0].receive(
      .contentPiece(digest, total: 1 << 50, offset: 0, bytes: [1]), from: 7, now: ring.now)
    #expect(ring.nodes[0].contents.content(digest) == .unknown)
    #expect(ring.nodes[0].isFetching(digest))
  }

  /// Whoever sends nonsense again and again is not listened to for a while.
  @Test func nonsenseIsHeardForAWhileOnly() throws {
    let long = try chain(5)
    var ring = try NodeRing([[]])
    let limit = ring.nodes[0].configuration.faultLimit
    ring.nodes[0].connected(1, now: ring.now)
    for _ in 1..<limit { ring.nodes[0].receivedNonsense(from: 1, now: ring.now) }
    #expect(!ring.nodes[0].isIgnored(1, now: ring.now))
    ring.nodes[0].receivedNonsense(from: 1, now: ring.now)
    // A new connection does not help.
    ring.nodes[0].disconnected(1, now: ring.now)
    ring.nodes[0].connected(1, now: ring.now)
    ring.nodes[0].receive(.headers([long[1].header]), from: 1, now: ring.now)
    #expect(ring.nodes[0].isIgnored(1, now: ring.now) && ring.nodes[0].tree.count == 1)
    ring.now += ring.nodes[0].configuration.ignoringTime
    ring.nodes[0].receive(.headers([long[1].header]), from: 1, now: ring.now)
    #expect(ring.nodes[0].tree.count == 2)
  }

  /// A template follows the head at once and the pool before long.
  @Test func templatesAreMadeAnew() throws {
    var ring = try NodeRing([[], []])
    ring.connect()
    let first = try #require(ring.templates[0])
    #expect(first.height == 1 && first.transactions.isEmpty)
    try ring.nodes[0].submit(Sample.transaction(0), now: ring.now)
    ring.tick(0.3)
    #expect(ring.templates[0]?.transactions.count == 1)
    try ring.mine(1)
    #expect(ring.templates[0]?.height == 2)
    // Too late.
    let isTaken = ring.nodes[0].mined(SampleChain<NotesApplication>.mined(first), now: ring.now)
    #expect(!isTaken)
    let before = try #require(ring.templates[0]).time
    ring.tick(6)
    #expect(try #require(ring.templates[0]).time > before)
  }

  /// At the height where mining ends no block is asked for or taken.
  @Test func miningEndsAtAHeight() throws {
    var configuration = LedgerNodeConfiguration(miner: Sample.miner)
    configuration.lastMinedHeight = 2
    var ring = try NodeRing([[], []], configuration)
    ring.connect()
    try ring.mine(0)
    try ring.mine(0)
    let last = try #require(ring.templates[0])
    #expect(last.height == 2 && ring.nodes[0].tree.height == 2)
    try ring.nodes[0].submit(Sample.transaction(0), now: ring.now)
    ring.tick(10)
    #expect(ring.templates[0] == last)
    let next = MinedBlock(
      height: 3, previous: ring.nodes[0].tree.headHash, time: last.time + 1000,
      difficulty: last.difficulty, miner: Sample.miner)
    let isTaken = ring.nodes[0].mined(SampleChain<NotesApplication>.mined(next), now: ring.now)
    #expect(!isTaken && ring.nodes[0].tree.height == 2)
  }

  @Test func messagesGoThereAndBack() throws {
    let blocks = try chain(3)
    let hashes = blocks.map(\.hash)
    let messages: [LedgerMessage] = [
      .status(.init(network: hashes[0], head: hashes[1], height: 7, totalWork: 3 << 77 | 5)),
      .headerRequest(locator: hashes), .headers(blocks.map(\.header)), .blockRequest(hashes),
      .block(blocks[2]), .missing([]), .transactionNotice(hashes), .transactionRequest(hashes),
      .transactions(blocks[2].transactions), .contentRequest(hashes[0], offset: 9),
      .contentPiece(hashes[0], total: 100, offset: 50, bytes: [1, 2]), .contentMissing(hashes[1]),
    ]
    for message in messages {
      let bytes = message.encoded
      #expect(try LedgerMessage(decoding: bytes) == message)
      for count in bytes.indices {
        #expect(throws: LedgerCodingError.self) {
          try LedgerMessage(decoding: Array(bytes.prefix(count)))
        }
      }
      #expect(throws: LedgerCodingError.self) { try LedgerMessage(decoding: bytes + [0]) }
    }
  }

  /// Records that are longer than a block are not mined over and over.
  @Test func templatesFitIntoBlocks() throws {
    struct Wordy: LedgerApplication {
      func start(_ genesis: MinedBlock) -> Int { 0 }
      func execute(
        _ transactions: [SignedTransaction], in context: BlockContext, after state: Int
      ) -> Execution<Int> {
        let records = transactions.map { [UInt8](repeating: 7, count: 100 * $0.payload.count) }
        return Execution(
          accepted: transactions, records: records, state: state + transactions.count)
      }
    }
    var rules = Sample.rules
    rules.byteLimit = 4096
    let genesis = rules.genesis(founder: Sample.miner, time: Sample.startTime)
    var node = try LedgerNode(
      Wordy(), genesis: genesis, blocks: MemoryBlockStore<MinedBlock>(),
      contents: MemoryContentStore(),
      configuration: LedgerNodeConfiguration(miner: Sample.miner), epoch: Sample.startTime)
    // The first three fit, the fourth alone is too long.
    for (sequence, length) in [10, 10, 10, 45].enumerated() {
      try node.submit(
        Sample.transaction(
          UInt64(sequence), payload: [UInt8](repeating: 1, count: length), network: genesis.hash),
        now: 1)
    }
    for round in 1...8 {
      node.tick(now: Double(round))
      let template = node.takeEffects().reduce(nil as MinedBlock?) { last, effect in
        if case .mine(let block) = effect { block } else { last }
      }
      guard let template else { continue }
      #expect(template.encodedByteCount <= 4096)
      let block = SampleChain<NotesApplication>.mined(template)
      let isTaken = node.mined(block, now: Double(round))
      #expect(isTaken)
    }
    #expect(node.pool.count == 0 && node.state.application == 3)
    #expect(node.nextSequence(of: Sample.keys[0].verificationKey) == 3)
  }

  /// Whoever asks without end gets no more than a few blocks at a time.
  @Test func askingFastTakesNoMemory() throws {
    var chain = try SampleChain(NotesApplication())
    for sequence in 0..<20 {
      try chain.append(
        chain.next([
          Sample.transaction(UInt64(sequence), payload: [UInt8](repeating: 1, count: 1 << 20))
        ]))
    }
    var ring = try NodeRing([chain.blocks])
    ring.nodes[0].connected(1, now: ring.now)
    for _ in 0..<100 {
      ring.nodes[0].receive(
        .blockRequest(chain.blocks.suffix(4).map(\.hash)), from: 1, now: ring.now)
    }
    let given = ring.nodes[0].takeEffects().filter { effect in
      if case .send(.block, _) = effect { true } else { false }
    }
    #expect(4...16 ~= given.count)
    ring.nodes[0].receive(.blockRequest([chain.blocks[1].hash]), from: 1, now: ring.now)
    #expect(
      ring.nodes[0].takeEffects().contains { effect in
        if case .send(.block(chain.blocks[1]), _) = effect { true } else { false }
      })
  }
}
