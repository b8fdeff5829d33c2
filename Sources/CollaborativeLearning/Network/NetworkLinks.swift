import Settings

/// Who talks to whom: a rule, or a list of pairs.
public enum NetworkLinks: Sendable, Equatable, CustomStringConvertible {
  case complete
  case ring
  /// A cycle with a chord from each number to its inverse.
  case cycleInverseChords
  case randomRegular(degree: Int)
  case hypercube
  case onePeerExponential
  case pairs([Pair])

  /// A link between two members.
  public struct Pair: Sendable, Hashable {
    public let first: String
    public let second: String

    public init(_ first: String, _ second: String) {
      self.first = first
      self.second = second
    }

    func contains(_ name: String) -> Bool { first == name || second == name }

    /// The same for both directions.
    var key: String { first < second ? "\(first):\(second)" : "\(second):\(first)" }
  }

  /// From a text such as `ring`, `random-regular(4)` or `plant-a:plant-b,plant-b:plant-c`.
  public init?(_ text: String) {
    switch text {
    case "complete": self = .complete
    case "ring": self = .ring
    case "cycle-inverse-chords": self = .cycleInverseChords
    case "hypercube": self = .hypercube
    case "one-peer-exponential": self = .onePeerExponential
    default:
      if let numbers = numbers(of: text, named: "random-regular"), numbers.count == 1 {
        self = .randomRegular(degree: numbers[0])
        return
      }
      var pairs: [Pair] = []
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let names = part.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard names.count == 2, names.allSatisfy(NetworkName.isValid) else { return nil }
        pairs.append(Pair(names[0], names[1]))
      }
      self = .pairs(pairs)
    }
  }

  public var description: String {
    switch self {
    case .complete: "complete"
    case .ring: "ring"
    case .cycleInverseChords: "cycle-inverse-chords"
    case .randomRegular(let degree): "random-regular(\(degree))"
    case .hypercube: "hypercube"
    case .onePeerExponential: "one-peer-exponential"
    case .pairs(let pairs): pairs.map { "\($0.first):\($0.second)" }.joined(separator: ",")
    }
  }

  /// What they may be, for people.
  public static let values =
    "complete, ring, cycle-inverse-chords, random-regular(degree), hypercube, "
    + "one-peer-exponential, or pairs as in a:b,b:c"

  /// - Parameter isFirst: whether nobody has joined or left yet. Rules that ask for a certain number
  ///   of members are held to it then; later the rule stays as it was signed, whoever is present.
  func check(_ members: [Network.Member], isFirst: Bool) throws(NetworkError) {
    let present = members.filter { !$0.hasLeft }.map(\.name)
    switch self {
    case .randomRegular(let degree):
      // The degree of a signed rule stays within bounds even when members come and go.
      guard (2...1024).contains(degree), !isFirst || degree < present.count,
        !isFirst || degree * present.count % 2 == 0
      else {
        throw NetworkError(
          "\(present.count) members cannot have \(degree) neighbours each", at: "links",
          remedy: "choose a degree from 2 to \(present.count - 1) whose product with "
            + "\(present.count) is even")
      }
    case .hypercube:
      guard !isFirst || present.count.nonzeroBitCount == 1 else {
        throw NetworkError(
          "\(present.count) members are no hypercube", at: "links",
          remedy: "take 4, 8, 16 … members, or other links")
      }
    case .pairs(let pairs):
      try Self.check(pairs, among: members.map(\.name))
      try Self.checkConnected(pairs, present)
    case .complete, .ring, .cycleInverseChords, .onePeerExponential: break
    }
  }

  private static func check(_ pairs: [Pair], among names: [String]) throws(NetworkError) {
    var seen = Set<String>()
    let known = Set(names)
    for (index, pair) in pairs.enumerated() {
      for name in [pair.first, pair.second] where !known.contains(name) {
        let nearest = NetworkName.isValid(name) ? NearestName.of(name, among: names) : nil
        throw NetworkError(
          NetworkName.isValid(name) ? "there is no member \(name)" : "this is no member's name",
          at: "links[\(index)]",
          remedy: nearest.map { "did you mean \($0)?" } ?? "name members only")
      }
      guard pair.first != pair.second else {
        throw NetworkError(
          "a link from \(pair.first) to itself", at: "links[\(index)]", remedy: "remove it")
      }
      guard seen.insert(pair.key).inserted else {
        throw NetworkError(
          "the link between \(pair.first) and \(pair.second) stands there twice",
          at: "links[\(index)]", remedy: "remove one")
      }
    }
  }

  /// Checks that each present member can reach all others, if over others.
  private static func checkConnected(
    _ pairs: [Pair], _ present: [String]
  ) throws(NetworkError) {
    var neighbours: [String: [String]] = Dictionary(
      uniqueKeysWithValues: present.map { ($0, []) })
    for pair in pairs where neighbours[pair.first] != nil && neighbours[pair.second] != nil {
      neighbours[pair.first]?.append(pair.second)
      neighbours[pair.second]?.append(pair.first)
    }
    var reached = Set(present.prefix(1))
    var open = Array(reached)
    while let name = open.popLast() {
      for next in neighbours[name] ?? [] where reached.insert(next).inserted { open.append(next) }
    }
    if let start = present.first, let lost = present.first(where: { !reached.contains($0) }) {
      throw NetworkError(
        "no chain of links leads from \(start) to \(lost)", at: "links",
        remedy: "add links, as in --links \(start):\(lost)")
    }
  }
}
