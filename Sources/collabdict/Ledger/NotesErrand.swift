import Cryptography
import Ledger

/// Brings a member's notes onto a chain, each once.
struct NotesErrand: ChainErrand {
  let application: NotesApplication
  private let key: SigningKey
  /// Not given to the network yet.
  private var unsent: [[UInt8]]
  /// Given to the network, and on no block of the chain yet.
  private var sent: [(id: Digest, payload: [UInt8])] = []

  /// The kind of transaction that has a note, as text.
  static let kind = TransactionKind(rawValue: 1)

  /// - Parameter store: what this member noted on its chain before is not noted again.
  init(
    _ application: NotesApplication, notes: [String], key: SigningKey, store: ChainStore
  ) throws {
    self.application = application
    self.key = key
    var left = notes.map { Array($0.utf8) }
    for height in 0..<store.count where !left.isEmpty {
      for transaction in try store.block(at: height)?.transactions ?? []
      where transaction.sender == key.verificationKey {
        if let place = left.firstIndex(of: transaction.payload) { left.remove(at: place) }
      }
    }
    unsent = left
  }

  mutating func proceed(
    _ node: inout ChainNode<NotesApplication>, moves: [LedgerMove], now: Double
  ) throws {
    if !moves.isEmpty && !sent.isEmpty {
      for hash in moves.flatMap(\.done) {
        let mined = Set(try node.blocks.block(hash: hash)?.transactions.map(\.id) ?? [])
        sent.removeAll { mined.contains($0.id) }
      }
      // Numbers that were chosen before the chain was here, and are taken there. While the head has
      // gone on past these moves, a note may be neither in the pool nor in their blocks.
      if moves.last?.done.last == node.tree.headHash {
        unsent += sent.filter { !node.pool.contains($0.id) }.map(\.payload)
        sent.removeAll { !node.pool.contains($0.id) }
      }
    }
    while let payload = unsent.first {
      let note = SignedTransaction(
        network: node.network, sequence: node.nextSequence(of: key.verificationKey),
        kind: Self.kind, payload: payload, key: key)
      do {
        try node.submit(note, now: now)
        sent.append((note.id, payload))
      } catch {
        switch error {
        // There is room later.
        case .senderHasTooMany, .poolIsFull: return
        default: Console.note("a note is not sent: \(error)")
        }
      }
      unsent.removeFirst()
    }
  }

  func facts(_ state: NotesApplication.State) -> [(String, JSON)] { MinedChains.facts(state) }
}
