import Cryptography
import Incentives

/// Where the calls of several parties on a contract are put into blocks.
public protocol ContractExecutor<Subject>: SendableMetatype {
  associatedtype Subject: Contract

  /// The parties' accounts, in the order of their numbers.
  var accounts: [AccountAddress] { get }
  var contract: Subject { get }
  var tokens: TokenAccounts { get }
  /// Of the last block.
  var height: UInt64 { get }

  /// Puts calls into the next block, in their order. It may be empty: time goes on, too.
  mutating func execute(_ calls: [PartyCall<Subject.Call>]) throws -> ExecutedBlock<Subject>
}

/// What a party asks for.
public struct PartyCall<Call: Sendable>: Sendable {
  /// The party's number.
  public let party: Int
  public let call: Call

  public init(_ party: Int, _ call: Call) {
    self.party = party
    self.call = call
  }
}

/// What has come of a block.
public struct ExecutedBlock<Subject: Contract>: Sendable {
  /// Of what was due when it began.
  public let begun: [Subject.Event]
  /// Of each call, in their order; `nil` where it was refused.
  public let results: [[Subject.Event]?]

  public init(begun: [Subject.Event], results: [[Subject.Event]?]) {
    self.begun = begun
    self.results = results
  }
}

/// A contract in memory, without signatures and without work: for simulations that leave no chain.
///
/// The entropy of a block follows from a seed, so that the same seed draws the same validators. Nobody
/// mines here, and nobody is there who could choose it.
public struct UnsignedExecutor<Subject: Contract>: ContractExecutor {
  public let accounts: [AccountAddress]
  private var host: ContractHost<Subject>
  public private(set) var height: UInt64 = 0
  private var entropy: Digest

  public init(
    _ contract: Subject, _ tokens: TokenAccounts, accounts: [AccountAddress], seed: UInt64
  ) {
    host = ContractHost(contract, tokens)
    self.accounts = accounts
    entropy = SHA256.hash(Array("collabdict simulated block \(seed)".utf8))
  }

  public var contract: Subject { host.contract }
  public var tokens: TokenAccounts { host.tokens }

  public mutating func execute(
    _ calls: [PartyCall<Subject.Call>]
  ) -> ExecutedBlock<Subject> {
    height += 1
    let context = CallContext(height: height, time: height * 1000, entropy: entropy)
    entropy = SHA256.hash(entropy.bytes)
    let begun = host.begin(context).events
    let results = calls.map { call in
      host.perform(call.call, by: accounts[call.party], in: context).first.flatMap {
        try? $0.result.get()
      }
    }
    return ExecutedBlock(begun: begun, results: results)
  }
}
