import Cryptography

/// One member of a mined chain as a state machine: messages, ticks and found nonces in, messages and
/// templates out. Blocks go to its store before anybody hears of them.
///
/// Headers come first: they show the work of a branch before a block of it is asked for, and blocks
/// are asked for only on branches that are heavier than the chain. A block that continues the chain is
/// executed before it is stored; one beside it is stored, and executed when its branch is the
/// heavier. A block that breaks a rule is remembered, with all behind it, and not asked for again.
///
/// Times called `now` are seconds of any clock that only goes forwards; ``epoch`` ties it to the
/// calendar.
public struct LedgerNode<
  Application: LedgerApplication, Blocks: ForkingBlockStore & ~Copyable,
  Contents: ContentStore & ~Copyable
>: ~Copyable where Blocks.Stored == MinedBlock {
  public let application: Application
  public let configuration: LedgerNodeConfiguration
  /// The hash of the first block.
  public let network: Digest
  /// Milliseconds since 1970 at the time 0 of the clock.
  public var epoch: UInt64
  public internal(set) var tree: BlockTree
  public internal(set) var pool: TransactionPool
  /// Behind the head.
  public internal(set) var state: ChainState<Application>
  public internal(set) var blocks: Blocks
  public internal(set) var contents: Contents
  /// What a store failed with: the node does nothing any more.
  public internal(set) var failure: (any Error)?

  let genesisState: ChainState<Application>
  var states: [Digest: ChainState<Application>]
  var stateOrder: [Digest]
  var peers: [Int: LedgerPeer] = [:]
  /// Blocks that came before those before them, and who gave each.
  var waiting: [Digest: (block: MinedBlock, peer: Int?)] = [:]
  var requestedTransactions: [Digest: Double] = [:]
  var downloads: [Digest: ContentDownload] = [:]
  var effects: [LedgerEffect] = []
  var lastStatus = -Double.infinity
  var lastTemplate = -Double.infinity
  var needsTemplate = true
  var hasNewTransactions = false
  /// The header of the last template, without a nonce, and the state behind it.
  var templated: (header: BlockHeader, state: Application.State)?
  /// Bytes that were read for others since the last look at the effects.
  var givenBytes = 0
  /// What was read last for another: it is asked for piece by piece.
  var lastGiven: (digest: Digest, bytes: [UInt8])?

  /// Starts from a store, whose chain is verified from its first block.
  ///
  /// - Parameters:
  ///   - genesis: the first block; it names the network.
  ///   - blocks: empty, or with a chain of this network.
  ///   - epoch: milliseconds since 1970 at the time 0 of the clock.
  /// - Throws: ``ChainFault`` for a stored chain that breaks a rule or a first block that is dated
  ///   ahead of the calendar, or what the store fails with.
  public init(
    _ application: Application, genesis: MinedBlock, blocks: consuming Blocks,
    contents: consuming Contents, configuration: LedgerNodeConfiguration, epoch: UInt64
  ) throws {
    // Nobody could add to it before the calendar is there.
    if let rules = try? ChainRules(genesis: genesis), genesis.time > epoch,
      genesis.time - epoch > rules.futureLimit
    {
      throw ChainFault(
        height: 0, hash: genesis.hash,
        fault: .fromFuture(milliseconds: genesis.time - epoch, limit: rules.futureLimit))
    }
    var store = blocks
    let loaded = try Self.load(application, genesis, &store, configuration)
    self.init(application, loaded, store, contents, configuration, epoch, network: genesis.hash)
  }

  /// What a store's chain says.
  private struct Loaded {
    var tree: BlockTree
    let genesisState: ChainState<Application>
    var state: ChainState<Application>
    var states: [Digest: ChainState<Application>] = [:]
    var stateOrder: [Digest] = []
  }

  /// Nothing can fail any more.
  private init(
    _ application: Application, _ loaded: Loaded, _ blocks: consuming Blocks,
    _ contents: consuming Contents, _ configuration: LedgerNodeConfiguration, _ epoch: UInt64,
    network: Digest
  ) {
    self.application = application
    self.configuration = configuration
    self.network = network
    self.epoch = epoch
    tree = loaded.tree
    pool = TransactionPool(limits: configuration.pool)
    state = loaded.state
    self.blocks = blocks
    self.contents = contents
    genesisState = loaded.genesisState
    states = loaded.states
    stateOrder = loaded.stateOrder
  }

  private static func load(
    _ application: Application, _ genesis: MinedBlock, _ store: inout Blocks,
    _ configuration: LedgerNodeConfiguration
  ) throws -> Loaded {
    if store.count == 0 { try store.append(genesis) }
    guard let first = try store.block(at: 0) else { throw ChainError.notFirst }
    var verifier = try ChainVerifier(application, genesis: first, network: genesis.hash)
    var loaded = Loaded(
      tree: BlockTree(genesis: first, rules: verifier.rules, sideLimit: configuration.sideLimit),
      genesisState: verifier.state, state: verifier.state)
    for height in 1..<max(1, store.count) {
      guard let block = try store.block(at: height) else {
        throw ChainError.unknownParent(UInt64(height + 1))
      }
      try verifier.append(block)
      try loaded.tree.insert(block.header, hash: block.hash, now: nil)
      loaded.tree.store(block.hash)
      if height + configuration.keptStates >= store.count {
        loaded.states[block.hash] = verifier.state
        loaded.stateOrder.append(block.hash)
      }
    }
    loaded.tree.reorganise(to: verifier.headHash)
    loaded.state = verifier.state
    return loaded
  }

  /// Milliseconds since 1970.
  func calendar(_ now: Double) -> UInt64 { epoch &+ UInt64(max(0, now) * 1000) }

  public var status: LedgerMessage.Status {
    LedgerMessage.Status(
      network: network, head: tree.headHash, height: UInt64(tree.height),
      totalWork: tree.totalWork)
  }

  /// The state behind a block, as far as it is kept: behind the head, and recent blocks of the chain.
  public func keptState(behind hash: Digest) -> ChainState<Application>? {
    hash == tree.headHash ? state : states[hash]
  }

  /// What there is to do, since the last call.
  public mutating func takeEffects() -> [LedgerEffect] {
    var taken: [LedgerEffect] = []
    swap(&taken, &effects)
    givenBytes = 0
    return taken
  }

  // MARK: Inputs

  public mutating func connected(_ peer: Int, now: Double) {
    let ignoredUntil = peers[peer]?.ignoredUntil
    peers[peer] = LedgerPeer()
    if let ignoredUntil { peers[peer]?.ignoredUntil = ignoredUntil }
    send(.status(status), to: peer)
    send(notice, to: peer)
  }

  public mutating func disconnected(_ peer: Int, now: Double) {
    // Who broke rules is remembered.
    if let known = peers[peer], known.ignoredUntil > now {
      peers[peer]?.inFlight = [:]
      peers[peer]?.stalledUntil = .infinity
    } else {
      peers[peer] = nil
    }
    schedule(now: now)
  }

  public mutating func receive(_ message: LedgerMessage, from peer: Int, now: Double) {
    if peers[peer] == nil { peers[peer] = LedgerPeer() }
    guard failure == nil, let known = peers[peer], known.ignoredUntil <= now else { return }
    if known.isForeign {
      guard case .status = message else { return }
    }
    switch message {
    case .status(let status): take(status, from: peer, now: now)
    case .headerRequest(let locator):
      let headers = tree.headers(behind: locator, limit: LedgerMessage.headerLimit)
      if !headers.isEmpty { send(.headers(headers), to: peer) }
    case .headers(let headers): take(headers, from: peer, now: now)
    case .blockRequest(let hashes): give(hashes, to: peer)
    case .block(let block): take(block, from: peer, now: now)
    case .missing(let hashes):
      for hash in hashes { peers[peer]?.inFlight[hash] = nil }
      peers[peer]?.stall(now: now, configuration.requestTimeout)
      schedule(now: now)
    case .transactionNotice(let ids): ask(for: ids, from: peer, now: now)
    case .transactionRequest(let ids): give(transactions: ids, to: peer)
    case .transactions(let transactions): take(transactions, from: peer, now: now)
    case .contentRequest(let digest, let offset): give(content: digest, offset, to: peer)
    case .contentPiece(let digest, let total, let offset, let bytes):
      take(piece: bytes, of: digest, total: total, offset: offset, from: peer, now: now)
    case .contentMissing(let digest): miss(digest, at: peer, now: now)
    }
    template(now: now)
  }

  /// A peer sent bytes that are no message: it is of another version, or broken.
  public mutating func receivedNonsense(from peer: Int, now: Double) {
    if peers[peer] == nil { peers[peer] = LedgerPeer() }
    blame(peer, now: now)
  }

  /// To be called every few hundredths of a second.
  public mutating func tick(now: Double) {
    guard failure == nil else { return }
    for peer in peers.keys.sorted() {
      let late = peers[peer]?.inFlight.filter { $0.value <= now } ?? [:]
      if late.isEmpty { continue }
      for hash in late.keys { peers[peer]?.inFlight[hash] = nil }
      peers[peer]?.stall(now: now, configuration.requestTimeout)
    }
    requestedTransactions = requestedTransactions.filter { $0.value > now }
    if now - lastStatus >= configuration.statusInterval {
      lastStatus = now
      let notice = notice
      for peer in listeners {
        send(.status(status), to: peer)
        if pool.count > 0 { send(notice, to: peer) }
      }
    }
    schedule(now: now)
    continueDownloads(now: now)
    template(now: now)
  }

  // MARK: Peers

  /// Who is spoken to.
  var listeners: [Int] {
    peers.filter { !$0.value.isForeign && $0.value.stalledUntil < .infinity }.keys.sorted()
  }

  /// Whether more blocks, transactions and contents may be given before the surroundings have taken
  /// those that were asked for: who asks fast takes no memory.
  var mayGive: Bool { givenBytes <= 2 * max(tree.rules.byteLimit, LedgerMessage.pieceLimit) }

  mutating func send(_ message: LedgerMessage, to peer: Int) {
    effects.append(.send(message, to: peer))
  }

  /// Takes note of a rule that a peer broke.
  mutating func blame(_ peer: Int?, weight: Int = 1, now: Double) {
    guard let peer, peers[peer] != nil else { return }
    peers[peer]?.faults += weight
    if peers[peer]?.faults ?? 0 >= configuration.faultLimit {
      peers[peer]?.faults = 0
      peers[peer]?.ignoredUntil = now + configuration.ignoringTime
      peers[peer]?.inFlight = [:]
    }
  }

  /// Whether a message is worth decoding: that of somebody who is listened to, and a block only if it
  /// was asked for. Its header tells, before its body costs anything.
  public func isWanted(_ payload: [UInt8], from peer: Int, now: Double) -> Bool {
    if peers[peer].map({ $0.ignoredUntil > now }) ?? false { return false }
    guard let hash = LedgerMessage.hash(ofBlockIn: payload) else { return true }
    return peers.values.contains { $0.inFlight[hash] != nil }
  }

  /// Whether a peer is not listened to because it broke rules.
  public func isIgnored(_ peer: Int, now: Double) -> Bool {
    peers[peer].map { $0.ignoredUntil > now || $0.isForeign } ?? false
  }
}

extension LedgerNode: Copyable where Blocks: Copyable, Contents: Copyable {}
extension LedgerNode: Sendable where Blocks: Sendable & ~Copyable, Contents: Sendable & ~Copyable {}
