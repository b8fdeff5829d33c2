import Cryptography

/// The numbers that senders have reached, by their keys: a trie over the keys' half-bytes.
///
/// A copy costs nothing and shares all nodes; a change copies only those on the way to its key that
/// a copy shares. Keys look random, so that a way is short; whoever searches keys that begin alike
/// makes the ways to those keys longer, up to 64 nodes.
struct SequenceMap: Sendable {
  private var root = Node()
  /// Senders that have a number.
  private(set) var count = 0

  /// A sender's number; 0 if it has none.
  subscript(sender: VerificationKey) -> UInt64 {
    get { root.value(of: sender) ?? 0 }
    set { if root.set(newValue, for: sender, depth: 0) { count += 1 } }
  }
}

extension SequenceMap {
  private enum Slot: Sendable {
    case leaf(VerificationKey, UInt64)
    case branch(Node)
    /// Only while a branch is being changed.
    case empty
  }

  /// Keys that begin with the same half-bytes, as many as the node is deep.
  private struct Node: Sendable {
    /// One bit for each value of the next half-byte that a key has.
    private var values: UInt16 = 0
    /// In the order of the bits.
    private var slots: [Slot] = []

    init() {}

    /// Two different keys that are equal above this depth.
    init(
      _ one: VerificationKey, _ number: UInt64, _ other: VerificationKey, _ otherNumber: UInt64,
      depth: Int
    ) {
      let (bit, otherBit) = (Self.bit(of: one, depth), Self.bit(of: other, depth))
      values = bit | otherBit
      if bit == otherBit {
        slots = [.branch(Node(one, number, other, otherNumber, depth: depth + 1))]
      } else if bit < otherBit {
        slots = [.leaf(one, number), .leaf(other, otherNumber)]
      } else {
        slots = [.leaf(other, otherNumber), .leaf(one, number)]
      }
    }

    private static func bit(of key: VerificationKey, _ depth: Int) -> UInt16 {
      let byte = key.bytes[depth / 2]
      return 1 << UInt16(depth % 2 == 0 ? byte >> 4 : byte & 15)
    }

    private func place(of bit: UInt16) -> Int { (values & (bit - 1)).nonzeroBitCount }

    func value(of key: VerificationKey) -> UInt64? {
      var node = self
      var depth = 0
      while true {
        let bit = Self.bit(of: key, depth)
        guard node.values & bit != 0 else { return nil }
        switch node.slots[node.place(of: bit)] {
        case .leaf(let other, let number): return other == key ? number : nil
        case .branch(let child): node = child
        case .empty: return nil
        }
        depth += 1
      }
    }

    /// - Returns: whether the key is new.
    mutating func set(_ number: UInt64, for key: VerificationKey, depth: Int) -> Bool {
      let bit = Self.bit(of: key, depth)
      let place = place(of: bit)
      guard values & bit != 0 else {
        values |= bit
        slots.insert(.leaf(key, number), at: place)
        return true
      }
      if var child = takeBranch(at: place) {
        let isNew = child.set(number, for: key, depth: depth + 1)
        slots[place] = .branch(child)
        return isNew
      }
      if case .leaf(let other, let otherNumber) = slots[place], other != key {
        slots[place] = .branch(Node(other, otherNumber, key, number, depth: depth + 1))
        return true
      }
      slots[place] = .leaf(key, number)
      return false
    }

    /// Takes a branch out, so that one that no copy shares is changed where it is.
    private mutating func takeBranch(at place: Int) -> Node? {
      guard case .branch(let child) = slots[place] else { return nil }
      slots[place] = .empty
      return child
    }
  }
}
