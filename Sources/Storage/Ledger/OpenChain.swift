import Cryptography
import Ledger

/// A chain that is open, wherever it is kept.
public final class OpenChain<Stored: StorableBlock>: BlockStore {
  public typealias Failure = StorageError

  public let location: ChainLocation
  // One of these is there.
  private var file: FileBlockStore<Stored>?
  private var database: SQLiteBlockStore<Stored>?
  private var cluster: EtcdBlockStore<Stored>?

  /// Opens a chain to read.
  ///
  /// - Throws: ``StorageError``.
  public init(reading location: ChainLocation) throws(StorageError) {
    self.location = location
    switch location {
    case .file(let path): file = try FileBlockStore(reading: path)
    case .sqlite(let path): database = try SQLiteBlockStore(reading: path)
    case .cluster(let members): cluster = try EtcdBlockStore(members)
    }
  }

  /// Opens a chain to add to, and makes it if there is none.
  ///
  /// - Throws: ``StorageError``.
  public init(opening location: ChainLocation) throws(StorageError) {
    self.location = location
    switch location {
    case .file(let path): file = try FileBlockStore(opening: path)
    case .sqlite(let path): database = try SQLiteBlockStore(opening: path)
    case .cluster(let members): cluster = try EtcdBlockStore(members)
    }
  }

  public var count: Int { file?.count ?? cluster?.count ?? database?.count ?? 0 }
  public var head: Stored? {
    if let file { return file.head }
    if let cluster { return cluster.head }
    return database?.head
  }

  /// Bytes behind the last block of a file, of one that was not written to its end.
  public var unfinishedBytes: Int { file?.unfinishedBytes ?? 0 }

  public func block(at height: Int) throws(StorageError) -> Stored? {
    if let file { return try file.block(at: height) }
    if let cluster { return try cluster.block(at: height) }
    return try database?.block(at: height) ?? nil
  }

  public func block(hash: Digest) throws(StorageError) -> Stored? {
    if let file { return try file.block(hash: hash) }
    if let cluster { return try cluster.block(hash: hash) }
    return try database?.block(hash: hash) ?? nil
  }

  public func append(_ block: Stored) throws(StorageError) {
    try file?.append(block)
    try cluster?.append(block)
    try database?.append(block)
  }

  /// Takes in what others have added since.
  ///
  /// - Throws: ``StorageError``.
  public func refresh() throws(StorageError) {
    try file?.refresh()
    try cluster?.refresh()
    try database?.refresh()
  }

  /// Checks what a walk over the blocks does not see: the structure of a database, what lies beside
  /// the chain, and contents.
  ///
  /// - Throws: ``StorageError``.
  public func checkStructure() throws(StorageError) { try database?.check() }
}
