import Cryptography

/// What a content store knows of a digest.
public enum StoredContent: Sendable, Hashable {
  case present([UInt8])
  /// Was there once and has been removed on purpose; never silently.
  case pruned(byteCount: Int, reason: String)
  case unknown
}

/// Keeps large values once, by the SHA-256 digest of their bytes: model parameters, to which blocks
/// refer by digest alone.
public protocol ContentStore: ~Copyable {
  associatedtype Failure: Error

  /// Stores bytes, if they are not there yet, and gives their digest. What was pruned is there again.
  @discardableResult
  mutating func put(_ bytes: [UInt8]) throws(Failure) -> Digest

  /// What is stored under a digest. Bytes that do not have this digest any more are an error of the
  /// store, never a result.
  borrowing func content(_ digest: Digest) throws(Failure) -> StoredContent

  /// Removes the bytes and keeps a note of how many they were and why they are gone.
  mutating func prune(_ digest: Digest, reason: String) throws(Failure)
}

/// Contents in memory.
public struct MemoryContentStore: ContentStore, Sendable {
  public typealias Failure = Never

  private var contents: [Digest: StoredContent] = [:]

  public init() {}

  @discardableResult
  public mutating func put(_ bytes: [UInt8]) -> Digest {
    let digest = SHA256.hash(bytes)
    contents[digest] = .present(bytes)
    return digest
  }

  public func content(_ digest: Digest) -> StoredContent { contents[digest] ?? .unknown }

  public mutating func prune(_ digest: Digest, reason: String) {
    guard case .present(let bytes)? = contents[digest] else { return }
    contents[digest] = .pruned(byteCount: bytes.count, reason: reason)
  }
}
