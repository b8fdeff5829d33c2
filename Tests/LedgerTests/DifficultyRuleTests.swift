import Glibc
import Testing

@testable import Ledger

@Suite struct DifficultyRuleTests {
  private typealias Mark = DifficultyRule.Mark
  private static let interval: UInt64 = 10_000

  /// A chain that is mined by the rule: solve times are exponential with the mean that difficulty and
  /// hash power give, and some miners date their blocks as they like.
  private struct MinedChain {
    let rule = DifficultyRule(interval: interval)
    var marks: [Mark]
    /// The true times in milliseconds.
    var times = [0.0]
    var random: TestRandom

    init(difficulty: UInt64, seed: UInt64) {
      marks = [Mark(time: 1 << 40, difficulty: difficulty)]
      random = TestRandom(seed: seed)
    }

    /// - Parameters:
    ///   - power: hashes a millisecond.
    ///   - date: what a block says, of the true time and the least that is allowed; honest if `nil`.
    mutating func mine(
      _ count: Int, power: Double,
      date: (_ now: UInt64, _ least: UInt64) -> UInt64? = { _, _ in nil }
    ) {
      for _ in 0..<count {
        let difficulty = rule.next(after: marks)
        times.append(
          times[times.count - 1] - log(1 - random.fraction()) * Double(difficulty) / power)
        let now = (1 << 40) + UInt64(times[times.count - 1])
        let recent = marks.suffix(ChainRules.medianWindow).map { $0.time }.sorted()
        let least = recent[recent.count / 2] + 1
        marks.append(Mark(time: max(least, date(now, least) ?? now), difficulty: difficulty))
      }
    }

    /// The mean true interval of some blocks, in block intervals of the rule.
    func meanInterval(_ blocks: Range<Int>) -> Double {
      (times[blocks.upperBound] - times[blocks.lowerBound]) / Double(blocks.count)
        / Double(interval)
    }
  }

  @Test func steadyPowerGivesTheWantedRate() {
    for seed in 1...5 {
      var chain = MinedChain(difficulty: 1_000_000, seed: UInt64(seed))
      chain.mine(2000, power: 100)
      #expect(0.9...1.1 ~= chain.meanInterval(100..<2000), "seed \(seed)")
    }
  }

  @Test(arguments: [10.0, 0.1]) func rateRecoversWhenPowerChanges(factor: Double) {
    for seed in 1...20 {
      var chain = MinedChain(difficulty: 1_000_000, seed: UInt64(seed))
      chain.mine(200, power: 100)
      chain.mine(400, power: 100 * factor)
      // Two windows later the rate is right again.
      #expect(0.75...1.33 ~= chain.meanInterval(280..<600), "seed \(seed)")
      // And it was wrong before, or this test shows nothing.
      let first = chain.meanInterval(200..<205)
      #expect(factor > 1 ? first < 0.5 : first > 2)
    }
  }

  @Test func aWrongFirstDifficultyIsOvercome() {
    for difficulty in [1, 1 << 10, 1 << 40] as [UInt64] {
      var chain = MinedChain(difficulty: difficulty, seed: difficulty)
      chain.mine(600, power: 100)
      #expect(0.8...1.25 ~= chain.meanInterval(300..<600), "from \(difficulty)")
    }
  }

  /// A third of the power dates its blocks as far ahead, or back, as the rules allow.
  @Test(arguments: [true, false]) func liesAboutTheTimeMoveLittle(ahead: Bool) {
    let future = ChainRules(interval: Self.interval, firstDifficulty: 1).futureLimit
    for seed in 1...10 {
      var chain = MinedChain(difficulty: 1_000_000, seed: UInt64(seed))
      var coin = TestRandom(seed: UInt64(seed + 100))
      chain.mine(2000, power: 100) { now, least in
        coin.below(3) > 0 ? nil : ahead ? now + future : least
      }
      #expect(0.75...1.33 ~= chain.meanInterval(100..<2000), "seed \(seed)")
      let difficulties = chain.marks.dropFirst(100).map { Double($0.difficulty) / 1e6 }
      #expect(difficulties.allSatisfy { 0.25...4 ~= $0 }, "seed \(seed)")
    }
  }

  /// Everybody lies, even.
  @Test func liesOfAllMoveLittle() {
    let future = ChainRules(interval: Self.interval, firstDifficulty: 1).futureLimit
    var chain = MinedChain(difficulty: 1_000_000, seed: 3)
    chain.mine(1000, power: 100) { now, least in now % 2 == 0 ? now + future : least }
    #expect(0.6...1.6 ~= chain.meanInterval(100..<1000))
  }

  @Test func aChainThatLayStillGoesOn() {
    var chain = MinedChain(difficulty: 1_000_000, seed: 4)
    chain.mine(200, power: 100)
    let before = chain.rule.next(after: chain.marks)
    // A year without a block is as bad as six intervals, no worse.
    chain.times[chain.times.count - 1] += 3.15e10
    chain.mine(1, power: 100)
    let after = chain.rule.next(after: chain.marks)
    #expect(after > before * 6 / 10 && after < before)
    chain.mine(200, power: 100)
    #expect(0.7...1.4 ~= chain.meanInterval(201..<401))
  }

  @Test func extremesDoNotOverflow() {
    let rule = DifficultyRule(interval: 1 << 36)
    let top = (0..<50).map { _ in Mark(time: 5, difficulty: .max) }
    #expect(rule.next(after: top) == .max)
    let far = (0..<50).map { Mark(time: $0 % 2 == 0 ? 0 : .max, difficulty: 1) }
    #expect(rule.next(after: far) >= 1)
    // Only the window counts.
    let long = (0..<100).map { Mark(time: UInt64($0 * $0), difficulty: UInt64(1000 + $0)) }
    let short = long.suffix(DifficultyRule.window + 1)
    #expect(
      DifficultyRule(interval: 50).next(after: long)
        == DifficultyRule(interval: 50).next(after: short))
  }
}
