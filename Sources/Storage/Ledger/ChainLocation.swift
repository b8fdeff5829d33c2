import Ledger

/// Where a chain is kept: in a file of either format, or in an etcd cluster.
public enum ChainLocation: Sendable, Hashable, CustomStringConvertible {
  case file(String)
  case sqlite(String)
  case cluster(EtcdCluster)

  public var description: String {
    switch self {
    case .file(let path), .sqlite(let path): path
    case .cluster(let cluster): cluster.place.file
    }
  }

  /// The path of a file.
  public var path: String? {
    switch self {
    case .file(let path), .sqlite(let path): path
    case .cluster: nil
    }
  }

  /// Finds out the format of the file at a path.
  ///
  /// - Throws: ``StorageError`` where there is none, or one that holds no chain.
  public init(existing path: String) throws(StorageError) {
    switch try ChainFileFormat.detect(path) {
    case .file: self = .file(path)
    case .sqlite: self = .sqlite(path)
    }
  }

  /// The kind of the blocks; `nil` in a cluster that has none yet.
  ///
  /// - Throws: ``StorageError``.
  public func kind() throws(StorageError) -> ChainKind? {
    let name: String
    switch self {
    case .file(let path):
      guard case .file(let kind) = try ChainFileFormat.detect(path) else {
        throw StorageError(
          .wrongFormat, "this is no file of blocks", at: .init(file: path),
          remedy: "name the file of a chain")
      }
      name = kind.name
    case .sqlite(let path): return try SQLiteChain.kind(ofFile: path)
    case .cluster(let cluster):
      // Of whichever kind: only the name is read.
      var chain = EtcdChain(cluster, kind: .ordered)
      guard let found = try chain.kindName() else { return nil }
      name = found
    }
    for kind in [ChainKind.ordered, .mined] where kind.name == name { return kind }
    throw StorageError(
      .wrongFormat, "this is a chain of \(shown(name)) blocks, which this program does not know",
      at: .init(file: "\(self)"), remedy: "use the program that wrote it")
  }
}
