import Cryptography
import Ledger

/// A chain's values in an etcd cluster. Knows bytes and hashes only.
struct EtcdChain: ~Copyable {
  var client: EtcdClient
  let keys: EtcdKeys
  let kind: ChainKind

  /// Longer bytes are cut: etcd takes requests of 1.5 MiB.
  static let longestValue = 1 << 20
  /// No bytes are longer: memory is not taken for what a damaged value promises.
  static let longestBytes = 1 << 30

  struct Head: Equatable {
    var count: Int
    var hash: Digest
    /// In which the key of the head was written last.
    var revision: Int
  }

  init(_ cluster: EtcdCluster, kind: ChainKind) {
    client = EtcdClient(cluster)
    keys = EtcdKeys(prefix: cluster.prefix)
    self.kind = kind
  }

  var place: StorageError.Place { client.cluster.place }

  func damaged(_ what: String, _ object: String) -> StorageError {
    StorageError(
      .malformed, what, at: .init(file: place.file, object: object),
      remedy: "copy the chain again from somebody else who has it")
  }

  private func value(_ entry: EtcdClient.Entry?, _ object: String) throws(StorageError)
    -> EtcdValue?
  {
    guard let entry else { return nil }
    do {
      return try EtcdValue(
        decoding: entry.value, of: String(decoding: entry.key, as: UTF8.self))
    } catch {
      throw damaged("what etcd has is damaged (\(error))", object)
    }
  }

  // MARK: Head and heights

  /// The head; `nil` in an empty chain.
  mutating func head() throws(StorageError) -> Head? {
    try head(of: try client.value(of: keys.head))
  }

  private func head(of entry: EtcdClient.Entry?) throws(StorageError) -> Head? {
    guard let entry, let value = try value(entry, "head") else { return nil }
    guard case .head(let name, let count, let hash) = value, count > 0 else {
      throw damaged("what etcd has is no head of a chain", "head")
    }
    guard name == kind.name else {
      throw StorageError(
        .wrongFormat, "this is a chain of \(shown(name)) blocks, not of \(kind)", at: place,
        remedy: "name another prefix")
    }
    return Head(count: count, hash: hash, revision: entry.revision)
  }

  /// The name of the kind of the blocks; `nil` in an empty chain.
  mutating func kindName() throws(StorageError) -> String? {
    guard let value = try value(try client.value(of: keys.head), "head") else { return nil }
    guard case .head(let name, _, _) = value else {
      throw damaged("what etcd has is no head of a chain", "head")
    }
    return name
  }

  mutating func hash(at height: Int) throws(StorageError) -> Digest? {
    try hash(of: try client.value(of: keys.height(height)), at: height)
  }

  func hash(of entry: EtcdClient.Entry?, at height: Int) throws(StorageError) -> Digest? {
    guard let value = try value(entry, "block \(height)") else { return nil }
    guard case .hash(let hash) = value else {
      throw damaged("what etcd has is no hash", "block \(height)")
    }
    return hash
  }

  // MARK: Bytes

  /// The bytes under a key, put together from their parts.
  mutating func bytes(
    _ key: String, _ object: String
  ) throws(StorageError) -> StoredContent {
    var entry = try client.value(of: key)
    while true {
      do throws(StorageError) {
        return try self.bytes(of: entry, object)
      } catch {
        guard error.code == .malformed else { throw error }
        // Somebody may have pruned it, or put it again, in between.
        let now = try client.value(of: key)
        guard now?.revision != entry?.revision else { throw error }
        entry = now
      }
    }
  }

  private mutating func bytes(
    of entry: EtcdClient.Entry?, _ object: String
  ) throws(StorageError) -> StoredContent {
    guard let found = try value(entry, object) else { return .unknown }
    switch found {
    case .bytes(let bytes): return .present(bytes)
    case .pruned(let count, let reason): return .pruned(byteCount: count, reason: reason)
    case .parts(let digest, let tag, let count, let size):
      guard size > 0, count <= Self.longestBytes else { throw damaged("parts of no size", object) }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(count)
      var number = 0
      while bytes.count < count {
        let entry = try client.value(of: keys.part(digest, tag: tag, number))
        let part = try value(entry, object)
        guard case .bytes(let more)? = part, more.count == min(size, count - bytes.count) else {
          throw damaged("part \(number) is missing", object)
        }
        bytes += more
        number += 1
      }
      return .present(bytes)
    case .head, .hash: throw damaged("what etcd has are no bytes", object)
    }
  }

  /// The value for bytes, whose parts are written already where there are any.
  private mutating func value(
    for bytes: [UInt8], tag: String? = nil
  ) throws(StorageError) -> EtcdValue {
    guard bytes.count > Self.longestValue else { return .bytes(bytes) }
    let digest = SHA256.hash(bytes)
    let size = Self.longestValue
    for (number, start) in stride(from: 0, to: bytes.count, by: size).enumerated() {
      let key = keys.part(digest, tag: tag, number)
      let part = EtcdValue.bytes(Array(bytes[start..<min(start + size, bytes.count)]))
      try client.put(key, part.encoded(for: key))
    }
    return .parts(digest: digest, tag: tag, count: bytes.count, size: size)
  }

