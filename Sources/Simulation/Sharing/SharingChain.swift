import Datasets
import Incentives
import Ledger
import NeuralNetworks

/// The chain of a simulated run: each call is a signed transaction, and what agents do at a moment is a
/// mined block of that moment.
///
/// Agents decide by a contract in memory, whose model remembers what it has computed. The chain's
/// contract sees nothing but the transactions' bytes, and has to come to the same events, call by call,
/// and to the same accounts.
final class SharingChain {
  /// Of the good agent and of the bad one.
  let accounts: [AccountAddress]
  private var chain: ContractChain<SharingContract<IntegerPerceptron>>
  private let features: BinaryFeatures
  private let keep: (MinedBlock) throws -> Void
  /// Calls of a moment that may not be over yet.
  private var waiting: [PerformedCall] = []
  private var moment: UInt64 = 0

  /// - Parameters:
  ///   - model: as it was trained before: the first block holds it.
  ///   - features: of the reviews whose numbers calls have.
  ///   - keep: handed each block, the first one at once.
  init(
    _ model: IntegerPerceptron, _ configuration: SharingConfiguration, features: BinaryFeatures,
    keep: @escaping (MinedBlock) throws -> Void
  ) throws {
    let keys = ContractChain<SharingContract<IntegerPerceptron>>.keys(2, seed: configuration.seed)
    accounts = keys.map { AccountAddress($0.verificationKey) }
    let amounts = [configuration.good, configuration.bad].map {
      SharingConfiguration.amount($0.startBalance)
    }
    let start = SharingSimulation<RememberingPerceptron>.start
    var rules = ChainRules(interval: 1000, firstDifficulty: 1)
    // All that an agent asks for at a wake is one block.
    rules.transactionLimit = 1 << 20
    rules.byteLimit = 256 << 20
    chain = try ContractChain(
      SharingContract<IntegerPerceptron>.self,
      records: SharingContract.records(
        model, rules: configuration.rules,
        balances: Dictionary(uniqueKeysWithValues: zip(accounts, amounts)), time: start),
      parties: keys.count, rules: rules, time: start, seed: configuration.seed, keys: keys)
    self.features = features
    self.keep = keep
    try keep(chain.genesis)
  }

  /// Takes what an agent has done at a moment.
  func follow(_ calls: [PerformedCall], at time: UInt64) throws {
    if calls.isEmpty { return }
    if time != moment { try mine() }
    moment = time
    waiting += calls
  }

  /// Mines what is left.
  ///
  /// - Parameter tokens: the accounts to which the calls have come in memory.
  func finish(_ tokens: TokenAccounts) throws {
    try mine()
    guard chain.state.tokens == tokens else {
      throw ChainDisagreement(height: chain.height, what: "the accounts")
    }
  }

  private func mine() throws {
    if waiting.isEmpty { return }
    let step = try chain.mine(
      waiting.map { (call: coded($0.call), party: $0.agent) }, at: moment)
    for (performed, outcome) in zip(waiting, step.outcomes) {
      guard (try? outcome.get())?.first == performed.event else {
        throw ChainDisagreement(height: step.block.height, what: "\(performed.call)")
      }
    }
    guard step.block.time == moment else {
      throw ChainDisagreement(height: step.block.height, what: "the time")
    }
    waiting.removeAll(keepingCapacity: true)
    try keep(step.block)
  }

  /// A call with the features of its review in place of the number.
  private func coded(_ call: SharingCall<Int32, Bool>) -> SharingCall<FeatureList, Bool> {
    switch call {
    case .add(let review, let label, let deposit):
      .add(FeatureList(features.row(Int(review))), label, deposit: deposit)
    case .refund(let number): .refund(number)
    case .report(let number): .report(number)
    case .takeRest(let number): .takeRest(number)
    }
  }
}

/// A chain that comes to something else than the simulation whose calls it executes: a defect.
public struct ChainDisagreement: Error, Hashable, CustomStringConvertible {
  public let height: UInt64
  public let what: String

  public var description: String {
    "block \(height) and the simulation disagree about \(what); please report it with the settings"
  }
}

extension IntegerPerceptron {
  /// The same classifier for a chain.
  init(_ perceptron: AveragedPerceptron) {
    let (last, steps) = (perceptron.iterate, perceptron.steps)
    // u = (T + 1) w − T times the mean.
    let delayed = zip(last.weights + [last.bias], perceptron.summedWeights).map {
      (steps &+ 1) &* $0 &- $1
    }
    self.init(
      .mean, weights: last.weights, bias: last.bias, delayedWeights: Array(delayed.dropLast()),
      delayedBias: delayed[delayed.count - 1], steps: steps)
  }

  /// The same classifier for a chain.
  init(_ perceptron: Perceptron) {
    self.init(
      .lastWeights, weights: perceptron.weights, bias: perceptron.bias,
      delayedWeights: Array(repeating: 0, count: perceptron.featureCount), delayedBias: 0, steps: 0)
  }
}
