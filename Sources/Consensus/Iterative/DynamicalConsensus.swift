/// One participant of the dynamical consensus (CollabDict 2024, Sec. 4.1, Eqs. 2 to 5) as a state
/// machine: it gives its value, takes its neighbours' values of the same round, and goes on to the
/// next. It knows no network and no clock.
///
/// The result is the **average** over the participants, Eq. (2), up to the tolerance of the plan.
/// Eqs. (14) and (35) need the **sum**, which is S times the average: S must be known to everyone,
/// and a participant that drops out changes it.
///
/// Every value that is sent is in clear, and over a known graph one participant that records what
/// it hears can solve for the start values of *all* others. What enters must be masked already:
/// see ``PairwiseMasks``.
public struct DynamicalConsensus: Sendable {
  public let plan: ConsensusPlan
  /// The number of this participant, 0 ..< S.
  public let participant: Int
  /// The number of rounds that it will take part in; the same for all.
  public let rounds: Int
  /// Rounds done.
  public private(set) var round = 0
  /// What to send in this round; after the last, the average. `[count]`.
  public private(set) var value: [Double]

  private var previous: [Double] = []
  private var recurrence: ChebyshevRecurrence?

  /// - Parameters:
  ///   - value: ξˢ, `[count]`; `count` is the same for all participants.
  ///   - rounds: from ``ConsensusPlan/rounds(toError:amplitude:)`` or
  ///     ``ConsensusPlan/rounds(toTolerance:)``.
  public init(plan: ConsensusPlan, participant: Int, value: [Double], rounds: Int) {
    precondition(
      (0..<plan.participants).contains(participant),
      "participant \(participant) of \(plan.participants)")
    self.plan = plan
    self.participant = participant
    self.value = value
    self.rounds = rounds
    if plan.method == .chebyshev, let spectrum = plan.spectrum {
      recurrence = ChebyshevRecurrence(spectrum)
      previous = [Double](repeating: 0, count: value.count)
    }
  }

  /// Whether the average has been reached.
  public var isFinished: Bool { round >= rounds }
  /// Whose values this round needs, in this order.
  public var sources: [Int] {
    isFinished ? [] : plan.sources(of: participant, round: round)
  }
  /// To whom ``value`` goes in this round.
  public var recipients: [Int] {
    isFinished ? [] : plan.recipients(of: participant, round: round)
  }
  /// ξ̄ as far as it is known after the rounds done, `[count]`.
  public var average: [Double] { value }
  /// S ξ̄, `[count]`.
  public var sum: [Double] { value.map { $0 * Double(plan.participants) } }

  /// Takes the neighbours' values of this round and goes on to the next.
  ///
  /// - Parameter values: one for each of ``sources``, in their order, `[sources][count]`.
  /// - Throws: ``ConsensusError``; then nothing has changed.
  /// - Precondition: not ``isFinished``.
  public mutating func receive(_ values: [[Double]]) throws(ConsensusError) {
    precondition(!isFinished, "participant \(participant) has done its \(rounds) rounds")
    let sources = sources
    try check(values, from: sources)
    var selfWeight = 0.5
    var weights = [0.5]
    if let matrix = plan.matrix {
      selfWeight = matrix.selfWeights[participant]
      weights = matrix.neighbourWeights[participant]
    } else if sources.isEmpty {
      selfWeight = 1
    }
    var next = value.map { selfWeight * $0 }
    for (weight, neighbour) in zip(weights, values) {
      for i in next.indices { next[i] += weight * neighbour[i] }
    }
    if let (product, current, last) = recurrence?.next() {
      for i in next.indices {
        next[i] = product * next[i] + current * value[i] + last * previous[i]
      }
      swap(&previous, &value)
    }
    value = next
    round += 1
  }

  private func check(_ values: [[Double]], from sources: [Int]) throws(ConsensusError) {
    guard values.count == sources.count else {
      throw .neighbours(
        values.count, expected: sources.count, participant: participant, round: round)
    }
    for (neighbour, theirs) in zip(sources, values) {
      guard theirs.count == value.count else {
        throw .length(theirs.count, expected: value.count, neighbour: neighbour, round: round)
      }
      if let index = theirs.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(neighbour: neighbour, index: index, round: round)
      }
    }
  }
}
