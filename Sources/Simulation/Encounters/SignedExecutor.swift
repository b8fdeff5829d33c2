import Incentives
import Ledger

/// A contract on a chain, as a place for calls: each is a signed transaction in a mined block.
public final class SignedExecutor<Subject: CodedContract>: ContractExecutor {
  public let accounts: [AccountAddress]
  private var chain: ContractChain<Subject>
  private let keep: (MinedBlock) throws -> Void

  /// - Parameters:
  ///   - parties: how many of the chain's parties take part.
  ///   - keep: handed each block, the first one at once.
  public init(
    _ chain: consuming ContractChain<Subject>, parties: Int,
    keep: @escaping (MinedBlock) throws -> Void
  ) throws {
    var accounts: [AccountAddress] = []
    for party in 0..<parties { accounts.append(chain.account(party)) }
    self.accounts = accounts
    self.keep = keep
    self.chain = chain
    try keep(self.chain.genesis)
  }

  public var contract: Subject { chain.state.contract }
  public var tokens: TokenAccounts { chain.state.tokens }
  public var height: UInt64 { chain.height }

  public func execute(
    _ calls: [PartyCall<Subject.Call>]
  ) throws -> ExecutedBlock<Subject> {
    let step = try chain.mine(calls.map { ($0.call, $0.party) })
    try keep(step.block)
    return ExecutedBlock(begun: step.due, results: step.outcomes.map { try? $0.get() })
  }
}
