import Ledger

/// Which kind of blocks a stored chain has, so that no chain is read as another one.
public struct ChainKind: Sendable, Hashable, CustomStringConvertible {
  /// A word of lower-case letters.
  public let name: String

  /// - Precondition: lower-case letters, at most 16.
  public init(_ name: String) {
    precondition(
      (1...16).contains(name.utf8.count)
        && name.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) },
      "a kind of chain is named by up to 16 lower-case letters, not \(name)")
    self.name = name
  }

  /// Blocks that are settled by votes: ``Block``.
  public static let ordered = ChainKind("ordered")
  /// Blocks that are settled by proof of work.
  public static let mined = ChainKind("mined")

  public var description: String { "\(name) blocks" }
}

/// A block that stores can keep: they write down which kind it is.
public protocol StorableBlock: ChainedBlock {
  static var kind: ChainKind { get }
}

extension Block: StorableBlock {
  public static var kind: ChainKind { .ordered }
}

extension MinedBlock: StorableBlock {
  public static var kind: ChainKind { .mined }
}
