import CollaborativeLearning
import Incentives
import Ledger
import Storage

/// A contract as the commands show it.
protocol ShownContract: CodedContract {
  typealias State = ContractApplication<Self>.State

  /// What all have agreed on.
  var shownTerms: [(String, JSON)] { get }
  /// What the contract has come to, beside its accounts.
  var shownFacts: [(String, JSON)] { get }
  /// What there is to tell of an account beside balance and stake: columns, and an account's cells.
  static var accountColumns: [String] { get }
  func shownAccount(_ account: AccountAddress, _ tokens: TokenAccounts) -> [(String, JSON)]
  /// Accounts that need not have tokens.
  var knownAccounts: [AccountAddress] { get }
  /// What an account is called, if it is not a party's.
  func name(of account: AccountAddress) -> String?

  /// What one affair is called, in words and as the option that asks for it: all that happens around
  /// one escrow.
  static var affairName: String { get }
  /// The escrow, and the affair, that a call or an event is about.
  static func affair(of call: Call) -> UInt64?
  static func affair(of event: Event) -> UInt64?
  /// What a call is called.
  static func name(of call: Call) -> String
  /// What a call says that its events do not.
  static func facts(of call: Call) -> [(String, JSON)]
  /// An event's name and its facts.
  static func shown(_ event: Event) -> (name: String, facts: [(String, JSON)])
}

extension ShownContract {
  static func facts(of call: Call) -> [(String, JSON)] { [] }
}

/// A contract's chain that is open, and has been verified by executing it.
struct ContractChainReader<C: ShownContract> {
  /// Something that a block says.
  struct Entry {
    let height: UInt64
    let milliseconds: UInt64
    let name: String
    let facts: [(String, JSON)]
  }

  let location: ChainLocation
  private(set) var state: ContractApplication<C>.State
  private(set) var blocks = 1
  private(set) var head: MinedBlock
  /// Refused calls, by reason.
  private(set) var refusals: [String: Int] = [:]
  /// What the blocks say of the affair that was asked for.
  private(set) var entries: [Entry] = []
  /// Events of all blocks, by their names.
  private(set) var counts: [String: Int] = [:]

  /// Verifies a chain from its first block to its last.
  ///
  /// - Parameter affair: of which entries are kept.
  init(_ chain: OpenChain<MinedBlock>, affair: UInt64? = nil) throws {
    location = chain.location
    guard let genesis = try chain.block(at: 0) else { throw LedgerArguments.empty(location) }
    head = genesis
    do {
      var verifier = try ChainVerifier(ContractApplication<C>(), genesis: genesis)
      state = verifier.state.application
      try LedgerArguments.walk(chain, 1..<max(1, chain.count)) { _, block in
        try verifier.append(block)
        state = verifier.state.application
        head = block
        blocks += 1
        try take(block, affair)
      }
    } catch let fault as ChainFault {
      throw FileError(path: "\(chain.location)", cause: fault)
    }
  }

  private mutating func take(_ block: MinedBlock, _ affair: UInt64?) throws {
    for bytes in block.records {
      let record: ContractRecord<C.Event>
      do {
        record = try ContractRecord(decoding: bytes)
      } catch {
        throw FileError(
          path: "\(location)", cause: ParticipantFailure("block \(block.height): \(error)"))
      }
      func add(_ name: String, _ facts: [(String, JSON)]) {
        entries.append(
          Entry(height: block.height, milliseconds: block.time, name: name, facts: facts))
      }
      if case .refused(let place) = record, Int(place) < block.transactions.count {
        let reason = state.reasons[place] ?? ""
        let transaction = block.transactions[Int(place)]
        guard let call = try? C.Call(decoding: transaction.payload) else { continue }
        refusals[C.name(of: call), default: 0] += 1
        if let affair, C.affair(of: call) == affair {
          add(
            "refused",
            [
              ("call", .text(C.name(of: call))),
              ("by", .text("\(AccountAddress(transaction.sender))")), ("reason", .text(reason)),
            ])
        }
      }
      for event in record.events {
        let shown = C.shown(event)
        counts[shown.name, default: 0] += 1
        if let affair, C.affair(of: event) == affair {
          add(shown.name, shown.facts + Self.facts(of: record, in: block))
        }
      }
      guard let affair else { continue }
      for case .moved(let from, let to, let amount) in record.tokenEvents
      where from == .escrow(affair) || to == .escrow(affair) {
        add(
          "tokens",
          [
            ("from", .text(text(from))), ("to", .text(text(to))),
            ("amount", .integer(Int(clamping: amount))),
          ])
      }
    }
  }

  /// What the call behind a record says of itself.
  private static func facts(
    of record: ContractRecord<C.Event>, in block: MinedBlock
  ) -> [(String, JSON)] {
    guard case .performed(let place, _, _) = record, Int(place) < block.transactions.count,
      let call = try? C.Call(decoding: block.transactions[Int(place)].payload)
    else { return [] }
    return C.facts(of: call)
  }

  private func text(_ holding: TokenHolding) -> String {
    switch holding {
    case .balance(let account): "balance \(account)"
    case .stake(let account): "stake \(account)"
    case .escrow(let number): "escrow \(number)"
    }
  }

  /// What holds for every contract.
  var facts: [(String, JSON)] {
    let totals = state.tokens.totals
    let amounts = [
      ("supply", state.tokens.supply), ("balances", totals.balances), ("stakes", totals.stakes),
      ("escrows", totals.escrows),
    ]
    return [
      ("application", .text(C.application)), ("blocks", .integer(blocks)),
      ("last_block", .text("\(head.hash)")), ("calls", .integer(state.calls)),
      ("refused_calls", .integer(state.refusals)),
    ] + amounts.map { ($0.0, .integer(Int(clamping: $0.1))) } + [
      ("conserved", .bool(state.tokens.total == state.tokens.supply))
    ]
  }
}

/// Runs something on the chain of a contract, whichever it is.
enum ContractErrand {
  static func run(
    _ arguments: Arguments,
    _ body: (any ShownContract.Type, OpenChain<MinedBlock>) throws -> Void
  ) throws {
    let location = try LedgerArguments.location(arguments)
    guard try LedgerArguments.kind(of: location) == .mined else {
      throw FileError(
        path: "\(location)",
        cause: ParticipantFailure("contracts are on chains of mined blocks; this one is ordered"))
    }
    let chain = try OpenChain<MinedBlock>(reading: location)
    guard let genesis = try chain.block(at: 0) else { throw LedgerArguments.empty(location) }
    let name = MinedChains.application(of: genesis)
    guard let contract = contracts.first(where: { $0.application == name }) else {
      throw FileError(
        path: "\(location)",
        cause: ParticipantFailure(
          "the chain is of the application \(name), which is no contract that this program knows; "
            + "look into it with ledger show"))
    }
    try body(contract, chain)
  }

  static let contracts: [any ShownContract.Type] = [
    EncounterContract.self, SharingContract<IntegerPerceptron>.self,
  ]
}
