import LinearAlgebra

/// A method on a graph: who hears whom in which round, with which weights, and how many rounds it
/// takes. The same for all participants, who can share it.
public struct ConsensusPlan: Sendable {
  public let graph: CommunicationGraph
  public let method: ConsensusMethod
  /// W; for the one-peer exponential method, whose weights change, `nil`.
  public let matrix: AveragingMatrix?
  /// Where the eigenvalues of W lie; `nil` for the one-peer exponential method or one participant.
  public let spectrum: AveragingSpectrum?

  /// - Throws: ``GraphError`` when the graph is not connected, its spectral gap cannot be
  ///   computed, or it lacks a channel that the method needs.
  public init(graph: CommunicationGraph, method: ConsensusMethod) throws(GraphError) {
    self.graph = graph
    self.method = method
    let count = graph.participants
    if count < 1 { throw .tooFewParticipants(count, minimum: 1) }
    switch method {
    case .onePeerExponential:
      matrix = nil
      spectrum = nil
      for step in 0..<binaryLogarithm(roundedUp: count) {
        for node in 0..<count {
          let other = (node + (1 << step)) % count
          if !graph.hasChannel(node, other) { throw .missingChannel(node: node, neighbour: other) }
        }
      }
    case .paperStep, .metropolis, .chebyshev:
      let matrix = AveragingMatrix(
        graph: graph, weights: method == .paperStep ? .paperStep : .metropolis)
      spectrum = count == 1 ? nil : try matrix.spectrum()
      self.matrix = matrix
    }
  }

  /// S.
  public var participants: Int { graph.participants }

  /// Rounds before the one-peer exponential method starts again with its nearest neighbour.
  var period: Int { binaryLogarithm(roundedUp: participants) }

  /// Whose values a participant needs in a round, in the order in which it takes them.
  public func sources(of participant: Int, round: Int) -> [Int] {
    guard method == .onePeerExponential else { return graph.neighbours(of: participant) }
    if period == 0 { return [] }
    return [(participant + (1 << (round % period))) % participants]
  }

  /// Who needs a participant's value in a round.
  public func recipients(of participant: Int, round: Int) -> [Int] {
    guard method == .onePeerExponential else { return graph.neighbours(of: participant) }
    if period == 0 { return [] }
    return [(participant + participants - (1 << (round % period))) % participants]
  }

  /// Rounds after which the distance from the average, ‖x(t) − x̄‖₂ over the participants, is at
  /// most `tolerance` times what it was at the start, whatever the values.
  ///
  /// The worst case over values, not a typical one: max(|λ₂|, |λ_min|)ᵗ ≤ tolerance for the linear
  /// methods, 1 / T_t((2 − λ₂ − λ_min) / (λ₂ − λ_min)) ≤ tolerance for Chebyshev's.
  ///
  /// - Precondition: `tolerance` is positive.
  public func rounds(toTolerance tolerance: Double) -> Int {
    precondition(tolerance > 0, "a tolerance of \(tolerance)")
    if participants == 1 || tolerance >= 1 { return 0 }
    guard let spectrum else { return onePeerRounds(toTolerance: tolerance) }
    if method == .chebyshev {
      // T_t(μ) = cosh(t arcosh μ).
      let ratio =
        Self.inverseHyperbolicSecant(tolerance)
        / Self.inverseHyperbolicSecant(1 / ChebyshevRecurrence(spectrum).centre)
      return Int(ratio.rounded(.up))
    }
    return max(1, Int((tolerance.logarithm / spectrum.contraction.logarithm).rounded(.up)))
  }

  /// Rounds after which everybody's error in each number of the *average* is at most `error`, when
  /// nobody starts with a number larger than `amplitude`.
  ///
  /// This is the count for masked values: their amplitude is that of the masks, and the error
  /// refers to the value. (A relative tolerance of ε on values under masks of size A is an error
  /// of εA.) ‖x(0) − x̄‖₂ ≤ √S · amplitude. For an error in the sum, ask for `error` / S.
  ///
  /// - Throws: ``ConsensusError/belowPrecision(error:amplitude:least:)`` when rounding alone may
  ///   exceed the error: 2⁻⁵² of the amplitude for each round.
  public func rounds(
    toError error: Double, amplitude: Double
  ) throws(ConsensusError) -> Int {
    precondition(
      error > 0 && amplitude >= 0 && amplitude.isFinite, "an error of \(error) from \(amplitude)")
    if amplitude == 0 { return 0 }
    let unit = amplitude * 0x1p-52
    let rounds = rounds(
      toTolerance: max(error, unit) / amplitude / Double(participants).squareRoot())
    let least = Double(max(rounds, 1)) * unit
    if error < least {
      throw .belowPrecision(error: error, amplitude: amplitude, least: least)
    }
    return rounds
  }

  /// All its matrices are circulant, so they share the Fourier modes m, on which the step 2ᵏ has
  /// the eigenvalue (1 + exp(2πi m 2ᵏ/S)) / 2 of magnitude |cos(π m 2ᵏ/S)|.
  private func onePeerRounds(toTolerance tolerance: Double) -> Int {
    let count = participants
    var remaining = [Double](repeating: 1, count: count / 2)  // modes m and S − m are alike
    var round = 0
    while let worst = remaining.max(), worst > tolerance {
      let step = 1 << (round % period)
      for m in 1...(count / 2) {
        let angle = Double(m * step % (2 * count)) * Double.pi / Double(count)
        remaining[m - 1] *= angle.cosine.magnitude
      }
      round += 1
    }
    return round
  }

  /// arsech x = arcosh 1/x, for 0 < x < 1; nothing overflows for small x.
  private static func inverseHyperbolicSecant(_ x: Double) -> Double {
    (1 + ((1 - x) * (1 + x)).squareRoot()).logarithm - x.logarithm
  }
}

/// Chebyshev's three-term recurrence over an interval of eigenvalues [a, b], in the form that
/// never leaves the range of numbers.
///
/// With g(λ) = (2λ − a − b) / (b − a) and μ = g(1), x(t) = T_t(g(W)) / T_t(μ) x(0); from
/// T_{t+1}(g) = 2 g T_t(g) − T_{t−1}(g) and ρ_t = T_{t−1}(μ) / T_t(μ) follow
/// ρ_{t+1} = 1 / (2μ − ρ_t) and x(t+1) = 2 ρ_{t+1} g(W) x(t) − ρ_t ρ_{t+1} x(t−1), and without the
/// factor 2 and the last term at t = 0 (Saad, "Iterative Methods for Sparse Linear Systems", 2003,
/// Sec. 12.3).
struct ChebyshevRecurrence: Sendable {
  /// μ > 1: where the average's eigenvalue 1 lies when [a, b] is moved to [−1, 1].
  let centre: Double
  private let scale: Double
  private let shift: Double
  private var ratio = 0.0

  init(_ spectrum: AveragingSpectrum) {
    let (a, b) = (spectrum.smallest, spectrum.second)
    scale = 2 / (b - a)
    shift = (a + b) / (b - a)
    centre = scale - shift
  }

  /// The coefficients of W x(t), x(t) and x(t − 1) in x(t + 1).
  mutating func next() -> (product: Double, current: Double, previous: Double) {
    let isFirst = ratio == 0
    let following = isFirst ? 1 / centre : 1 / (2 * centre - ratio)
    let factor = isFirst ? following : 2 * following
    let previous = -ratio * following
    ratio = following
    return (factor * scale, -factor * shift, previous)
  }
}
