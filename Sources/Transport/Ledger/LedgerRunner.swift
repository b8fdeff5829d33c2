import Ledger

/// One member of a mined chain, over sockets: the caller's thread carries messages and drives the
/// node, a second one searches nonces, and stops at once when there is another head.
public struct LedgerRunner<
  Application: LedgerApplication, Blocks: ForkingBlockStore & ~Copyable,
  Contents: ContentStore & ~Copyable
>: ~Copyable where Blocks.Stored == MinedBlock {
  public typealias Node = LedgerNode<Application, Blocks, Contents>

  private let mesh: Mesh
  private var node: Node
  private let calendar: () -> UInt64
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var lastTick = -1.0
  /// Whom the node takes to be there.
  private var present: Set<Int> = []
  private static var tickInterval: Double { 0.02 }

  /// - Parameters:
  ///   - mesh: its messages must be long enough for the chain's blocks.
  ///   - calendar: milliseconds since 1970; the machine's clock unless told otherwise.
  /// - Throws: ``TransportError`` if a block may be longer than a message.
  public init(
    mesh: Mesh, node: consuming Node,
    calendar: @escaping () -> UInt64 = { WallClock.milliseconds }
  ) throws(TransportError) {
    let needed = node.tree.rules.byteLimit + 64
    guard mesh.settings.maximumMessageBytes >= needed else {
      throw TransportError(
        .badSetting,
        "messages of \(mesh.settings.maximumMessageBytes) bytes are too short for the chain's blocks",
        at: "setting bytes of a message", remedy: "choose at least \(needed)")
    }
    self.mesh = mesh
    self.node = node
    self.calendar = calendar
    start = clock.now
  }

  private var now: Double { start.duration(to: clock.now) / .seconds(1) }

  /// Runs until `steer` says no.
  ///
  /// - Parameters:
  ///   - hashRate: hashes a second that the miner makes at most; `nil` for all it can.
  ///   - observe: told of what happens, beside messages and templates, before `steer` sees it and
  ///     before this returns.
  ///   - steer: called every few hundredths of a second, on the caller's thread, with the time by the
  ///     node's clock. It may submit transactions, fetch contents, and change the mesh's members.
  /// - Returns: the node, with its stores.
  /// - Throws: what a store failed with, or a ``TransportError``.
  public consuming func run(
    hashRate: Double? = nil, observe: (LedgerEffect) throws -> Void = { _ in },
    steer: (inout Node, Mesh, _ now: Double) throws -> Bool
  ) throws -> Node {
    let desk = MiningDesk(waker: mesh.waker, hashRate: hashRate)
    let miner = try Thread { desk.mine() }
    defer { desk.close() }
    _ = miner
    try carry(desk, observe, steer)
    return node
  }

  private mutating func carry(
    _ desk: MiningDesk, _ observe: (LedgerEffect) throws -> Void,
    _ steer: (inout Node, Mesh, Double) throws -> Bool
  ) throws {
    while true {
      let mesh = mesh
      // One after the other: what waits in memory meanwhile is one message.
      try mesh.receive(timeoutMilliseconds: 20) { event in
        setClock()
        take(event)
      }
      setClock()
      for block in desk.takeFound() { node.mined(block, now: now) }
      if now - lastTick >= Self.tickInterval {
        lastTick = now
        node.tick(now: lastTick)
        // Whoever steers has been told of all that led to what it sees.
        try handOut(desk, observe)
        if !(try steer(&node, mesh, now)) { return try handOut(desk, observe) }
        compareConnections()
      }
      try handOut(desk, observe)
    }
  }

  private mutating func handOut(
    _ desk: MiningDesk, _ observe: (LedgerEffect) throws -> Void
  ) throws {
    if let failure = node.failure { throw failure }
    for effect in node.takeEffects() {
      switch effect {
      // What cannot be sent now is asked for again by whoever needs it.
      case .send(let message, let member): mesh.send(message.encoded, to: member)
      case .mine(let block): desk.set(block)
      default: try observe(effect)
      }
    }
  }

  /// The calendar may be set anew while the node's clock goes on.
  private mutating func setClock() { node.epoch = calendar() &- UInt64(now * 1000) }

  private mutating func take(_ event: MeshEvent) {
    switch event {
    case .message(let member, let payload):
      guard node.isWanted(payload, from: member, now: now) else { return }
      do {
        node.receive(try LedgerMessage(decoding: payload), from: member, now: now)
      } catch {
        node.receivedNonsense(from: member, now: now)
      }
    case .connected(let member):
      if present.insert(member).inserted { node.connected(member, now: now) }
    case .disconnected(let member):
      if present.remove(member) != nil { node.disconnected(member, now: now) }
    case .statusRequest, .woken: break
    }
  }

  /// Links that were taken away tell nothing of their end.
  private mutating func compareConnections() {
    let connected = mesh.connectedMembers
    for member in present.subtracting(connected).sorted() {
      present.remove(member)
      node.disconnected(member, now: now)
    }
    for member in connected.subtracting(present).sorted() {
      present.insert(member)
      node.connected(member, now: now)
    }
  }
}
