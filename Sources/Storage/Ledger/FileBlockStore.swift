import Cryptography
import Ledger

/// A chain in a file that only grows.
///
/// Behind a line that names the format stands block after block: the length of its bytes with a check
/// sum of its own, the bytes, and their check sum. A last block that was not written to its end is cut
/// off when the file is opened for adding; one that is there but damaged never is, since it may be all
/// that is left of what was settled.
///
/// The file is one line of blocks: it keeps no branches, and what it holds is never taken back. That
/// makes it the plainest form in which a settled chain can be handed on and checked; a chain that may
/// be reorganised is kept in a ``SQLiteBlockStore``.
public final class FileBlockStore<Stored: StorableBlock>: BlockStore {
  public typealias Failure = StorageError

  private static var magic: [UInt8] { ChainFileFormat.magic(of: Stored.kind) }
  private static var headSize: Int { 8 }
  private static var checkSize: Int { 8 }
  /// No block is longer: a length beyond it is no length.
  private static var longestBlock: Int { 2 * Block.largestPart + 256 }

  private let file: ChainFile
  private let place: StorageError.Place
  private let isWriting: Bool
  /// Where each block starts, and where the last one ends.
  private var starts: [Int] = []
  private var end = 0
  private var heights: [Digest: Int] = [:]
  public private(set) var head: Stored?
  /// Bytes behind the last block, of one that was not written to its end.
  public private(set) var unfinishedBytes = 0

  /// Opens a chain to add to, and makes it if there is none. One process at a time may do so.
  ///
  /// - Throws: ``StorageError``.
  public convenience init(opening path: String) throws(StorageError) {
    try self.init(path, isWriting: true)
    if end == 0 {
      try file.write(Self.magic, at: 0)
      end = Self.magic.count
    }
    if unfinishedBytes > 0 {
      try file.truncate(to: end)
      unfinishedBytes = 0
    }
  }

  /// Opens a chain to read, as it is now.
  ///
  /// - Throws: ``StorageError``.
  public convenience init(reading path: String) throws(StorageError) {
    try self.init(path, isWriting: false)
    if end == 0 {
      throw StorageError(
        .truncated, "this file is empty", at: place, remedy: "name the file of a chain")
    }
  }

  private init(_ path: String, isWriting: Bool) throws(StorageError) {
    file = try ChainFile(path: path, isWriting: isWriting)
    place = StorageError.Place(file: path)
    self.isWriting = isWriting
    try scan()
  }

  public var count: Int { starts.count }

  // MARK: Reading

  private func scan() throws(StorageError) {
    let size = try file.size
    let start = try file.bytes(from: 0, count: min(size, Self.magic.count))
    guard start == Self.magic else {
      // The very first write may have been the one that was cut short.
      if Self.magic.starts(with: start) { return }
      if let kind = try ChainFileFormat.kind(of: file), kind != Stored.kind {
        throw StorageError(
          .wrongFormat, "this is a chain of \(kind), not of \(Stored.kind)", at: place,
          remedy: "name the file of another chain")
      }
      throw StorageError(
        .wrongFormat, "this is no chain of blocks", at: place, remedy: "name the file of a chain")
    }
    end = start.count
    try scanBlocks(to: size)
  }

  /// Takes in the blocks from ``end`` on.
  private func scanBlocks(to size: Int) throws(StorageError) {
    unfinishedBytes = 0
    while end < size {
      guard let body = try body(at: end, size: size) else {
        unfinishedBytes = size - end
        return
      }
      let block: Stored
      do {
        block = try Stored(decoding: body)
        try block.check(follows: head)
      } catch {
        throw damaged("\(error)")
      }
      heights[block.hash] = starts.count
      starts.append(end)
      head = block
      end += Self.headSize + body.count + Self.checkSize
    }
  }

  /// Takes in what another process has added since.
  ///
  /// - Returns: the number of new blocks.
  /// - Throws: ``StorageError``.
  @discardableResult
  public func refresh() throws(StorageError) -> Int {
    let before = count
    let size = try file.size
    guard size >= end else {
      throw StorageError(
        .truncated, "the file has become shorter", at: place,
        remedy: "look who cut or replaced it, and open it again")
    }
    try scanBlocks(to: size)
    return count - before
  }

  private func damaged(_ what: String, _ height: Int? = nil) -> StorageError {
    StorageError(
      .malformed, what, at: .init(file: place.file, object: "block \(height ?? starts.count)"),
      remedy: "copy the chain again from somebody else who has it")
  }

  /// The bytes of the block that starts at a place; `nil` where it was not written to its end.
  private func body(at start: Int, size: Int) throws(StorageError) -> [UInt8]? {
    let head = try file.bytes(from: start, count: min(Self.headSize, size - start))
    guard head.count == Self.headSize else { return nil }
    let length = (0..<4).reduce(0) { $0 | Int(head[$1]) << (8 * $1) }
    guard Array(head[4...]) == Self.check(of: Array(head[..<4]), 4),
      length <= Self.longestBlock
    else {
      // A file that grew before its bytes were written ends in zeros.
      if try isZero(from: start, to: size) { return nil }
      throw damaged("the length of the block is damaged")
    }
    let first = start + Self.headSize
    guard size - first >= length + Self.checkSize else { return nil }
    let body = try file.bytes(from: first, count: length)
    let check = try file.bytes(from: first + length, count: Self.checkSize)
    guard check == Self.check(of: body, Self.checkSize) else {
      if first + length + Self.checkSize == size && check.allSatisfy({ $0 == 0 }) { return nil }
      throw damaged("the bytes of the block are damaged")
    }
    return body
  }

  private func isZero(from start: Int, to end: Int) throws(StorageError) -> Bool {
    var place = start
    while place < end {
      let bytes = try file.bytes(from: place, count: min(1 << 16, end - place))
      guard !bytes.isEmpty, bytes.allSatisfy({ $0 == 0 }) else { return false }
      place += bytes.count
    }
    return true
  }

  private static func check(of bytes: [UInt8], _ count: Int) -> [UInt8] {
    Array(SHA256.hash(bytes).bytes.prefix(count))
  }

  public func block(at height: Int) throws(StorageError) -> Stored? {
    guard starts.indices.contains(height) else { return nil }
    let after = height + 1 < starts.count ? starts[height + 1] : end
    guard let body = try body(at: starts[height], size: after) else {
      throw damaged("the block has been cut short", height)
    }
    do {
      return try Stored(decoding: body)
    } catch {
      throw damaged("\(error)", height)
    }
  }

  public func block(hash: Digest) throws(StorageError) -> Stored? {
    guard let height = heights[hash] else { return nil }
    return try block(at: height)
  }

  // MARK: Adding

  public func append(_ block: Stored) throws(StorageError) {
    guard isWriting else {
      throw StorageError(
        .notPermitted, "this chain was opened to be read", at: place,
        remedy: "open it for adding")
    }
    do {
      try block.check(follows: head)
    } catch {
      throw StorageError(
        .staleHead, "\(error)", at: place, remedy: "take what has been added meanwhile first")
    }
    let body = block.encoded
    let length = (0..<4).map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) }
    let bytes = length + Self.check(of: length, 4) + body + Self.check(of: body, Self.checkSize)
    do {
      try file.write(bytes, at: end)
    } catch {
      // Half a block must not stand in the way of the next one.
      try? file.truncate(to: end)
      throw error
    }
    heights[block.hash] = starts.count
    starts.append(end)
    head = block
    end += bytes.count
  }
}
