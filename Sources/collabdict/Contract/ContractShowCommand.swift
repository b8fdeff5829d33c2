import Incentives
import Ledger
import Storage

/// `collabdict contract show`: what a contract has come to.
enum ContractShowCommand: Command {
  static let name = "contract show"
  static let summary =
    "show a contract's terms, balances, stakes or deposits, and escrows, from its chain"
  static let synopsis = "CHAIN|etcd://host:port[,…]/prefix [--json]"
  static let options = [SharedOptions.json] + LedgerArguments.clusterOptions

  static func run(_ arguments: Arguments) throws {
    try ContractErrand.run(arguments) { contract, chain in
      try show(contract, chain, arguments)
    }
  }

  private static func show<C: ShownContract>(
    _ contract: C.Type, _ chain: OpenChain<MinedBlock>, _ arguments: Arguments
  ) throws {
    let reader = try ContractChainReader<C>(chain)
    let (contract, tokens) = (reader.state.contract, reader.state.tokens)
    let accounts = accounts(contract, tokens)
    let escrows = tokens.holdings.compactMap { holding, amount in
      if case .escrow(let number) = holding { (number, amount) } else { nil }
    }
    func amount(_ amount: TokenAmount) -> JSON { .integer(Int(clamping: amount)) }
    if arguments.has("json") {
      return try JSON.object(
        reader.facts + contract.shownFacts + [
          ("terms", .object(contract.shownTerms)),
          (
            "accounts",
            .list(
              accounts.map { account in
                .object(
                  [
                    ("account", .text("\(account)")),
                    ("name", contract.name(of: account).map { .text($0) } ?? .null),
                    ("balance", amount(tokens.balance(of: account))),
                    ("stake", amount(tokens.stake(of: account))),
                  ] + contract.shownAccount(account, tokens))
              })
          ),
          (
            "escrow",
            .list(
              escrows.map {
                .object([("number", .integer(Int(clamping: $0))), ("amount", amount($1))])
              })
          ),
        ]
      ).print()
    }
    try SimulateCommand.tell(arguments, reader.facts + contract.shownFacts)
    Console.print("\nterms")
    try SimulateCommand.tell(arguments, contract.shownTerms)
    Console.print("\naccounts")
    Console.table(
      ["account", "balance", "stake"] + C.accountColumns,
      accounts.map { account in
        [
          contract.name(of: account) ?? "\(account.shortDescription)…",
          "\(tokens.balance(of: account))", "\(tokens.stake(of: account))",
        ] + contract.shownAccount(account, tokens).map { $0.1.cell }
      })
    if !escrows.isEmpty {
      Console.print("\nescrows")
      Console.table(["number", "amount"], escrows.map { ["\($0)", "\($1)"] })
    }
  }

  private static func accounts(
    _ contract: some ShownContract, _ tokens: TokenAccounts
  ) -> [AccountAddress] {
    var all = Set(contract.knownAccounts)
    for (holding, _) in tokens.holdings {
      switch holding {
      case .balance(let account), .stake(let account): all.insert(account)
      case .escrow: break
      }
    }
    return all.sorted()
  }
}

extension JSON {
  /// In a table.
  var cell: String {
    switch self {
    case .null: "-"
    case .bool(let truth): truth ? "yes" : "no"
    case .integer(let number): "\(number)"
    case .number(let number): Console.number(number)
    case .text(let text): text
    case .list(let values): values.map(\.cell).joined(separator: " ")
    case .object(let members):
      members.map { "\($0.0) \($0.1.cell)" }.joined(separator: ", ")
    }
  }
}
