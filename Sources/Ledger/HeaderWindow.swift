import Cryptography

/// The end of a chain of headers, as much of it as says what the next header must be.
struct HeaderWindow: Sendable {
  /// The last headers' times and difficulties, the oldest first.
  private var marks: [DifficultyRule.Mark]
  private var height: UInt64
  private var hash: Digest

  /// - Parameter marks: the last ``DifficultyRule/window`` + 1 headers, or all.
  init(marks: [DifficultyRule.Mark], height: UInt64, hash: Digest) {
    self.marks = marks
    self.height = height
    self.hash = hash
  }

  init(genesis: BlockHeader, hash: Digest) {
    self.init(marks: [genesis.mark], height: 0, hash: hash)
  }

  /// A header must be later than this.
  var medianTime: UInt64 {
    let times = marks.suffix(ChainRules.medianWindow).map { $0.time }.sorted()
    return times[times.count / 2]
  }

  /// Checks all that a header alone can show.
  ///
  /// - Parameter now: milliseconds since 1970 by this clock; `nil` for blocks of the past, which are
  ///   in nobody's future.
  func check(
    _ header: BlockHeader, hash: Digest, rules: ChainRules, now: UInt64?
  ) throws(BlockFault) {
    guard header.height == height + 1 else { throw .wrongHeight(expected: height + 1) }
    guard header.previous == self.hash else { throw .wrongLink }
    let difficulty = rules.difficultyRule.next(after: marks)
    guard header.difficulty == difficulty else {
      throw .wrongDifficulty(header.difficulty, expected: difficulty)
    }
    guard ProofOfWork.isValid(hash, difficulty: difficulty) else { throw .noWork }
    let median = medianTime
    guard header.time > median else { throw .tooEarly(header.time, median: median) }
    if let now, header.time > now, header.time - now > rules.futureLimit {
      throw .fromFuture(milliseconds: header.time - now, limit: rules.futureLimit)
    }
  }

  func nextDifficulty(_ rules: ChainRules) -> UInt64 { rules.difficultyRule.next(after: marks) }

  mutating func append(_ header: BlockHeader, hash: Digest) {
    if marks.count > DifficultyRule.window { marks.removeFirst() }
    marks.append(header.mark)
    height = header.height
    self.hash = hash
  }
}

extension BlockHeader {
  var mark: DifficultyRule.Mark { DifficultyRule.Mark(time: time, difficulty: difficulty) }
}
