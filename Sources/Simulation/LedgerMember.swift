import Cryptography
import Ledger
import Synchronization

extension LedgerMessage: SimulatedMessage {}

/// What outlives a stop of a simulated miner: its blocks.
final class LedgerDisk: ForkingBlockStore, Sendable {
  typealias Stored = MinedBlock
  typealias Failure = ChainError

  private let store = Mutex(MemoryBlockStore<MinedBlock>())

  var count: Int { store.withLock { $0.count } }
  var head: MinedBlock? { store.withLock { $0.head } }
  var blocks: [MinedBlock] { store.withLock { $0.blocks } }
  func block(at height: Int) -> MinedBlock? { store.withLock { $0.block(at: height) } }
  func block(hash: Digest) -> MinedBlock? { store.withLock { $0.block(hash: hash) } }

  private func change(
    _ body: (inout MemoryBlockStore<MinedBlock>) throws(ChainError) -> Void
  ) throws(ChainError) {
    try store.withLock { store throws(ChainError) in try body(&store) }
  }

  func append(_ block: MinedBlock) throws(ChainError) {
    try change { store throws(ChainError) in try store.append(block) }
  }
  func keep(_ block: MinedBlock) throws(ChainError) {
    try change { store throws(ChainError) in try store.keep(block) }
  }
  func reorganise(to hash: Digest) throws(ChainError) {
    try change { store throws(ChainError) in try store.reorganise(to: hash) }
  }
}

/// A member of a mined chain in a virtual network. Its nonces are found for real, after a time that
/// is exponential with the mean that difficulty and hash power give.
struct LedgerMember<Application: LedgerApplication>: SimulatedMember {
  typealias Node = LedgerNode<Application, LedgerDisk, MemoryContentStore>

  private(set) var node: Node
  let behaviour: LedgerBehaviour
  private let key: SigningKey
  /// Hashes a virtual second.
  private let power: Double
  /// Seconds between two of this member's notes, on average; `nil` for none.
  private let noteInterval: Double?
  private var random: SimulationRandom
  private var search: (block: MinedBlock, end: Double)?
  private var nextNote = Double.infinity
  private var outgoing: [(message: LedgerMessage, to: Int)] = []
  /// Blocks that break a rule, which this member shows around.
  private var bogus: [Digest: MinedBlock] = [:]
  /// What it has said before, to say it again.
  private var memory: [(message: LedgerMessage, to: Int)] = []
  private var isMining = true
  /// Heads that gave way to others.
  private(set) var reorganisations = 0
  private(set) var refusals: [ChainFault] = []
  private(set) var arrived: Set<Digest> = []

  init(
    _ node: Node, key: SigningKey, power: Double, noteInterval: Double?, seed: UInt64,
    behaviour: LedgerBehaviour = .honest
  ) {
    self.node = node
    self.key = key
    self.power = power
    self.noteInterval = noteInterval
    self.behaviour = behaviour
    random = SimulationRandom(seed: seed)
  }

  private mutating func wait(_ mean: Double) -> Double {
    random.exponential() * mean
  }

  mutating func stopMining() {
    isMining = false
    search = nil
  }

  mutating func fetch(_ digest: Digest, now: Double) {
    node.fetch(digest, now: now)
    carryOut(now: now)
  }

  mutating func receive(_ message: LedgerMessage, from member: Int, now: Double) {
    if case .blockRequest(let hashes) = message {
      for hash in hashes {
        if let block = bogus[hash] { outgoing.append((.block(block), member)) }
      }
    }
    node.receive(message, from: member, now: now)
    carryOut(now: now)
  }

  mutating func connected(_ member: Int, now: Double) {
    node.connected(member, now: now)
    carryOut(now: now)
  }

  mutating func disconnected(_ member: Int, now: Double) {
    node.disconnected(member, now: now)
    carryOut(now: now)
  }

  mutating func tick(now: Double) {
    node.tick(now: now)
    carryOut(now: now)
    if let (block, end) = search, now >= end {
      search = nil
      found(block, now: now)
      carryOut(now: now)
    }
    guard let noteInterval else { return }
    if nextNote == .infinity { nextNote = now + wait(noteInterval) }
    if now >= nextNote {
      nextNote = now + wait(noteInterval)
      let note = SignedTransaction(
        network: node.network, sequence: node.nextSequence(of: key.verificationKey),
        kind: TransactionKind(rawValue: 1), payload: [UInt8(truncatingIfNeeded: random.next())],
        key: key)
      // A pool that is full is full.
      try? node.submit(note, now: now)
      carryOut(now: now)
    }
  }

  private mutating func found(_ block: MinedBlock, now: Double) {
    if behaviour == .invalidBlocks, random.happens(0.7) {
      let broken = behaviour.broken(block, choice: random.next())
      let number = ProofOfWork.nonce(for: broken.header, in: 0..<(1 << 32))
      let finished = number.map { broken.with(nonce: $0) } ?? broken
      bogus[finished.hash] = finished
      for member in others { outgoing.append((.headers([finished.header]), member)) }
      node.tick(now: now)
      search = (block, now + wait(Double(block.difficulty) / power))
      return
    }
    guard let nonce = ProofOfWork.nonce(for: block.header, in: 0..<(1 << 40)) else { return }
    node.mined(block.with(nonce: nonce), now: now)
  }

  private var others: [Int] { Array(Set(memory.map { $0.to })).sorted() }

  mutating func takeMessages() -> [(message: LedgerMessage, to: Int)] {
    defer { outgoing = [] }
    return outgoing
  }

  private mutating func carryOut(now: Double) {
    for effect in node.takeEffects() {
      switch effect {
      case .send(let message, let member): say(message, to: member, now: now)
      case .mine(let block):
        if isMining { search = (block, now + wait(Double(block.difficulty) / power)) }
      case .moved(let move): if !move.undone.isEmpty { reorganisations += 1 }
      case .refused(let fault, _): refusals.append(fault)
      case .contentArrived(let digest): arrived.insert(digest)
      case .foreign: break
      }
    }
  }

  private mutating func say(_ message: LedgerMessage, to member: Int, now: Double) {
    if behaviour != .honest {
      memory.append((message, member))
      if memory.count > 500 { memory.removeFirst(250) }
    }
    if behaviour.conceals(message, now: now) { return }
    outgoing.append((message, member))
    if behaviour == .oldMessages && random.happens(0.5) {
      outgoing.append(memory[Int(random.next() % UInt64(memory.count))])
    }
  }
}

extension SimulationRandom {
  /// An exponential number of mean 1, by comparisons alone (von Neumann 1951): of a row of uniform
  /// numbers that falls at first, the first one if an odd number of them does, and else one more than
  /// what the next row gives.
  mutating func exponential() -> Double {
    var whole = 0.0
    while true {
      let first = fraction()
      var (last, isOdd) = (first, true)
      while true {
        let next = fraction()
        if next >= last { break }
        (last, isOdd) = (next, !isOdd)
      }
      if isOdd { return whole + first }
      whole += 1
    }
  }
}
