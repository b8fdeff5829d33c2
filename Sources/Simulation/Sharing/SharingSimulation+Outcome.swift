import Incentives

extension SharingSimulation {
  func outcome(of agent: Int) -> SharingOutcome.Agent {
    let holdings = holdings(agent)
    let agent = agents[agent]
    return SharingOutcome.Agent(
      submitted: agent.submitted, refunds: agent.refunds, reports: agent.reports,
      rests: agent.rests, startBalance: SharingConfiguration.tokens(agent.startBalance),
      balance: holdings.balance, locked: holdings.locked,
      spentAfter: agent.spentAt.map(days), stoppedAfter: agent.stoppedAt.map(days))
  }

  func share(_ agent: Int) -> SharingOutcome.Point.Share {
    let holdings = holdings(agent)
    let start = max(
      1 / Double(SharingConfiguration.token),
      SharingConfiguration.tokens(agents[agent].startBalance))
    return SharingOutcome.Point.Share(
      balance: 100 * holdings.balance / start, locked: 100 * holdings.locked / start)
  }
}
