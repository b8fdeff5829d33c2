import Ledger
import Storage

/// Which chain a command is about.
enum LedgerArguments {
  static let chain = "CHAIN"

  /// For chains in an etcd cluster.
  static let clusterOptions = [
    OptionSpecification(
      "ca", "FILE", "etcd: certificates of who signs its members' (PEM); uses TLS"),
    OptionSpecification("cert", "FILE", "etcd: the own certificate (PEM)"),
    OptionSpecification("key", "FILE", "etcd: its key (PEM)"),
    OptionSpecification(
      "patience", "SECONDS", "etcd: until a request that no member answers fails [10]"),
  ]

  /// A chain that is there.
  static func location(_ arguments: Arguments) throws -> ChainLocation {
    let word = try arguments.exactly(1, "a chain: a file, or etcd://host:port/prefix")[0]
    if let cluster = try cluster(word, arguments) { return .cluster(cluster) }
    for name in clusterOptions.map(\.name) where arguments.has(name) {
      guard arguments["output"]?.hasPrefix(EtcdCluster.scheme) != true else { break }
      throw UsageError("--\(name) goes with etcd://…")
    }
    return try ChainLocation(existing: word)
  }

  static func cluster(_ word: String, _ arguments: Arguments) throws -> EtcdCluster? {
    guard word.hasPrefix(EtcdCluster.scheme) else { return nil }
    var cluster = try EtcdCluster(word)
    cluster.authority = arguments["ca"]
    cluster.certificate = arguments["cert"]
    cluster.key = arguments["key"]
    if let patience = try arguments.number("patience", 0.1...86400) {
      cluster.patienceSeconds = patience
      // Who waits longer on purpose has members that are slow.
      cluster.answerSeconds = max(cluster.answerSeconds, patience / 4)
    }
    guard arguments.has("cert") == arguments.has("key") else {
      throw UsageError("--cert and --key go together")
    }
    for path in [cluster.authority, cluster.certificate, cluster.key].compactMap({ $0 }) {
      try ChainFileFormat.requireFile(path)
    }
    return cluster
  }

  /// The kind of a chain that has blocks.
  static func kind(of location: ChainLocation) throws -> ChainKind {
    guard let kind = try location.kind() else { throw empty(location) }
    return kind
  }

  static func empty(_ location: ChainLocation) -> StorageError {
    StorageError(
      .noSuchObject, "there is no chain yet", at: .init(file: "\(location)"),
      remedy: "check the name, or wait until its first block is there")
  }

  /// Runs over blocks of an open chain, and tells progress.
  static func walk<Stored: StorableBlock>(
    _ chain: OpenChain<Stored>, _ heights: Range<Int>, _ body: (Int, Stored) throws -> Void
  ) throws {
    for height in heights {
      guard let block = try chain.block(at: height) else { throw empty(chain.location) }
      try body(height, block)
      if height % 200 == 0 { Console.progress("block \(height) of \(heights.upperBound)") }
    }
    Console.endProgress()
  }
}
