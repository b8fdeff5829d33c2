import Cryptography
import Testing

@testable import Ledger

/// Headers that nobody needs, and how many of them are kept.
@Suite struct HeaderLimitTests {
  private typealias Chain = SampleChain<NotesApplication>

  private static let genesis = ChainRules(interval: 1000, firstDifficulty: 256).genesis(
    founder: Sample.miner, time: Sample.startTime)
  private static let rival = MinerInformation(
    key: Sample.keys[1].verificationKey, type: .miner)

  private func chain(
    _ count: Int, genesis: MinedBlock = HeaderLimitTests.genesis
  ) throws -> Chain {
    var chain = try Chain(NotesApplication(), genesis: genesis)
    try chain.grow(count)
    return chain
  }

  /// A branch from the first block whose blocks are dated far apart: before long they cost nothing.
  private func cheapBranch(_ count: Int) throws -> [MinedBlock] {
    var chain = try Chain(NotesApplication(), genesis: Self.genesis)
    for _ in 0..<count { try chain.append(chain.next(miner: Self.rival, after: 6000)) }
    return Array(chain.blocks.dropFirst())
  }

  @Test func aLongCheapBranchIsBounded() throws {
    let own = try chain(40)
    var tree = try own.tree(sideLimit: 30)
    let cheap = try cheapBranch(400)
    #expect(cheap[399].difficulty == 1)
    var kept = 0
    for block in cheap {
      guard try tree.insert(block.header, hash: block.hash, now: nil) else { break }
      kept += 1
    }
    #expect(30...200 ~= kept)
    // It takes no more, however often it comes, and what is worth its work is still taken.
    for _ in 0..<100 {
      let isKept = try tree.insert(cheap[kept].header, hash: cheap[kept].hash, now: nil)
      #expect(!isKept && !tree.contains(cheap[kept].hash))
    }
    var (beside, longer) = (try chain(39), own)
    let side = beside.next(miner: Self.rival)
    #expect(try tree.insert(side.header, hash: side.hash, now: nil))
    let next = longer.next()
    #expect(try tree.insert(next.header, hash: next.hash, now: nil))
    #expect(tree.count <= 41 + kept + 2)
  }

  /// A branch that becomes heavier late is taken from its beginning on, however long it is.
  @Test func aLongHeavierBranchComesWhole() throws {
    var tree = try chain(100, genesis: Sample.genesis).tree(sideLimit: 20)
    var heavy = try Chain(NotesApplication())
    try heavy.grow(120, miner: Self.rival)
    for block in heavy.blocks.dropFirst() {
      #expect(try tree.insert(block.header, hash: block.hash, now: nil))
    }
    let missing = tree.missing(before: heavy.verifier.headHash, limit: 1000)
    #expect(missing == heavy.blocks.dropFirst().map(\.hash))
    for hash in missing { tree.store(hash) }
    tree.reorganise(to: heavy.verifier.headHash)
    #expect(tree.height == 120)
    // The other way round: what was the chain is a branch now.
    var other = try chain(100, genesis: Sample.genesis)
    for _ in 0..<40 {
      let block = other.next()
      try other.append(block)
      #expect(try tree.insert(block.header, hash: block.hash, now: nil))
    }
    #expect(tree.missing(before: other.verifier.headHash, limit: 1000).count == 40)
  }

  /// Blocks beside the chain that are stored, or invalid, can never be forgotten: they leave the
  /// headers their room.
  @Test func storedBlocksBesideTheChainDoNotCount() throws {
    let own = try chain(20, genesis: Sample.genesis)
    var tree = try own.tree(sideLimit: 6)
    var beside = try Chain(NotesApplication())
    try beside.grow(10, miner: Self.rival)
    for (place, block) in beside.blocks.dropFirst().enumerated() {
      try tree.insert(block.header, hash: block.hash, now: nil)
      if place < 8 { tree.store(block.hash) } else { tree.refuse(block.hash) }
      if place >= 8 { break }
    }
    var hashes: [Digest] = []
    for number in 0..<5 {
      var side = try Chain(NotesApplication())
      let block = side.next(after: 100 + UInt64(number))
      #expect(try tree.insert(block.header, hash: block.hash, now: nil))
      hashes.append(block.hash)
    }
    #expect(hashes.allSatisfy { tree.contains($0) })
  }

  /// Its peer is not to blame for a branch that is not worth its room, and is not asked for it again
  /// and again.
  @Test func aNodeLeavesACheapBranchAlone() throws {
    let own = try chain(40)
    let cheap = try cheapBranch(400)
    var configuration = LedgerNodeConfiguration()
    configuration.sideLimit = 30
    var ring = try NodeRing([own.blocks], genesis: [Self.genesis], configuration)
    ring.now = 10_000
    ring.nodes[0].connected(1, now: ring.now)
    ring.nodes[0].receive(.headers(cheap.map(\.header)), from: 1, now: ring.now)
    let count = ring.nodes[0].tree.count
    #expect(41 + 30...41 + 200 ~= count)
    for _ in 0..<10 {
      ring.now += 1
      let status = LedgerMessage.Status(
        network: Self.genesis.hash, head: cheap[399].hash, height: 400, totalWork: 1 << 40)
      ring.nodes[0].receive(.status(status), from: 1, now: ring.now)
    }
    for effect in ring.nodes[0].takeEffects() {
      switch effect {
      case .send(.headerRequest, _), .send(.blockRequest, _), .refused:
        Issue.record("asked for again, or refused: \(effect)")
      default: break
      }
    }
    #expect(!ring.nodes[0].isIgnored(1, now: ring.now) && ring.nodes[0].tree.count == count)
    // Later it is tried once more.
    ring.now += ring.nodes[0].configuration.ignoringTime
    let status = LedgerMessage.Status(
      network: Self.genesis.hash, head: cheap[399].hash, height: 400, totalWork: 1 << 40)
    ring.nodes[0].receive(.status(status), from: 1, now: ring.now)
    #expect(
      ring.nodes[0].takeEffects().contains { effect in
        if case .send(.headerRequest, to: 1) = effect { true } else { false }
      })
  }

  /// More headers than are asked for before blocks have come take no memory.
  @Test func headersFarAheadWaitForBlocks() throws {
    let limit = 2 * LedgerMessage.headerLimit
    let long = try chain(limit + 5, genesis: Sample.genesis)
    var ring = try NodeRing([[]])
    ring.now = 10_000
    ring.nodes[0].connected(1, now: ring.now)
    ring.nodes[0].receive(
      .headers(long.blocks.dropFirst().map(\.header)), from: 1, now: ring.now)
    #expect(ring.nodes[0].tree.count == limit + 1)
    // With the first block there is room for one more.
    ring.nodes[0].receive(.block(long.blocks[1]), from: 1, now: ring.now)
    #expect(ring.nodes[0].tree.height == 1 && !ring.nodes[0].isIgnored(1, now: ring.now))
    ring.nodes[0].receive(
      .headers(long.blocks[limit...].map(\.header)), from: 1, now: ring.now)
    #expect(ring.nodes[0].tree.count == limit + 2)
  }
}
