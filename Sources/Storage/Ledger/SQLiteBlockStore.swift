import Cryptography
import Ledger

/// A chain with its branches and contents in one SQLite file.
///
/// When a method that adds returns, what it added outlives a crash of the process and of the machine.
/// Everything that is read is checked against its hash. One value at a time adds, in all processes;
/// others read meanwhile, and see what is new after ``refresh()``. A store stays with one thread or
/// actor at a time.
///
/// While it is open, a log (`-wal`, `-shm`) and a lock (`-lock`) lie beside the file; after a crash,
/// the log is a part of it.
public struct SQLiteBlockStore<Stored: StorableBlock>: ForkingBlockStore, ContentStore, ~Copyable {
  public typealias Failure = StorageError

  let chain: SQLiteChain
  private let lock: WriterLock?
  private var state: SQLiteChain.State
  public private(set) var head: Stored?

  /// Opens a chain to add to, and makes it if there is none.
  ///
  /// - Parameter first: the hash that its first block must have, where the network is known.
  /// - Throws: ``StorageError``.
  public init(opening path: String, first: Digest? = nil) throws(StorageError) {
    // A directory or a device is told before anything lies beside it.
    do throws(StorageError) {
      _ = try ChainFile(path: path, isWriting: false)
    } catch {
      if error.code != .noSuchFile { throw error }
    }
    let lock = try WriterLock(of: path)
    try self.init(try SQLiteChain(opening: path, kind: Stored.kind), lock: lock, first: first)
  }

  /// Opens a chain to read.
  ///
  /// - Throws: ``StorageError``.
  public init(reading path: String, first: Digest? = nil) throws(StorageError) {
    try self.init(try SQLiteChain(reading: path, kind: Stored.kind), lock: nil, first: first)
  }

  private init(
    _ chain: consuming SQLiteChain, lock: consuming WriterLock?, first: Digest?
  ) throws(StorageError) {
    let state = try chain.state()
    let head = try Self.head(of: chain, state)
    if let first, let there = try chain.hash(at: 0), there != first {
      throw StorageError(
        .wrongFormat, "this is the chain of another network; its first block is \(there)",
        at: chain.place, remedy: "name another file")
    }
    self.chain = chain
    self.lock = lock
    self.state = state
    self.head = head
  }

  public var count: Int { state.count }

  // MARK: Reading

  /// Takes in what another process has added since.
  ///
  /// - Returns: whether there is another head.
  /// - Throws: ``StorageError``.
  @discardableResult
  public mutating func refresh() throws(StorageError) -> Bool {
    let now = try chain.state()
    guard now != state else { return false }
    head = try Self.head(of: chain, now)
    state = now
    return true
  }

  private static func head(
    of chain: borrowing SQLiteChain, _ state: SQLiteChain.State
  ) throws(StorageError) -> Stored? {
    guard let hash = state.head else { return nil }
    guard let block = try read(hash, at: state.count - 1, from: chain) else {
      throw chain.damaged("the block is missing", "block \(state.count - 1)")
    }
    return block
  }

  public borrowing func block(at height: Int) throws(StorageError) -> Stored? {
    guard height >= 0, height < state.count else { return nil }
    let hash = try chain.hash(at: height)
    guard let hash, let block = try Self.read(hash, at: height, from: chain) else {
      guard try chain.state() == state else {
        throw StorageError(
          .staleHead, "the chain has another head meanwhile", at: chain.place,
          remedy: "take what has been added meanwhile first")
      }
      throw chain.damaged("the block is missing", "block \(height)")
    }
    return block
  }

  public borrowing func block(hash: Digest) throws(StorageError) -> Stored? {
    try Self.read(hash, at: nil, from: chain)
  }

  /// The block with a hash; its height, where it is known, is for messages and is checked.
  static func read(
    _ hash: Digest, at height: Int?, from chain: borrowing SQLiteChain
  ) throws(StorageError) -> Stored? {
    do throws(StorageError) {
      guard let found = try chain.block(hash) else { return nil }
      let object = "block \(height ?? found.height)"
      let block: Stored
      do {
        block = try Stored(decoding: found.bytes)
      } catch {
        throw chain.damaged("\(error)", object)
      }
      guard block.hash == hash, Int(exactly: block.height) == found.height,
        found.height == height ?? found.height
      else { throw chain.damaged("another block stands in its place", object) }
      return block
    } catch {
      guard let height else { throw error }
      var error = error
      error.place.object = "block \(height)"
      throw error
    }
  }

  // MARK: Adding

  private func requireWriting() throws(StorageError) {
    guard lock != nil else {
      throw StorageError(
        .notPermitted, "this chain was opened to be read", at: chain.place,
        remedy: "open it for adding")
    }
  }

  private func stale(_ error: ChainError) -> StorageError {
    StorageError(
      .staleHead, "\(error)", at: chain.place,
      remedy: "take what has been added meanwhile first")
  }

