/// Numbers that can be added in any order with the same result: integers, residues of a prime.
public protocol AdditiveGroup: Sendable {
  /// Adds element by element: `sum[i] += addend[i]`. Both have the same length.
  static func add(_ addend: [Self], to sum: inout [Self])
}

/// Addition modulo 2⁶⁴: partial sums may wrap around, and the total is right if it fits.
extension Int64: AdditiveGroup {
  public static func add(_ addend: [Int64], to sum: inout [Int64]) {
    for i in sum.indices { sum[i] &+= addend[i] }
  }
}

/// Why an exact sum could not go on.
public enum DisseminationError: Error, Equatable, CustomStringConvertible {
  /// A message holds another number of partial sums than its round asks for.
  case parts(Int, expected: Int, from: Int, round: Int)
  /// A partial sum is of another length.
  case length(Int, expected: Int, from: Int, round: Int)

  public var description: String {
    switch self {
    case .parts(let count, let expected, let from, let round):
      "participant \(from) sent \(count) partial sums instead of \(expected) in round \(round)"
    case .length(let count, let expected, let from, let round):
      "participant \(from) sent \(count) numbers instead of \(expected) in round \(round)"
    }
  }
}

/// One participant of an exact sum over S participants in ⌈log₂ S⌉ rounds, for any S, with one
/// message a round sent and received: a state machine.
///
/// Let w_k(i) be the sum of the 2ᵏ values from i on, around the circle, and r_k(i) that of the
/// S mod 2ᵏ values from i on. In round k participant i hears from j = i + 2ᵏ and computes
///
/// - w_{k+1}(i) = w_k(i) + w_k(j): the windows are neighbours;
/// - r_{k+1}(i) = w_k(i) + r_k(j) where S has the binary digit 2ᵏ, else r_k(i).
///
/// After T = ⌈log₂ S⌉ rounds S mod 2ᵀ = S, so r_T(i) is the sum over all; if S = 2ᵀ, it is w_T(i).
/// No value is counted twice, which is what lets it work in a group, where 2x = x has no meaning
/// (Bruck et al., "Efficient algorithms for all-to-all communications in multiport
/// message-passing systems", 1997).
///
/// The result is the **sum**; the average is a division by S. A message of the first round is the
/// sender's value itself: values must be masked or shared before they come here. Everybody must
/// take part: one who drops out stops all.
public struct DisseminationSum<Element: AdditiveGroup>: Sendable {
  /// The number of this participant, 0 ..< S.
  public let participant: Int
  /// S.
  public let participants: Int
  /// Rounds done.
  public private(set) var round = 0

  /// w_k.
  private var window: [Element]
  /// r_k; `nil` while it is a sum of no values.
  private var remainder: [Element]?

  /// - Parameter value: `[count]`; `count` is the same for all participants.
  public init(participant: Int, participants: Int, value: [Element]) {
    precondition(
      (0..<participants).contains(participant), "participant \(participant) of \(participants)")
    self.participant = participant
    self.participants = participants
    window = value
  }

  /// ⌈log₂ S⌉.
  public var rounds: Int { binaryLogarithm(roundedUp: participants) }
  /// Whether the sum is known.
  public var isFinished: Bool { round >= rounds }

  /// Who is heard in this round: i + 2ᵏ mod S.
  public var source: Int? {
    isFinished ? nil : (participant + (1 << round)) % participants
  }
  /// To whom the message goes: i − 2ᵏ mod S.
  public var recipient: Int? {
    isFinished ? nil : (participant + participants - (1 << round)) % participants
  }

  /// Whether S has the binary digit 2ᵏ.
  private var hasDigit: Bool { participants >> round & 1 == 1 }
  /// Whether w_{k+1} is still needed: in the last round only the one that is the result.
  private var needsWindow: Bool {
    round + 1 < rounds || !hasDigit || remainder == nil
  }
  private var needsRemainder: Bool { hasDigit && remainder != nil }

  /// What to send in this round: w_k, r_k, or both, `[parts][count]`; at most two.
  public var message: [[Element]] {
    if isFinished { return [] }
    var parts: [[Element]] = []
    if needsWindow { parts.append(window) }
    if needsRemainder, let remainder { parts.append(remainder) }
    return parts
  }

  /// Takes the message of this round and goes on to the next.
  ///
  /// - Throws: ``DisseminationError``; then nothing has changed.
  /// - Precondition: not ``isFinished``.
  public mutating func receive(_ parts: [[Element]]) throws(DisseminationError) {
    guard let source else {
      preconditionFailure("participant \(participant) has done its \(rounds) rounds")
    }
    // Which parts a round has depends on S and k alone, so it is the same for all.
    let expected = (needsWindow ? 1 : 0) + (needsRemainder ? 1 : 0)
    guard parts.count == expected else {
      throw .parts(parts.count, expected: expected, from: source, round: round)
    }
    for part in parts where part.count != window.count {
      throw .length(part.count, expected: window.count, from: source, round: round)
    }
    let hadDigit = hasDigit
    let (takesWindow, takesRemainder) = (needsWindow, needsRemainder)
    if hadDigit {
      var sum = window
      if takesRemainder { Element.add(parts[parts.count - 1], to: &sum) }
      remainder = sum
    }
    if takesWindow { Element.add(parts[0], to: &window) }
    round += 1
  }

  /// The sum over all participants, `[count]`; `nil` before the last round is done.
  public var sum: [Element]? {
    guard isFinished else { return nil }
    return participants & (participants - 1) == 0 ? window : remainder
  }
}
