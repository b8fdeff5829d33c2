import Cryptography
import Ledger

/// A contract on a mined chain: the payloads of transactions are its calls, and the blocks' records are
/// its events.
///
/// The sender's key is the caller's account. A call that the contract refuses stays in its block as refused; bytes that are no call never come into a block.
public struct ContractApplication<C: CodedContract>: LedgerApplication {
  /// What a chain says of a contract up to a block.
  public struct State: Sendable {
    public internal(set) var contract: C
    public internal(set) var tokens: TokenAccounts
    /// Calls in all blocks, and those of them that were refused.
    public internal(set) var calls = 0
    public internal(set) var refusals = 0
    /// Why calls of the last block were refused, by the places of their transactions.
    public internal(set) var reasons: [UInt32: String] = [:]
  }

  public init() {}

  public func start(_ genesis: MinedBlock) throws(ApplicationRefusal) -> State {
    do {
      let (contract, tokens) = try C.start(records: Array(genesis.records.dropFirst()))
      return State(contract: contract, tokens: tokens)
    } catch {
      throw ApplicationRefusal("first block: \(error)")
    }
  }

  public func refusal(of transaction: SignedTransaction, after state: State) -> String? {
    guard transaction.kind == ContractCall.kind else {
      return "transactions of kind \(transaction.kind.rawValue) are unknown here"
    }
    do {
      _ = try C.Call(decoding: transaction.payload)
      return nil
    } catch {
      return "\(error)"
    }
  }

  public func execute(
    _ transactions: [SignedTransaction], in context: BlockContext, after state: State
  ) -> Execution<State> {
    var state = state
    var accepted: [SignedTransaction] = []
    var records: [[UInt8]] = []
    var skipped: Set<VerificationKey> = []
    state.reasons = [:]
    let callContext = CallContext(
      height: context.height, time: context.time, entropy: context.previous)
    let due = state.contract.begin(callContext, &state.tokens)
    let moved = state.tokens.takeEvents()
    if !due.isEmpty || !moved.isEmpty {
      records.append(ContractRecord<C.Event>.begun(due, moved).encoded)
    }
    for transaction in transactions where !skipped.contains(transaction.sender) {
      guard transaction.kind == ContractCall.kind,
        let call = try? C.Call(decoding: transaction.payload)
      else {
        skipped.insert(transaction.sender)
        continue
      }
      let place = UInt32(accepted.count)
      accepted.append(transaction)
      state.calls += 1
      let record: ContractRecord<C.Event>
      do {
        let events = try state.contract.perform(
          call, by: AccountAddress(transaction.sender), in: callContext, &state.tokens)
        record = .performed(place, events, state.tokens.takeEvents())
      } catch {
        state.refusals += 1
        state.reasons[place] = error.description
        record = .refused(place)
      }
      records.append(record.encoded)
    }
    return Execution(accepted: accepted, records: records, state: state)
  }
}

/// A contract's call as a transaction.
public enum ContractCall {
  /// The kind of transaction that has one.
  public static let kind = TransactionKind(rawValue: 1)

  /// Signs a call.
  ///
  /// - Parameters:
  ///   - network: the hash of the chain's first block.
  ///   - sequence: the number of the caller's next transaction.
  public static func transaction(
    _ call: some LedgerValue, network: Digest, sequence: UInt64, key: SigningKey
  ) -> SignedTransaction {
    SignedTransaction(
      network: network, sequence: sequence, kind: kind, payload: call.encoded, key: key)
  }
}