  public mutating func append(_ block: Stored) throws(StorageError) {
    try append([block], contents: [])
  }

  /// Adds a block and contents to which it refers: all of them or none.
  ///
  /// - Throws: ``StorageError``.
  public mutating func append(_ block: Stored, contents: [[UInt8]]) throws(StorageError) {
    try append([block], contents: contents)
  }

  /// Adds blocks that follow one another, all of them or none: the disk is waited for once.
  ///
  /// - Throws: ``StorageError``.
  public mutating func append(contentsOf blocks: [Stored]) throws(StorageError) {
    try append(blocks, contents: [])
  }

  private mutating func append(
    _ blocks: [Stored], contents: [[UInt8]]
  ) throws(StorageError) {
    try requireWriting()
    var last = head
    for block in blocks {
      do {
        try block.check(follows: last)
      } catch {
        throw stale(error)
      }
      last = block
    }
    guard let last, !blocks.isEmpty else { return }
    let next = SQLiteChain.State(count: state.count + blocks.count, head: last.hash)
    try chain.database.transaction { () throws(StorageError) in
      for bytes in contents { try store(bytes, SHA256.hash(bytes)) }
      for block in blocks {
        if try chain.block(block.hash) == nil {
          try chain.add(block.hash, height: block.height, bytes: block.encoded)
        }
        try chain.setHash(block.hash, at: block.height)
      }
      try chain.set(next)
    }
    state = next
    head = last
  }

  public mutating func keep(_ block: Stored) throws(StorageError) {
    try requireWriting()
    guard try chain.block(block.hash) == nil else { return }
    do {
      guard let parent = try self.block(hash: block.previous) else {
        throw ChainError.unknownParent(block.height)
      }
      try block.check(follows: parent)
    } catch let error as ChainError {
      throw stale(error)
    } catch let error as StorageError {
      throw error
    } catch {
      preconditionFailure("an error of no kind that is thrown: \(error)")
    }
    try chain.database.transaction { () throws(StorageError) in
      try chain.add(block.hash, height: block.height, bytes: block.encoded)
    }
  }

  public mutating func reorganise(to hash: Digest) throws(StorageError) {
    try requireWriting()
    guard let end = try block(hash: hash) else { throw stale(.unknownBlock(hash)) }
    // Back to where the new branch leaves the chain. Only places are held, however long it is.
    var path: [(height: UInt64, hash: Digest)] = []
    var last = end
    while try chain.hash(at: Int(last.height)) != last.hash || Int(last.height) >= state.count {
      path.append((last.height, last.hash))
      guard last.height > 0 else { throw stale(.notFirst) }
      guard let parent = try block(hash: last.previous) else {
        throw stale(.unknownParent(last.height))
      }
      last = parent
    }
    let next = SQLiteChain.State(count: Int(end.height) + 1, head: hash)
    try chain.database.transaction { () throws(StorageError) in
      try chain.cut(from: last.height + 1)
      for place in path.reversed() { try chain.setHash(place.hash, at: place.height) }
      try chain.set(next)
    }
    state = next
    head = end
  }

  // MARK: Contents

  private borrowing func store(_ bytes: [UInt8], _ digest: Digest) throws(StorageError) {
    if case .present = try chain.content(digest) { return }
    try chain.setContent(digest, .present(bytes))
  }

  @discardableResult
  public mutating func put(_ bytes: [UInt8]) throws(StorageError) -> Digest {
    try requireWriting()
    let digest = SHA256.hash(bytes)
    try chain.database.transaction { () throws(StorageError) in try store(bytes, digest) }
    return digest
  }

  public borrowing func content(_ digest: Digest) throws(StorageError) -> StoredContent {
    try chain.content(digest)
  }

  public mutating func prune(_ digest: Digest, reason: String) throws(StorageError) {
    try prune([digest], reason: reason)
  }

  /// Removes contents and keeps a note of each: all of this or nothing. What is not there, or has
  /// been pruned before, stays as it is. The room is given back to the file system.
  ///
  /// - Returns: how many there were, and of how many bytes.
  /// - Throws: ``StorageError``.
  @discardableResult
  public mutating func prune(
    _ digests: [Digest], reason: String
  ) throws(StorageError) -> (count: Int, byteCount: Int) {
    try requireWriting()
    let removed = try chain.database.transaction {
      () throws(StorageError) -> (count: Int, byteCount: Int) in
      var removed = (count: 0, byteCount: 0)
      for digest in digests {
        guard case .present(let bytes) = try chain.content(digest) else { continue }
        try chain.setContent(digest, .pruned(byteCount: bytes.count, reason: reason))
        removed.count += 1
        removed.byteCount += bytes.count
      }
      return removed
    }
    if removed.count > 0 { try chain.database.run("PRAGMA incremental_vacuum") }
    return removed
  }
}
