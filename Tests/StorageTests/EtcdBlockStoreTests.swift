import Cryptography
import Foundation
import Ledger
import Synchronization
import Testing

@testable import Storage

@Suite struct EtcdAddressTests {
  @Test func addressesAreRead() throws {
    let cluster = try EtcdCluster("etcd://127.0.0.1:2379,[::1]:2380,host.example:1/net/a")
    #expect(cluster.members == ["127.0.0.1:2379", "[::1]:2380", "host.example:1"])
    #expect(cluster.prefix == "net/a")
    for bad in [
      "etcd://", "etcd://host:1", "etcd://host:1/", "etcd://host/x", "etcd://:1/x",
      "etcd://host:0/x", "etcd://host:70000/x", "etcd://a:1,/x", "etcd://a:1/x/", "etcd://a:1/x y",
      "etcd://me@a:1/x", "http://a:1/x", "chain",
    ] {
      #expect(storageError { _ = try EtcdCluster(bad) }?.code == .malformed, "\(bad)")
    }
  }

  @Test func theEndOfAPrefixIsBehindIt() {
    #expect(EtcdClient.end(of: [1, 2]) == [1, 3])
    #expect(EtcdClient.end(of: [1, 0xFF]) == [2])
    #expect(EtcdClient.end(of: [0xFF]) == [0])
  }

  @Test func aClusterThatIsGoneIsToldInOneLine() throws {
    // Bound, so that nobody else gets the port; and nobody listens.
    let (socket, port) = loopbackSocket(listens: false)
    defer { close(socket) }
    var cluster = EtcdCluster(members: ["127.0.0.1:\(port)"], prefix: "x")
    cluster.patienceSeconds = 0.3
    let error = storageError { _ = try EtcdBlockStore<Block>(cluster) }
    #expect(error?.code == .unreachable)
    #expect(error?.description.contains("127.0.0.1:\(port)") == true)
    var follower = EtcdChainFollower<Block>(cluster)
    #expect(storageError { _ = try follower.next(waiting: 0.1) }?.code == .unreachable)
  }

  /// Somebody listens, and never says a word.
  @Test func aMemberThatIsSilentIsLeft() throws {
    let (socket, port) = loopbackSocket()
    defer { close(socket) }
    var cluster = EtcdCluster(members: ["127.0.0.1:\(port)"], prefix: "x")
    cluster.patienceSeconds = 0.3
    cluster.answerSeconds = 0.2
    #expect(storageError { _ = try EtcdBlockStore<Block>(cluster) }?.code == .unreachable)
  }
}

@Suite(
  .serialized, .enabled(if: EtcdTestCluster.isInstalled, "etcd is not installed (etcd-server)"))
struct EtcdBlockStoreTests {
  @Test func aChainIsKeptByThree() throws {
    let servers = try EtcdTestCluster()
    let cluster = servers.cluster("chain")
    let store = try EtcdBlockStore<Block>(cluster)
    let other = try EtcdBlockStore<Block>(servers.cluster("chain", members: [2, 1]))
    #expect(store.count == 0 && store.head == nil)
    var blocks: [Block] = []
    for i in 0..<6 {
      // One longer than a request may be.
      let next = block(store.head, [UInt8](repeating: UInt8(i), count: i == 4 ? 2_500_000 : i))
      try store.append(next)
      // To say it again is no second block.
      try store.append(next)
      blocks.append(next)
    }
    #expect(other.count == 0)
    #expect(try other.refresh())
    #expect(try !other.refresh())
    #expect(other.head == blocks[5])
    for i in 0..<6 {
      #expect(try other.block(at: i) == blocks[i])
      #expect(try other.block(hash: blocks[i].hash) == blocks[i])
    }
    #expect(try other.block(at: 6) == nil)
    #expect(try other.block(hash: SHA256.hash([])) == nil)

    // Of two who add behind the same head, one does.
    try store.append(block(blocks[5], [1]))
    #expect(storageError { try other.append(block(blocks[5], [2])) }?.code == .staleHead)
    #expect(other.head == store.head)
    try other.append(block(other.head, [2]))
    // What was added by this very block before is added.
    try store.refresh()
    try other.append(block(blocks[5], [1]))

    // Other networks and kinds.
    _ = try EtcdBlockStore<Block>(cluster, first: blocks[0].hash)
    let network = storageError { _ = try EtcdBlockStore<Block>(cluster, first: blocks[1].hash) }
    #expect(network?.problem.contains("another network") == true)
    let kind = storageError { _ = try EtcdBlockStore<OtherBlock>(cluster) }
    #expect(kind?.problem.contains("ordered") == true)
    #expect(try EtcdBlockStore<OtherBlock>(servers.cluster("chain2")).count == 0)

    // One member less, and it goes on; two less, and it does not.
    servers.stop(0)
    try store.append(block(store.head, [3]))
    servers.stop(1)
    var impatient = servers.cluster("chain")
    impatient.answerSeconds = 0.5
    impatient.patienceSeconds = 1
    #expect(storageError { _ = try EtcdBlockStore<Block>(impatient) }?.code == .unreachable)
    try servers.start(0)
    #expect(try EtcdBlockStore<Block>(cluster).head == store.head)
  }

