import CollaborativeLearning
import Ledger
import Synchronization

extension OrderedMessage: SimulatedMessage {}

/// What outlives a stop of a simulated client, endorser or orderer: its chain, and what it was asked
/// to remember.
final class OrderedDisk: Sendable {
  struct Contents {
    var blocks = MemoryBlockStore<Block>()
    var memory: [UInt8]?
    /// What happened, for the report of a run.
    var refusals: [TransactionError] = []
    var notes: [String] = []
  }
  private let contents: Mutex<Contents>

  init(firstBlock: Block) throws(ChainError) {
    var start = Contents()
    try start.blocks.append(firstBlock)
    contents = Mutex(start)
  }

  func with<R: Sendable>(_ body: @Sendable (inout Contents) -> R) -> R {
    contents.withLock { body(&$0) }
  }
}

/// A client, endorser or orderer of a virtual network.
struct OrderedMember: SimulatedMember {
  enum Role {
    case client(Client)
    case endorser(Endorser)
    case orderer(Orderer)
  }

  /// Who has which number in the network: clients first, then endorsers, then orderers.
  struct Seats: Sendable {
    var clients: Int
    var endorsers: Int
    var orderers: Int

    var count: Int { clients + endorsers + orderers }

    func number(_ node: OrderedNode) -> Int {
      switch node.role {
      case .client: node.index
      case .endorser: clients + node.index
      case .orderer: clients + endorsers + node.index
      }
    }

    func node(_ number: Int) -> OrderedNode {
      if number < clients { return OrderedNode(.client, number) }
      if number < clients + endorsers { return OrderedNode(.endorser, number - clients) }
      return OrderedNode(.orderer, number - clients - endorsers)
    }
  }

  private(set) var role: Role
  private let seats: Seats
  private let disk: OrderedDisk
  private var outgoing: [(message: OrderedMessage, to: Int)] = []

  init(_ role: Role, _ seats: Seats, _ disk: OrderedDisk) {
    self.role = role
    self.seats = seats
    self.disk = disk
    carryOut()
  }

  var isFinished: Bool {
    switch role {
    case .client(let client): client.result != nil || client.failure != nil
    case .endorser(let endorser): endorser.isFinished
    case .orderer(let orderer): orderer.isFinished
    }
  }

  mutating func receive(_ message: OrderedMessage, from member: Int, now: Double) {
    let node = seats.node(member)
    change { role in
      switch role {
      case .client(var client):
        client.receive(message, from: node, now: now)
        role = .client(client)
      case .endorser(var endorser):
        endorser.receive(message, from: node, now: now)
        role = .endorser(endorser)
      case .orderer(var orderer):
        orderer.receive(message, from: node, now: now)
        role = .orderer(orderer)
      }
    }
  }

  mutating func tick(now: Double) {
    change { role in
      switch role {
      case .client(var client):
        client.tick(now: now)
        role = .client(client)
      case .endorser(var endorser):
        endorser.tick(now: now)
        role = .endorser(endorser)
      case .orderer(var orderer):
        orderer.tick(now: now)
        role = .orderer(orderer)
      }
    }
  }

  // Roles notice by silence, not by connections, that somebody is gone.
  mutating func connected(_ member: Int, now: Double) {}
  mutating func disconnected(_ member: Int, now: Double) {}

  mutating func takeMessages() -> [(message: OrderedMessage, to: Int)] {
    defer { outgoing = [] }
    return outgoing
  }

  private mutating func change(_ body: (inout Role) -> Void) {
    body(&role)
    carryOut()
  }

  /// Does what the role asks for, in its order.
  private mutating func carryOut() {
    let effects: [OrderedEffect]
    switch role {
    case .client(var client):
      effects = client.takeEffects()
      role = .client(client)
    case .endorser(var endorser):
      effects = endorser.takeEffects()
      role = .endorser(endorser)
    case .orderer(var orderer):
      effects = orderer.takeEffects()
      role = .orderer(orderer)
    }
    for effect in effects {
      switch effect {
      case .send(let message, let node): outgoing.append((message, seats.number(node)))
      case .remember(let bytes): disk.with { $0.memory = bytes }
      case .append(let block):
        disk.with { disk in
          do {
            try disk.blocks.append(block)
          } catch {
            disk.notes.append("a block could not be kept: \(error)")
          }
        }
      case .supply(let heights, let node):
        let blocks = disk.with { disk in heights.compactMap { disk.blocks.block(at: $0) } }
        for block in blocks { outgoing.append((.block(block), seats.number(node))) }
      case .refused(let error, _): disk.with { $0.refusals.append(error) }
      case .note(let text): disk.with { $0.notes.append(text) }
      }
    }
  }
}
