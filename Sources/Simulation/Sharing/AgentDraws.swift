import Incentives
import Randomness

/// The random numbers of one agent: each kind is a stream of its own, so that nothing that happens in a
/// simulation changes what comes next.
struct AgentDraws: Sendable {
  private var deposits: NormalDraws
  private var waits: NormalDraws
  private var mistakes: NormalDraws
  private let settings: SharingConfiguration.Agent

  init(_ settings: SharingConfiguration.Agent, agent: Int, seed: UInt64) {
    let first = 4 * UInt32(agent)
    deposits = NormalDraws(seed: seed, participant: first)
    waits = NormalDraws(seed: seed, participant: first + 1)
    mistakes = NormalDraws(seed: seed, participant: first + 2, isUniform: true)
    self.settings = settings
  }

  /// A deposit from N(mean, deviation²), drawn until it is positive, to a unit of the accounts.
  mutating func deposit() -> TokenAmount {
    while true {
      let value = settings.meanDeposit + settings.deviationOfDeposit * deposits.next()
      let amount = (value * Double(SharingConfiguration.token)).rounded()
      if amount >= 1 { return TokenAmount(amount) }
    }
  }

  /// Milliseconds until the next wake, from N(mean, 1 s), drawn until it is at least a second.
  mutating func wait() -> UInt64 {
    while true {
      let milliseconds = ((settings.meanUpdateWait + waits.next()) * 1000).rounded()
      if milliseconds >= 1000 { return UInt64(milliseconds) }
    }
  }

  /// Whether the next label is a wrong one.
  mutating func isMistake() -> Bool { mistakes.next() < settings.mistakeProbability }
}

/// Draws in blocks, one round of the generator a block.
private struct NormalDraws: Sendable {
  private static let blockSize = 1024
  private let seed: UInt64
  private let participant: UInt32
  private let isUniform: Bool
  private var block: [Float] = []
  private var place = 0
  private var round: UInt32 = 0

  init(seed: UInt64, participant: UInt32, isUniform: Bool = false) {
    self.seed = seed
    self.participant = participant
    self.isUniform = isUniform
  }

  mutating func next() -> Double {
    if place == block.count {
      let stream = RandomStream(
        seed: seed, participant: participant, round: round, purpose: .simulation)
      block = isUniform ? stream.uniform(Self.blockSize) : stream.normal(Self.blockSize)
      round &+= 1
      place = 0
    }
    defer { place += 1 }
    return Double(block[place])
  }
}
