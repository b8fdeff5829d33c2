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
    guard let value = try value(try client.value(of: key), object) else { return .unknown }
    switch value {
    case .bytes(let bytes): return .present(bytes)
    case .pruned(let count, let reason): return .pruned(byteCount: count, reason: reason)
    case .parts(let digest, let count, let size):
      guard size > 0, count <= Self.longestBytes else { throw damaged("parts of no size", object) }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(count)
      var number = 0
      while bytes.count < count {
        let part = try self.value(try client.value(of: keys.part(digest, number)), object)
        guard case .bytes(let more)? = part, more.count == min(size, count - bytes.count) else {
          // Somebody may have pruned it in between.
          if case .pruned(let count, let reason)? = try self.value(
            try client.value(of: key), object)
          {
            return .pruned(byteCount: count, reason: reason)
          }
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
  private mutating func value(for bytes: [UInt8]) throws(StorageError) -> EtcdValue {
    guard bytes.count > Self.longestValue else { return .bytes(bytes) }
    let digest = SHA256.hash(bytes)
    let size = Self.longestValue
    for (number, start) in stride(from: 0, to: bytes.count, by: size).enumerated() {
      let key = keys.part(digest, number)
      let part = EtcdValue.bytes(Array(bytes[start..<min(start + size, bytes.count)]))
      try client.put(key, part.encoded(for: key))
    }
    return .parts(digest: digest, count: bytes.count, size: size)
  }

  /// Writes bytes under a key, where they may be read once this returns.
  mutating func put(_ key: String, _ bytes: [UInt8]) throws(StorageError) {
    let value = try value(for: bytes)
    try client.put(key, value.encoded(for: key))
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
