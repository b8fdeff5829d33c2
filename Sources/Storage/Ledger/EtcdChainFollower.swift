import Foundation
import Ledger

/// What a follower of a chain is told, in order.
public enum ChainEvent<Stored: StorableBlock>: Sendable {
  /// The next block of the chain: heights come without gaps.
  case block(Stored)
  /// The connection to a member was lost; it goes on at another, without a gap.
  case interrupted(reason: String)
  /// The history of the cluster was compacted beyond what was seen last. What is missing is read
  /// from the chain itself, so no block is left out.
  case compacted(revision: Int)
}

/// Follows a chain in an etcd cluster from a height on, by a watch.
public struct EtcdChainFollower<Stored: StorableBlock>: ~Copyable {
  private var chain: EtcdChain
  private var events: [ChainEvent<Stored>] = []
  private var nextHeight: Int
  /// Up to which everything has been seen.
  private var revision = 0
  /// Whether blocks may be there that no watch will tell of.
  private var isBehind = true
  private var watch: HTTPExchange?
  private var member = 0
  private var line: [UInt8] = []
  private var heard = ContinuousClock.now
  /// After so long without a word, another member is asked: this one may be cut off.
  private let silence = Duration.seconds(20)

  /// - Parameter height: of the first block to be told.
  public init(_ cluster: EtcdCluster, from height: Int = 0) {
    precondition(height >= 0, "follows a chain from block \(height)")
    chain = EtcdChain(cluster, kind: Stored.kind)
    nextHeight = height
  }

  /// The revision of the cluster's store up to which this has seen everything.
  public var lastRevision: Int { revision }

  /// The next event; `nil` where none comes within some seconds.
  ///
  /// - Throws: ``StorageError`` if what etcd has is damaged, or no member answers.
  public mutating func next(waiting seconds: Double) throws(StorageError) -> ChainEvent<Stored>? {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      if !events.isEmpty { return events.removeFirst() }
      if isBehind {
        try catchUp()
        continue
      }
      let left = (deadline - .now) / .seconds(1)
      if left <= 0 && watch != nil { return nil }
      do throws(HTTPFailure) {
        if watch == nil { try startWatch() }
        guard let bytes = try watch?.next(seconds: max(0, min(left, 5))) else {
          throw HTTPFailure(isPassing: true, words: "it ended the watch")
        }
        if !bytes.isEmpty { heard = .now }
        line += bytes
      } catch {
        if !error.isPassing { throw chain.client.unreachable(error.words) }
        lose("\(chain.client.cluster.members[member]): \(error.words)")
        continue
      }
      try readLines()
      if watch != nil, ContinuousClock.now - heard > silence { drop() }
      if ContinuousClock.now >= deadline && events.isEmpty && !isBehind { return nil }
    }
  }

  // MARK: Reading

  /// Reads the blocks that are there from the next height on, some at a time.
  private mutating func catchUp() throws(StorageError) {
    // Of the right kind, or empty.
    _ = try chain.head()
    let heights = Array(chain.keys.heights.utf8)
    let range = try chain.client.range(
      from: Array(chain.keys.height(nextHeight).utf8), to: EtcdClient.end(of: heights), limit: 100)
    for entry in range.entries { try take(entry) }
    if range.isWhole {
      isBehind = false
      revision = max(revision, range.revision)
    }
  }

  /// Takes the hash of a block that was added.
  private mutating func take(_ entry: EtcdClient.Entry) throws(StorageError) {
    guard let height = chain.keys.height(ofKey: entry.key), height >= nextHeight else { return }
    guard height == nextHeight else {
      throw chain.damaged("the note of its hash is missing", "block \(nextHeight)")
    }
    guard let hash = try chain.hash(of: entry, at: height),
      case .present(let bytes) = try chain.bytes(chain.keys.block(hash), "block \(height)")
    else { throw chain.damaged("the block is missing", "block \(height)") }
    do {
      let block = try Stored(decoding: bytes)
      guard block.hash == hash, Int(exactly: block.height) == height else {
        throw LedgerCodingError.malformed("place: another block stands there")
      }
      events.append(.block(block))
      nextHeight += 1
    } catch {
      throw chain.damaged("\(error)", "block \(height)")
    }
  }

  // MARK: Watching

  private mutating func startWatch() throws(HTTPFailure) {
    let cluster = chain.client.cluster
    var exchange = try HTTPExchange(
      security: cluster.security, connecting: min(2, cluster.answerSeconds), limit: 1 << 26)
    let key = Array(chain.keys.heights.utf8)
    let request = EtcdClient.object([
      (
        "create_request",
        EtcdClient.object([
          ("key", EtcdClient.text(key)), ("range_end", EtcdClient.text(EtcdClient.end(of: key))),
          ("start_revision", .text(String(revision + 1))),
        ])
      )
    ])
    try exchange.open(
      chain.client.address("watch", member: member), Array(request.pretty.utf8))
    line = []
    heard = .now
    watch = consume exchange
  }

  /// Goes on at the next member.
  private mutating func drop() {
    watch = nil
    member = (member + 1) % chain.client.cluster.members.count
  }

  private mutating func lose(_ reason: String) {
    drop()
    events.append(.interrupted(reason: reason))
    // A request that is patient: it fails where no member answers, and finds what was missed.
    isBehind = true
  }

  /// Each line is an answer.
  private mutating func readLines() throws(StorageError) {
    while let end = line.firstIndex(of: UInt8(ascii: "\n")) {
      let text = Array(line[..<end])
      line.removeFirst(end + 1)
      guard let value = try? JSONParser.value(of: text, deepest: 16) else {
        lose("\(chain.client.cluster.members[member]): it does not answer as etcd does")
        return
      }
      let answer = EtcdAnswer(value: value, place: chain.place)
      guard let result = answer["result"] else {
        let reason = answer["error"]?["message"]?.text ?? "it ended the watch"
        lose("\(chain.client.cluster.members[member]): \(reason)")
        return
      }
      if result["canceled"]?.value == .bool(true) {
        watch = nil
        isBehind = true
        if let compacted = result["compact_revision"]?.number {
          events.append(.compacted(revision: compacted))
        } else {
          lose(result["cancel_reason"]?.text ?? "the watch was cancelled")
        }
        return
      }
      for event in try result["events"]?.list() ?? [] where event["type"]?.text != "DELETE" {
        guard let entry = try event["kv"]?.entry() else { throw answer.odd }
        try take(entry)
        revision = max(revision, entry.revision)
      }
    }
  }
}
