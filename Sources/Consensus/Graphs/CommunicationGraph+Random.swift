import LinearAlgebra
import Randomness

extension CommunicationGraph {
  /// A random regular graph whose spectral gap is checked, and drawn again if it is too small.
  ///
  /// Half-edges are paired at random; loops and repeated channels are switched away with random
  /// other channels. A graph is taken when it is connected and λ₂ of its adjacency matrix is at
  /// most 2√(degree − 1) + 0.1: almost every random regular graph comes as near to the best that
  /// is possible (Friedman, "A proof of Alon's second eigenvalue conjecture", 2003).
  ///
  /// - Parameters:
  ///   - degree: from 3 to S − 1; even if S is odd. Two would be cycles, which are no expanders.
  ///   - seed: everybody who knows it draws the same graph.
  /// - Throws: ``GraphError/degree(_:participants:)``,
  ///   ``GraphError/noExpander(participants:degree:attempts:)``.
  public static func randomRegular(
    participants: Int, degree: Int, seed: UInt64
  ) throws(GraphError) -> CommunicationGraph {
    guard degree >= 3 && degree < participants && degree * participants % 2 == 0 else {
      throw .degree(degree, participants: participants)
    }
    let attempts = 50
    let bound = 2 * Double(degree - 1).squareRoot() + 0.1
    for attempt in 0..<attempts {
      var draws = DrawSequence(seed: seed, attempt: UInt32(attempt))
      guard
        let graph = regular(participants: participants, degree: degree, draws: &draws),
        graph.isConnected
      else { continue }
      // Metropolis weights of a regular graph are W = (I + A) / (degree + 1).
      let spectrum = try AveragingMatrix(graph: graph, weights: .metropolis).lanczosSpectrum()
      if Double(degree + 1) * spectrum.second - 1 <= bound { return graph }
    }
    throw .noExpander(participants: participants, degree: degree, attempts: attempts)
  }

  /// One draw; `nil` when the switches did not end.
  private static func regular(
    participants: Int, degree: Int, draws: inout DrawSequence
  ) -> CommunicationGraph? {
    // Switches find no room in a dense graph; its complement is sparse, and regular as well.
    if degree > (participants - 1) / 2 {
      guard
        let sparse = regular(
          participants: participants, degree: participants - 1 - degree, draws: &draws)
      else { return nil }
      var channels: [(Int, Int)] = []
      for a in 0..<participants {
        for b in 0..<a where !sparse.hasChannel(a, b) { channels.append((a, b)) }
      }
      return CommunicationGraph(participants: participants, channels: channels)
    }
    var ends = (0..<participants * degree).map { $0 / degree }
    for i in stride(from: ends.count - 1, to: 0, by: -1) { ends.swapAt(i, draws.below(i + 1)) }
    var channels = stride(from: 0, to: ends.count, by: 2).map { (ends[$0], ends[$0 + 1]) }
    guard makeSimple(&channels, participants: participants, draws: &draws) else { return nil }
    return CommunicationGraph(participants: participants, channels: channels)
  }

  /// Switches loops and repeated channels away; degrees stay as they are.
  private static func makeSimple(
    _ channels: inout [(Int, Int)], participants: Int, draws: inout DrawSequence
  ) -> Bool {
    func key(_ a: Int, _ b: Int) -> Int { min(a, b) * participants + max(a, b) }
    var present: Set<Int> = []
    var wrong: [Int] = []
    for (i, (a, b)) in channels.enumerated() {
      if a == b || !present.insert(key(a, b)).inserted { wrong.append(i) }
    }
    var isWrong = [Bool](repeating: false, count: channels.count)
    for i in wrong { isWrong[i] = true }
    var trials = 100 * (wrong.count + 10)
    while let i = wrong.last {
      if trials == 0 { return false }
      trials -= 1
      let j = draws.below(channels.count)
      if isWrong[j] { continue }
      let (a, b) = channels[i]
      let (c, d) = channels[j]
      // (a, b), (c, d) become (a, c), (b, d).
      if a == c || b == d || key(a, c) == key(b, d) { continue }
      if present.contains(key(a, c)) || present.contains(key(b, d)) { continue }
      present.remove(key(c, d))
      present.insert(key(a, c))
      present.insert(key(b, d))
      channels[i] = (a, c)
      channels[j] = (b, d)
      isWrong[i] = false
      wrong.removeLast()
    }
    return true
  }
}

/// Reproducible whole numbers, one after the other.
struct DrawSequence {
  private let seed: UInt64
  private let attempt: UInt32
  private var block: UInt32 = 0
  private var words: [UInt32] = []
  private var next = 0

  init(seed: UInt64, attempt: UInt32) {
    self.seed = seed
    self.attempt = attempt
  }

  private mutating func word() -> UInt32 {
    if next == words.count {
      let stream = RandomStream(
        seed: seed, participant: block, round: attempt, purpose: .communicationGraph)
      words = [UInt32](repeating: 0, count: 1024)
      var span = words.mutableSpan
      stream.fillBits(&span)
      block += 1
      next = 0
    }
    next += 1
    return words[next - 1]
  }

  /// 0 ..< bound, each equally likely to within 2⁻³².
  mutating func below(_ bound: Int) -> Int { Int((UInt64(word()) &* UInt64(bound)) >> 32) }

  /// Uniform in [−1, 1).
  mutating func signedUnit() -> Double { Double(Int32(bitPattern: word())) * 0x1p-31 }
}
