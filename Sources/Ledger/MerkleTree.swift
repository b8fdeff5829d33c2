import Cryptography

/// A Merkle tree by double SHA-256, from whose root a proof of a few digests leads to one leaf
/// (BEMA 2020, Sec. III-C-3c and Fig. 4).
///
/// Leaves, inner nodes and the root are hashed in domains of their own, as in RFC 6962, so that no
/// node can be taken for a leaf:
///
/// | what | bytes under the double SHA-256 |
/// |---|---|
/// | leaf | `00`, kind of the leaf, its bytes |
/// | inner node | `01`, left digest, right digest |
/// | root | `02`, number of leaves (8 bytes, little-endian), topmost digest |
///
/// A node without a neighbour goes up as it is, never doubled, and the root has the number of leaves:
/// two lists of leaves with the same root are the same list (the weakness of CVE-2012-2459, in which
/// a list and the list with its end repeated have the same root, is not there). A tree without leaves
/// has a root without a topmost digest.
public struct MerkleTree: Sendable, Hashable {
  /// From the leaves up to the topmost digest; empty without leaves.
  private var levels: [[Digest]]
  public let root: Digest

  /// What a leaf is.
  public enum Leaf: UInt8, Sendable {
    /// The bytes are a transaction's id.
    case transaction = 0
    /// The bytes are a record.
    case record = 1

    public func digest(_ bytes: [UInt8]) -> Digest {
      var hash = SHA256()
      hash.update([0, rawValue])
      hash.update(bytes)
      return DoubleSHA256.finalise(hash)
    }
  }

  /// - Parameter leaves: digests of leaves, made by ``Leaf/digest(_:)``.
  public init(leaves: [Digest]) {
    levels = leaves.isEmpty ? [] : [leaves]
    while let level = levels.last, level.count > 1 {
      var next: [Digest] = []
      next.reserveCapacity((level.count + 1) / 2)
      for left in stride(from: 0, to: level.count, by: 2) {
        next.append(
          left + 1 < level.count ? Self.node(level[left], level[left + 1]) : level[left])
      }
      levels.append(next)
    }
    root = Self.root(count: leaves.count, top: levels.last?[0])
  }

  public var leafCount: Int { levels.first?.count ?? 0 }

  /// What shows that a leaf is under the root.
  ///
  /// - Precondition: there is a leaf of this number.
  public func proof(of index: Int) -> MerkleProof {
    precondition(0..<leafCount ~= index, "leaf \(index) of a tree with \(leafCount) leaves")
    var path: [Digest] = []
    var place = index
    for level in levels.dropLast() {
      if place ^ 1 < level.count { path.append(level[place ^ 1]) }
      place /= 2
    }
    return MerkleProof(index: index, leafCount: leafCount, path: path)
  }

  static func node(_ left: Digest, _ right: Digest) -> Digest {
    var bytes: [UInt8] = [1]
    bytes.reserveCapacity(1 + 2 * Digest.byteCount)
    bytes += left.bytes
    bytes += right.bytes
    return DoubleSHA256.hash(bytes)
  }

  static func root(count: Int, top: Digest?) -> Digest {
    var writer = LedgerWriter(reserving: 41)
    writer.byte(2)
    writer.long(UInt64(count))
    if let top { writer.digest(top) }
    return DoubleSHA256.hash(writer.bytes)
  }
}

/// Shows that one leaf is under a Merkle root: the neighbours on the way up.
public struct MerkleProof: Sendable, Hashable {
  public let index: Int
  public let leafCount: Int
  /// Where a node has no neighbour, none stands here.
  public let path: [Digest]

  public init(index: Int, leafCount: Int, path: [Digest]) {
    self.index = index
    self.leafCount = leafCount
    self.path = path
  }

  /// Whether `leaf`, made by ``MerkleTree/Leaf/digest(_:)``, is leaf ``index`` of ``leafCount`` under
  /// `root`.
  public func shows(_ leaf: Digest, under root: Digest) -> Bool {
    guard 0..<leafCount ~= index else { return false }
    var (digest, place, width) = (leaf, index, leafCount)
    var rest = path[...]
    while width > 1 {
      if place ^ 1 < width {
        guard let neighbour = rest.popFirst() else { return false }
        digest =
          place % 2 == 0
          ? MerkleTree.node(digest, neighbour) : MerkleTree.node(neighbour, digest)
      }
      place /= 2
      width = width / 2 + width % 2
    }
    return rest.isEmpty && MerkleTree.root(count: leafCount, top: digest) == root
  }

  public var encoded: [UInt8] {
    var writer = LedgerWriter()
    writer.long(UInt64(index))
    writer.long(UInt64(leafCount))
    writer.word(UInt32(path.count))
    for digest in path { writer.digest(digest) }
    return writer.bytes
  }

  /// - Throws: ``LedgerCodingError``.
  public init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    guard let index = Int(exactly: try reader.long()), let count = Int(exactly: try reader.long()),
      index < count
    else { throw .malformed("place of a leaf") }
    let length = try reader.count(of: "digests", size: Digest.byteCount, limit: 64)
    var path: [Digest] = []
    for _ in 0..<length { path.append(try reader.digest()) }
    try reader.finish()
    self.init(index: index, leafCount: count, path: path)
  }
}