  @Test func contentsAndDamage() throws {
    let servers = try EtcdTestCluster()
    let cluster = servers.cluster("net/contents")
    let store = try EtcdBlockStore<Block>(cluster)
    let large = (0..<3_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let (small, big) = (try store.put([1, 2, 3]), try store.put(large))
    #expect(try store.content(small) == .present([1, 2, 3]))
    #expect(try store.content(big) == .present(large))
    #expect(try store.content(SHA256.hash([9])) == .unknown)
    try store.prune(big, reason: "too old")
    try store.prune(big, reason: "again")
    try store.prune(SHA256.hash([9]), reason: "never there")
    #expect(try store.content(big) == .pruned(byteCount: 3_500_000, reason: "too old"))
    var client = EtcdClient(cluster)
    let keys = EtcdKeys(prefix: cluster.prefix)
    #expect(try parts(of: big, in: cluster).isEmpty)
    try store.put(large)
    #expect(try store.content(big) == .present(large))
    let part = try #require(try parts(of: big, in: cluster).last)

    for i in 0..<3 as Range<UInt8> { try store.append(block(store.head, [i])) }
    let hash = try #require(try store.block(at: 1)).hash
    for key in [keys.content(small), part, keys.block(hash), keys.height(1)] {
      let entry = try #require(try client.value(of: key))
      for place in [0, entry.value.count / 2, entry.value.count - 1] {
        var damaged = entry.value
        damaged[place] ^= 16
        try client.put(key, damaged)
        let error = storageError {
          _ = try store.content(small)
          _ = try store.content(big)
          _ = try store.block(at: 1)
        }
        #expect(error?.code == .malformed, "\(key)")
        #expect(["content \(small)", "content \(big)", "block 1"].contains(error?.place.object))
      }
      try client.put(key, entry.value)
    }
    #expect(try store.block(at: 1)?.hash == hash)
  }

  /// Parts that others took away are written again, and those that others left do not stay.
  @Test func partsThatAreMissingOrLeftAreSeenTo() throws {
    let servers = try EtcdTestCluster()
    let cluster = servers.cluster("parts")
    let store = try EtcdBlockStore<Block>(cluster)
    let large = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let digest = try store.put(large)
    #expect(try parts(of: digest, in: cluster).count == 3)
    var client = EtcdClient(cluster)
    let keys = EtcdKeys(prefix: cluster.prefix)
    try client.deleteAll(startingWith: keys.taggedParts(digest))
    #expect(storageError { _ = try store.content(digest) }?.code == .malformed)
    try store.put(large)
    #expect(try store.content(digest) == .present(large))

    // Of somebody who stopped before they were named.
    let left = keys.part(digest, tag: "left", 0)
    let leftValue = EtcdValue.bytes([1]).encoded(for: left)
    for reason in ["too old", "again"] {
      try client.put(left, leftValue)
      try store.prune(digest, reason: reason)
      #expect(try parts(of: digest, in: cluster).isEmpty)
      #expect(try store.content(digest) == .pruned(byteCount: large.count, reason: "too old"))
    }
    try client.put(left, leftValue)
    try store.put(large)
    #expect(try store.content(digest) == .present(large))
    let named = try parts(of: digest, in: cluster)
    #expect(named.count == 3 && !named.contains(left))

    // As they were written before parts had tags.
    let size = EtcdChain.longestValue
    for (number, start) in stride(from: 0, to: large.count, by: size).enumerated() {
      let key = keys.part(digest, tag: nil, number)
      let part = EtcdValue.bytes(Array(large[start..<min(start + size, large.count)]))
      try client.put(key, part.encoded(for: key))
    }
    let key = keys.content(digest)
    let value = EtcdValue.parts(digest: digest, tag: nil, count: large.count, size: size)
    try client.put(key, value.encoded(for: key))
    #expect(try store.content(digest) == .present(large))
    try store.prune(digest, reason: "too old")
    #expect(try parts(of: digest, in: cluster).isEmpty)
    #expect(try store.content(digest) == .pruned(byteCount: large.count, reason: "too old"))
  }

  /// Who puts contents while somebody else prunes them, or the other way round, finds them there.
  @Test func whatIsPutMeanwhileIsWhole() throws {
    let servers = try EtcdTestCluster()
    let cluster = servers.cluster("meanwhile")
    let store = try EtcdBlockStore<Block>(cluster)
    func through(_ proxy: AnswerLosingProxy) throws -> EtcdBlockStore<Block> {
      try EtcdBlockStore(servers.cluster("meanwhile", ports: [proxy.port]))
    }

    // Put whenever who prunes has written anything.
    let first = [UInt8](repeating: 7, count: 2_500_000)
    let firstDigest = try store.put(first)
    let putting = AnswerLosingProxy(to: servers.clientPorts[0]) { request, _ in
      if request.hasPrefix("POST /v3/kv/put") || request.hasPrefix("POST /v3/kv/txn") {
        if let other = try? EtcdBlockStore<Block>(cluster) { _ = try? other.put(first) }
      }
      return false
    }
    defer { putting.stop() }
    try through(putting).prune(firstDigest, reason: "too old")
    #expect(try store.content(firstDigest) == .present(first))

    // Put and pruned when who puts has written the first part: after the head and the contents were
    // looked for.
    let second = [UInt8](repeating: 8, count: 2_500_000)
    let secondDigest = SHA256.hash(second)
    let pruning = AnswerLosingProxy(to: servers.clientPorts[0]) { _, number in
      if number == 3, let other = try? EtcdBlockStore<Block>(cluster) {
        _ = try? other.put(second)
        try? other.prune(secondDigest, reason: "too old")
      }
      return false
    }
    defer { pruning.stop() }
    try through(pruning).put(second)
    #expect(try store.content(secondDigest) == .present(second))
    #expect(try parts(of: secondDigest, in: cluster).count == 3)
  }

  /// The cluster puts and prunes what it was asked to, and the answer never comes.
  @Test func lostAnswersAboutContentsAreAskedFor() throws {
    let servers = try EtcdTestCluster()
    let proxy = AnswerLosingProxy(to: servers.clientPorts[0]) { request, number in
      request.hasPrefix("POST /v3/kv/txn") && number % 3 != 0
    }
    defer { proxy.stop() }
    let store = try EtcdBlockStore<Block>(servers.cluster("answers", ports: [proxy.port]))
    let reader = try EtcdBlockStore<Block>(servers.cluster("answers"))
    let contents: [[UInt8]] = [[1, 2, 3], [UInt8](repeating: 9, count: 2_500_000)]
    for bytes in contents {
      let digest = try store.put(bytes)
      #expect(try reader.content(digest) == .present(bytes))
      try store.prune(digest, reason: "too old")
      #expect(try reader.content(digest) == .pruned(byteCount: bytes.count, reason: "too old"))
    }
    #expect(proxy.lost >= 2)
  }

  @Test func aPolicyCountsWhatItPrunes() throws {
    let servers = try EtcdTestCluster()
    let store = try EtcdBlockStore<Block>(servers.cluster("policy"))
    func content(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 10) }
    func references(_ block: Block) -> [Digest] { block.payload.map { SHA256.hash(content($0)) } }
    for i in 0..<5 as Range<UInt8> {
      try store.put(content(i))
      try store.append(block(store.head, [i]))
    }
    let policy = PruningPolicy(last: 2)
    let first = try store.prune(by: policy, references: references)
    let second = try store.prune(by: policy, references: references)
    #expect(first == 2 && second == 0)
    for i in 0..<5 as Range<UInt8> {
      let found = try store.content(SHA256.hash(content(i)))
      #expect((found == .present(content(i))) == [0, 3, 4].contains(i), "content \(i)")
    }
  }