  // MARK: Contents

  /// Writes contents, unless they are there and whole.
  ///
  /// Parts have a tag that no other writing has, and are named only if nobody has pruned or put the
  /// contents since they were looked for. So what is named is never what somebody else deletes.
  mutating func put(_ digest: Digest, _ bytes: [UInt8]) throws(StorageError) {
    let key = keys.content(digest)
    let isCut = bytes.count > Self.longestValue
    while true {
      let entry = try client.value(of: key)
      do throws(StorageError) {
        let found = try self.bytes(of: entry, "content \(digest)")
        if found == .present(bytes) { return }
      } catch {
        // What is damaged, or lacks parts, is written anew.
        guard error.code == .malformed else { throw error }
      }
      let tag = String(UInt64.random(in: .min ... .max), radix: 36)
      let mine = EtcdClient.keys(startingWith: keys.parts(digest, tag: tag))
      let all = EtcdClient.keys(startingWith: keys.taggedParts(digest))
      // What others left, or whose value will not be written: they look again then.
      let others: [EtcdClient.KeyRange] = [
        .init(start: all.start, end: mine.start), .init(start: mine.end, end: all.end),
      ]
      let new = try value(for: bytes, tag: tag).encoded(for: key)
      let there = try client.write(
        [(key, new)], deleting: isCut ? others : [],
        if: entry.map { .unchanged(key, revision: $0.revision) } ?? .absent(key),
        otherwise: [key])
      // Where the first answer was lost, it is there.
      guard let there, there[0]?.value != new else { return }
      // Somebody else has written the contents since: no request, however late, names these parts.
      if isCut { try client.deleteAll(startingWith: keys.parts(digest, tag: tag)) }
    }
  }

  /// Deletes contents and leaves a note, at one moment. Where somebody puts or prunes them in
  /// between, that counts as having come after.
  ///
  /// - Returns: whether this pruned them, rather than somebody before.
  @discardableResult
  mutating func prune(_ digest: Digest, reason: String) throws(StorageError) -> Bool {
    let (key, object) = (keys.content(digest), "content \(digest)")
    let entry = try client.value(of: key)
    guard let entry, let found = try value(entry, object) else { return false }
    let parts = EtcdClient.keys(startingWith: keys.taggedParts(digest))
    var ranges: [EtcdClient.KeyRange] = []
    let note: EtcdValue
    var isFirst = true
    switch found {
    case .bytes(let bytes): note = .pruned(count: bytes.count, reason: reason)
    case .parts(let digest, let tag, let count, _):
      note = .pruned(count: count, reason: reason)
      ranges = [parts]
      if tag == nil {
        ranges.append(EtcdClient.keys(startingWith: keys.parts(digest, tag: nil)))
      }
    case .pruned:
      // Somebody may have stopped in the middle of putting them. The same note is written, so that
      // who is in the middle now begins anew.
      let left = try client.range(from: parts.start, to: parts.end, limit: 1)
      guard !left.entries.isEmpty else { return false }
      note = found
      ranges = [parts]
      isFirst = false
    case .head, .hash: throw damaged("what etcd has are no bytes", object)
    }
    let new = note.encoded(for: key)
    let there = try client.write(
      [(key, new)], deleting: ranges, if: .unchanged(key, revision: entry.revision),
      otherwise: [key])
    guard let there else { return isFirst }
    return isFirst && there[0]?.value == new
  }

  // MARK: Adding

  enum Outcome {
    case added(Head)
    /// There is another head by now.
    case stale
  }

  /// Adds a block behind a head, if that is still the head: head, height and block are written in one
  /// transaction.
  ///
  /// A transaction whose answer was lost is sent again. It cannot be done twice, as it holds the head
  /// to the revision in which it was written; and once another block stands at this height, it never
  /// will be. So what stands at the height tells whether this block was added.
  mutating func append(
    _ hash: Digest, _ bytes: [UInt8], behind head: Head?
  ) throws(StorageError) -> Outcome {
    let height = head?.count ?? 0
    let next = EtcdValue.head(kind: kind.name, count: height + 1, hash: hash)
    let (blockKey, heightKey) = (keys.block(hash), keys.height(height))
    let block = try value(for: bytes)
    let found = try client.write(
      [
        (blockKey, block.encoded(for: blockKey)),
        (heightKey, EtcdValue.hash(hash).encoded(for: heightKey)),
        (keys.head, next.encoded(for: keys.head)),
      ], if: head.map { .unchanged(keys.head, revision: $0.revision) } ?? .absent(keys.head),
      otherwise: [heightKey])
    // Read from the cluster in either case: an answer may have been lost, or be one to an earlier try.
    let there =
      if let found { found[0] } else { try client.value(of: heightKey) }
    guard let there, try self.hash(of: there, at: height) == hash else { return .stale }
    // All three were written in the same revision.
    return .added(Head(count: height + 1, hash: hash, revision: there.revision))
  }
}
