import Incentives

/// All that chance decides in a simulation, for programs of other languages that follow the same rules.
public struct SharingDraws: Sendable, Codable {
  /// What one agent draws, in the order in which it needs it.
  public struct Agent: Sendable, Codable {
    /// In the accounts' unit.
    public var deposits: [UInt64] = []
    /// In milliseconds; the first is before the first wake.
    public var waits: [UInt64] = []
    public var mistakes: [Bool] = []
  }

  /// The training reviews, of which the first are learnt from beforehand and the others submitted,
  /// without those that have the features of one before.
  public var order: [Int32]
  /// The orders of the passes over those.
  public var passes: [[Int32]]
  public var good = Agent()
  public var bad = Agent()

  /// - Parameter wakes: how many of each agent are prepared.
  public init(_ reviews: SharedReviews, _ configuration: SharingConfiguration, wakes: Int) {
    let all = reviews.order(seed: configuration.seed)
    let count = reviews.firstCount(configuration)
    order = Array(all[..<count] + reviews.stream(all[count...]))
    passes = (0..<configuration.passes).map {
      reviews.pass($0 + 1, count: count, seed: configuration.seed)
    }
    for (number, settings) in [configuration.good, configuration.bad].enumerated() {
      var draws = AgentDraws(settings, agent: number, seed: configuration.seed)
      var agent = Agent()
      for _ in 0..<wakes {
        agent.deposits.append(draws.deposit())
        agent.waits.append(draws.wait())
        agent.mistakes.append(draws.isMistake())
      }
      if number == 0 { good = agent } else { bad = agent }
    }
  }
}
