import Incentives

/// One who shares data for tokens.
struct SharingAgent: Sendable {
  let address: AccountAddress
  /// Whether it flips all labels.
  let isBad: Bool
  let startBalance: TokenAmount
  /// It stops for good when it has less than that altogether: its mean deposit.
  let leastTotal: TokenAmount
  var draws: AgentDraws
  var nextWake: UInt64
  /// Its own tokens that the contract keeps.
  var locked: TokenAmount = 0
  var submitted = 0
  var refunds = 0
  var reports = 0
  /// Samples of which it took what was left.
  var rests = 0
  /// When its balance was first under its mean deposit, whatever is locked.
  var spentAt: UInt64?
  var stoppedAt: UInt64?
  /// Samples that it has reported and that are not all its own by that.
  private var reported: Set<UInt64> = []

  /// - Parameter address: its account; one of its number's unless told.
  init(
    _ settings: SharingConfiguration.Agent, number: Int, isBad: Bool, start: UInt64, seed: UInt64,
    address: AccountAddress? = nil
  ) {
    self.address = address ?? AccountAddress(contract: "sharing agent \(number)")
    self.isBad = isBad
    startBalance = SharingConfiguration.amount(settings.startBalance)
    leastTotal = max(1, SharingConfiguration.amount(settings.meanDeposit))
    draws = AgentDraws(settings, agent: number, seed: seed)
    nextWake = start + draws.wait()
  }

  func hasReported(_ number: UInt64) -> Bool { !reported.isEmpty && reported.contains(number) }

  mutating func noteReport(_ number: UInt64) { reported.insert(number) }
}
