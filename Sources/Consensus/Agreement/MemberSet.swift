/// A set of members of a network, by their indices.
public struct MemberSet: Sendable, Hashable {
  /// 64 members a word, lowest first; no zero word at the end, so that equal sets are equal values.
  private(set) var words: [UInt64] = []

  /// The largest number of members that any network has.
  public static let capacity = 65536

  /// No members.
  public init() {}

  /// Some members.
  public init(_ members: some Sequence<Int>) {
    for member in members { insert(member) }
  }

  init(words: [UInt64]) {
    self.words = words
    trim()
  }

  /// The number of members.
  public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  public var isEmpty: Bool { words.isEmpty }

  /// The member with the highest index.
  public var largest: Int? {
    words.last.map { words.count << 6 - 1 - $0.leadingZeroBitCount }
  }

  public func contains(_ member: Int) -> Bool {
    let word = member >> 6
    return member >= 0 && word < words.count && words[word] >> UInt64(member & 63) & 1 == 1
  }

  public mutating func insert(_ member: Int) {
    precondition((0..<Self.capacity).contains(member), "member \(member) of a set")
    while words.count <= member >> 6 { words.append(0) }
    words[member >> 6] |= 1 << UInt64(member & 63)
  }

  public mutating func remove(_ member: Int) {
    guard contains(member) else { return }
    words[member >> 6] &= ~(1 << UInt64(member & 63))
    trim()
  }

  public func union(_ other: MemberSet) -> MemberSet {
    combined(with: other) { $0 | $1 }
  }

  public func intersection(_ other: MemberSet) -> MemberSet {
    combined(with: other) { $0 & $1 }
  }

  /// Those that are not in the other set.
  public func subtracting(_ other: MemberSet) -> MemberSet {
    combined(with: other) { $0 & ~$1 }
  }

  /// Those that are in one of the sets, not in both.
  public func symmetricDifference(_ other: MemberSet) -> MemberSet {
    combined(with: other) { $0 ^ $1 }
  }

  public func isSubset(of other: MemberSet) -> Bool {
    for (i, word) in words.enumerated() {
      if word & ~(i < other.words.count ? other.words[i] : 0) != 0 { return false }
    }
    return true
  }

  /// The members in ascending order.
  public var members: [Int] {
    var members: [Int] = []
    members.reserveCapacity(count)
    for (i, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        members.append(i << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return members
  }

  private func combined(
    with other: MemberSet, _ combine: (UInt64, UInt64) -> UInt64
  ) -> MemberSet {
    var result: [UInt64] = []
    for i in 0..<max(words.count, other.words.count) {
      result.append(
        combine(i < words.count ? words[i] : 0, i < other.words.count ? other.words[i] : 0))
    }
    return MemberSet(words: result)
  }

  private mutating func trim() {
    while words.last == 0 { words.removeLast() }
  }
}

extension MemberSet: CustomStringConvertible {
  /// As in `{0, 2, 5}`.
  public var description: String {
    "{" + members.map(String.init).joined(separator: ", ") + "}"
  }
}