  @Test func aFollowerMissesNothing() throws {
    let servers = try EtcdTestCluster()
    let cluster = servers.cluster("followed")
    let store = try EtcdBlockStore<Block>(cluster)
    var follower = EtcdChainFollower<Block>(cluster)
    #expect(try follower.next(waiting: 0.2) == nil)
    var seen: [Block] = []
    var interruptions = 0
    var compactions = 0
    func add(_ count: Int) throws {
      for i in 0..<count { try store.append(block(store.head, [UInt8(i)])) }
    }
    func follow() throws {
      for _ in 0..<200 where seen.count < store.count {
        switch try follower.next(waiting: 60) {
        case .block(let block): seen.append(block)
        case .interrupted: interruptions += 1
        case .compacted: compactions += 1
        case nil: break
        }
      }
      #expect(seen.count == store.count)
      for (height, block) in seen.enumerated() { #expect(block.height == height) }
      #expect(seen.last == store.head)
    }
    try add(3)
    try follow()
    try add(130)
    try follow()
    #expect(interruptions == 0)
    // The member that it watches dies: it is the first.
    servers.stop(0)
    try add(5)
    try follow()
    #expect(interruptions == 1)
    try servers.start(0)

    // Compacted beyond what a follower has seen, who reconnects then.
    servers.stop(1)
    try add(4)
    var client = EtcdClient(cluster)
    let revision = try client.range(from: [0x78], to: nil, limit: 1).revision
    var exchange = try HTTPExchange(security: cluster.security, connecting: 1, limit: 1 << 20)
    let answer = try exchange.post(
      to: "http://\(cluster.members[2])/v3/kv/compaction",
      Array("{\"revision\": \"\(revision)\"}".utf8), seconds: 60)
    #expect(answer.status == 200)
    try follow()
    try servers.start(1)
    try add(2)
    try follow()
    // Who starts in the middle sees only what comes from there on.
    var late = EtcdChainFollower<Block>(cluster, from: seen.count - 2)
    guard case .block(let first)? = try late.next(waiting: 60) else {
      Issue.record("no block")
      return
    }
    #expect(first == seen[seen.count - 2])
  }

  /// A watch from a revision that is compacted is told as that, and nothing is left out.
  @Test func compactionIsNoticed() throws {
    let servers = try EtcdTestCluster()
    let cluster = servers.cluster("compacted")
    let store = try EtcdBlockStore<Block>(cluster)
    try store.append(block(nil, []))
    var follower = EtcdChainFollower<Block>(cluster)
    guard case .block? = try follower.next(waiting: 60) else {
      Issue.record("no block")
      return
    }
    // It has caught up and not begun to watch.
    for i in 0..<5 as Range<UInt8> { try store.append(block(store.head, [i])) }
    var client = EtcdClient(cluster)
    let revision = try client.range(from: [0x78], to: nil, limit: 1).revision
    var exchange = try HTTPExchange(security: cluster.security, connecting: 1, limit: 1 << 20)
    _ = try exchange.post(
      to: "http://\(cluster.members[0])/v3/kv/compaction",
      Array("{\"revision\": \"\(revision)\"}".utf8), seconds: 60)
    var heights: [UInt64] = []
    var compacted: [Int] = []
    while heights.count < 5, let event = try follower.next(waiting: 60) {
      switch event {
      case .block(let block): heights.append(block.height)
      case .compacted(let revision): compacted.append(revision)
      case .interrupted(let reason): Issue.record("interrupted: \(reason)")
      }
    }
    #expect(heights == [1, 2, 3, 4, 5])
    #expect(compacted == [revision])
  }

  @Test func onlyThoseWithACertificateMayUseIt() throws {
    try #require(TestCertificates.program != nil, "openssl is not installed")
    let servers = try EtcdTestCluster(secure: true)
    let cluster = servers.cluster("secure")
    let store = try EtcdBlockStore<Block>(cluster)
    try store.append(block(nil, [1]))
    var follower = EtcdChainFollower<Block>(cluster)
    guard case .block? = try follower.next(waiting: 60) else {
      Issue.record("no block")
      return
    }
    var impatient = cluster
    impatient.patienceSeconds = 0.5
    var changed = [impatient, impatient, impatient, impatient]
    changed[0].certificate = nil
    changed[0].key = nil
    changed[1].authority = servers.directory("no.pem")
    changed[2].authority = servers.directory("missing.pem")
    changed[3].certificate = servers.directory("no.pem")
    changed[3].key = servers.directory("no.key")
    for cluster in changed {
      let error = storageError { _ = try EtcdBlockStore<Block>(cluster) }
      #expect(error?.code == .unreachable)
      #expect(error.map { !$0.description.contains("\n") } == true)
    }
  }

  /// The cluster does what it was asked, and the answer never comes. Blocks are neither lost nor
  /// there twice, whatever has been added behind them meanwhile.
  @Test(arguments: [false, true]) func lostAnswersLoseNothing(othersAdd: Bool) throws {
    let servers = try EtcdTestCluster()
    let cluster = servers.cluster("lost")
    let proxy = AnswerLosingProxy(to: servers.clientPorts[0]) { request, number in
      guard request.hasPrefix("POST /v3/kv/txn"), number % 3 != 0 else { return false }
      if othersAdd, let other = try? EtcdBlockStore<Block>(cluster) {
        try? other.append(block(other.head, [99, UInt8(number)]))
      }
      return true
    }
    defer { proxy.stop() }
    let store = try EtcdBlockStore<Block>(servers.cluster("lost", ports: [proxy.port]))
    var added: [Digest] = []
    for i in 0..<12 as Range<UInt8> {
      let next = block(store.head, [i])
      do throws(StorageError) {
        try store.append(next)
        added.append(next.hash)
      } catch {
        #expect(othersAdd && error.code == .staleHead)
      }
    }
    #expect(proxy.lost >= 5)
    #expect(added.count >= (othersAdd ? 4 : 12))
    let end = try EtcdBlockStore<Block>(cluster)
    var hashes: [Digest] = []
    for height in 0..<end.count {
      let block = try #require(try end.block(at: height))
      hashes.append(block.hash)
      #expect(block.payload.first == 99 || added.contains(block.hash))
    }
    #expect(hashes.filter(added.contains) == added)
    #expect(othersAdd || hashes == added)
  }

  /// Eight who add, and the leader dies.
  @Test func aDyingLeaderLosesNothing() async throws {
    let servers = try EtcdTestCluster()
    let cluster = servers.cluster("eight")
    let first = block(nil, [])
    try EtcdBlockStore<Block>(cluster).append(first)
    let log = AcknowledgedBlocks()
    var pauses: [Double] = []
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { log.stop() }
      for writer in 0..<8 as Range<UInt8> {
        group.addTask {
          await withCheckedContinuation { continuation in
            // A thread of its own: requests wait.
            Thread {
              log.add(blocksOf: writer, to: cluster)
              continuation.resume()
            }.start()
          }
        }
      }
      func blocks(_ count: Int) async throws {
        while log.count < count && log.problems.isEmpty {
          try await Task.sleep(for: .milliseconds(10))
        }
      }
      // A machine with other work may need longer than a cluster does; once is enough.
      while pauses.count < 3 && pauses.last ?? 10 >= 10 {
        try await blocks(log.count + 60)
        let leader = try #require(servers.leader)
        servers.stop(leader)
        let (killed, death) = (log.count, ContinuousClock.now)
        // More than the eight whose answers may have been on the way.
        try await blocks(killed + 16)
        pauses.append((ContinuousClock.now - death) / .seconds(1))
        try await blocks(killed + 60)
        try servers.start(leader)
      }
    }
    #expect(log.problems.isEmpty, "\(log.problems)")
    #expect(pauses.last ?? 10 < 10, "seconds until writing went on: \(pauses)")
    let store = try EtcdBlockStore<Block>(cluster)
    var last: Block?
    var hashes: [Digest: Int] = [:]
    for height in 0..<store.count {
      let block = try #require(try store.block(at: height))
      try block.check(follows: last)
      hashes[block.hash, default: 0] += 1
      last = block
    }
    #expect(hashes.values.allSatisfy { $0 == 1 })
    for hash in log.hashes { #expect(hashes[hash] == 1) }
    #expect(Set(log.hashes).count == log.hashes.count)
    // Every block has been acknowledged to its writer but the first one.
    #expect(hashes.count == log.hashes.count + 1)
  }
}

/// The keys of the parts of some bytes, by whomever they were written.
private func parts(of digest: Digest, in cluster: EtcdCluster) throws -> [String] {
  var client = EtcdClient(cluster)
  let all = EtcdClient.keys(startingWith: "\(cluster.prefix)/part/\(digest)")
  let range = try client.range(from: all.start, to: all.end, limit: 100)
  return range.entries.map { String(decoding: $0.key, as: UTF8.self) }
}

/// What was acknowledged to some writers.
private final class AcknowledgedBlocks: Sendable {
  private struct State {
    var hashes: [Digest] = []
    var problems: [String] = []
    var isOver = false
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.hashes.count } }
  var hashes: [Digest] { state.withLock { $0.hashes } }
  var problems: [String] { state.withLock { $0.problems } }
  func stop() { state.withLock { $0.isOver = true } }

  func add(blocksOf writer: UInt8, to cluster: EtcdCluster) {
    do {
      let store = try EtcdBlockStore<Block>(cluster)
      var number: UInt8 = 0
      while !state.withLock({ $0.isOver }) {
        let next = block(store.head, [writer, number])
        do throws(StorageError) {
          try store.append(next)
        } catch {
          guard error.code == .staleHead else { throw error }
          continue
        }
        number &+= 1
        state.withLock { $0.hashes.append(next.hash) }
      }
    } catch {
      state.withLock { $0.problems.append("\(error)") }
    }
  }
}
