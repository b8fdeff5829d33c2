import Cryptography
import Ledger

/// How a simulated member of a mined chain behaves.
public enum LedgerBehaviour: Sendable, Hashable, CaseIterable {
  case honest
  /// Mines blocks that break a rule and shows them to everybody.
  case invalidBlocks
  /// Says again what it said before, old heads and old blocks.
  case oldMessages
  /// Shows headers and never gives a block.
  case withheldBlocks
  /// Mines in secret, and shows now and then what it has.
  case secretMining

  /// Whether it keeps a message to itself.
  func conceals(_ message: LedgerMessage, now: Double) -> Bool {
    switch self {
    case .honest, .invalidBlocks, .oldMessages: return false
    case .withheldBlocks:
      if case .block = message { return true }
      return false
    case .secretMining:
      guard Int(now / 15) % 2 == 0 else { return false }
      switch message {
      case .status, .headers: return true
      default: return false
      }
    }
  }

  /// A block like another that breaks a rule; its nonce is not found yet.
  func broken(_ block: MinedBlock, choice: UInt64) -> MinedBlock {
    var (transactions, records, difficulty, time) = (
      block.transactions, block.records, block.difficulty, block.time
    )
    switch choice % 5 {
    case 0: records.append([1, 2, 3])
    case 1:
      let key = SigningKey(seed: [UInt8](repeating: 3, count: 32))
      let forged = SignedTransaction(
        network: block.previous, sender: key.verificationKey, sequence: 0,
        kind: TransactionKind(rawValue: 9), payload: [],
        signature: key.signature(for: [1]))
      transactions.append(forged)
    case 2:
      if let first = transactions.first { transactions.append(first) } else { records += [[]] }
    case 3:
      difficulty = max(1, difficulty / 2 + 1) == difficulty ? difficulty + 1 : difficulty / 2 + 1
    default: time = 1
    }
    return MinedBlock(
      height: block.height, previous: block.previous, time: time, difficulty: difficulty,
      miner: block.miner, transactions: transactions, records: records)
  }
}
