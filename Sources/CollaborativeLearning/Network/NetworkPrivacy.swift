/// What hides a member's share of a sum from the others.
public enum NetworkPrivacy: Sendable, Equatable, CustomStringConvertible {
  /// Shamir's secret sharing: each value is split among `count` members, any `threshold` of whom
  /// can complete a sum, and fewer of whom learn nothing.
  case shamir(threshold: Int, count: Int)
  /// Pairwise masks that cancel in the sum.
  case masks
  /// Each value travels in so many random parts.
  case chunks(Int)
  /// Nothing: whoever forms the sum sees the terms.
  case none

  /// The most members that a value is shared among, and the most parts of it.
  public static let most = 1024

  /// The default for a number of members: shares for five, or for all if there are fewer, of which
  /// a majority is needed.
  public static func usual(members: Int) -> NetworkPrivacy {
    let count = min(5, members)
    return .shamir(threshold: count / 2 + 1, count: count)
  }

  /// From the text that `description` gives: `shamir(3,5)`, `masks`, `chunks(4)` or `none`.
  public init?(_ text: String) {
    switch text {
    case "masks": self = .masks
    case "none": self = .none
    default:
      if let numbers = numbers(of: text, named: "shamir"), numbers.count == 2 {
        self = .shamir(threshold: numbers[0], count: numbers[1])
      } else if let numbers = numbers(of: text, named: "chunks"), numbers.count == 1 {
        self = .chunks(numbers[0])
      } else {
        return nil
      }
    }
  }

  public var description: String {
    switch self {
    case .shamir(let threshold, let count): "shamir(\(threshold),\(count))"
    case .masks: "masks"
    case .chunks(let count): "chunks(\(count))"
    case .none: "none"
    }
  }

  /// What it may be, for people.
  public static let values = "shamir(t,n) with 2 <= t <= n <= members, masks, chunks(C) or none"

  /// - Parameters:
  ///   - isFirst: whether nobody can have left yet. When somebody leaves later, there may be fewer
  ///     members than shares: each then gets one. The threshold stays, as everybody signed it.
  func check(present: Int, isFirst: Bool) throws(NetworkError) {
    switch self {
    case .shamir(let threshold, let count):
      guard threshold >= 2 else {
        throw NetworkError(
          "with threshold \(threshold) one member could open the shares of all others",
          at: "privacy", remedy: "choose a threshold t of 2 or more in shamir(t,n)")
      }
      guard threshold <= count else {
        throw NetworkError(
          "\(threshold) shares are needed and only \(count) are given out", at: "privacy",
          remedy: "choose t <= n in shamir(t,n)")
      }
      guard count <= Self.most, count <= present || !isFirst else {
        throw NetworkError(
          "\(count) shares cannot be given to \(present) members", at: "privacy",
          remedy: "choose n <= \(present) in shamir(t,n)")
      }
      guard threshold <= present else {
        throw NetworkError(
          "\(threshold) members are needed for every sum and only \(present) would be left",
          at: "privacy", remedy: "keep the member, or make a new network with a smaller t")
      }
    case .chunks(let count):
      guard (2...Self.most).contains(count) else {
        throw NetworkError(
          "a value cannot travel in \(count) parts", at: "privacy",
          remedy: "choose 2 to \(Self.most) in chunks(C)")
      }
    case .masks, .none: break
    }
  }
}

/// The whole numbers in `name(1,2)`, written without signs, blanks and leading zeros; `nil` for any
/// other text. One value has one text, so that what is signed reads the same for everybody.
func numbers(of text: String, named name: String) -> [Int]? {
  guard text.hasPrefix(name + "("), text.hasSuffix(")") else { return nil }
  var found: [Int] = []
  let inside = text.dropFirst(name.count + 1).dropLast()
  for part in inside.split(separator: ",", omittingEmptySubsequences: false) {
    guard let number = Int(part), String(number) == part else { return nil }
    found.append(number)
  }
  return found
}
