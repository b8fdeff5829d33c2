import Cryptography
import Testing

@testable import Ledger

@Suite struct BlockTreeTests {
  private typealias Chain = SampleChain<NotesApplication>

  @Test func branchesAreWeighedAndFollowed() throws {
    var trunk = try Chain(NotesApplication())
    try trunk.grow(50)
    var (a, b) = (trunk, trunk)
    try a.grow(3)
    try b.grow(5, miner: MinerInformation(key: Sample.keys[1].verificationKey, type: .miner))
    var tree = try a.tree()
    for block in b.blocks[51...] {
      #expect(try tree.insert(block.header, hash: block.hash, now: nil))
    }
    #expect(!(try tree.insert(b.blocks[55].header, hash: b.blocks[55].hash, now: nil)))
    #expect(tree.totalWork(b.verifier.headHash) == b.verifier.totalWork)
    #expect(tree.totalWork == a.verifier.totalWork)
    #expect(tree.missing(before: b.verifier.headHash, limit: 3) == b.blocks[51..<54].map(\.hash))
    let path = try #require(tree.path(to: b.verifier.headHash))
    #expect(path.undone == a.blocks[51...].reversed().map(\.hash))
    #expect(path.done == b.blocks[51...].map(\.hash))
    for block in b.blocks[51...] { tree.store(block.hash) }
    tree.reorganise(to: b.verifier.headHash)
    #expect(tree.headHash == b.verifier.headHash && tree.height == 55)
    #expect((0...55).allSatisfy { tree.hash(at: $0) == b.blocks[$0].hash })
    tree.reorganise(to: a.blocks[51].hash)
    #expect(tree.height == 51 && tree.headHash == a.blocks[51].hash)
  }

  @Test func headersMustProveEverythingThatHeadersCan() throws {
    var chain = try Chain(NotesApplication())
    try chain.grow(45)
    var tree = try chain.tree()
    let good = chain.next()
    func fault(_ header: BlockHeader, now: UInt64? = nil) -> BlockFault? {
      let fault = #expect(throws: ChainFault.self) {
        try tree.insert(header, hash: header.hash, now: now)
      }
      return fault?.fault
    }
    var header = good.header
    header.previous = Sample.digest(1)
    #expect(fault(header) == .unknownParent)
    header = good.header
    header.difficulty = 1
    #expect(fault(header) == .wrongDifficulty(1, expected: good.difficulty))
    header = good.header
    while ProofOfWork.isValid(header.hash, difficulty: header.difficulty) { header.nonce += 1 }
    #expect(fault(header) == .noWork)
    let early = good.time - Sample.rules.futureLimit - 1
    #expect(
      fault(good.header, now: early)
        == .fromFuture(milliseconds: good.time - early, limit: Sample.rules.futureLimit))
    let other = Sample.rules.genesis(founder: Sample.miner, time: 5)
    #expect(fault(other.header) == .otherNetwork(other.hash, expected: Sample.genesis.hash))
    #expect(try tree.insert(good.header, hash: good.hash, now: good.time))
  }

  @Test func whatStandsBehindAnInvalidBlockIsInvalid() throws {
    var chain = try Chain(NotesApplication())
    try chain.grow(10)
    var tree = try chain.tree()
    var branch = chain
    try branch.grow(4)
    for block in branch.blocks[11..<14] {
      try tree.insert(block.header, hash: block.hash, now: nil)
    }
    tree.refuse(branch.blocks[12].hash)
    #expect(tree.status(branch.blocks[11].hash) == .header)
    #expect(tree.status(branch.blocks[13].hash) == .invalid)
    let last = branch.blocks[14]
    let fault = #expect(throws: ChainFault.self) {
      try tree.insert(last.header, hash: last.hash, now: nil)
    }
    #expect(fault?.fault == .invalidAncestor)
  }

  /// Many cheap branches from the chain's beginning take bounded memory, and the heaviest is kept.
  @Test func sideBranchesAreBounded() throws {
    var chain = try Chain(NotesApplication())
    try chain.grow(10)
    var tree = try chain.tree(sideLimit: 30)
    var heavy = chain
    try heavy.grow(12)
    for block in heavy.blocks[11...] { try tree.insert(block.header, hash: block.hash, now: nil) }
    for number in 0..<200 {
      var side = try Chain(NotesApplication())
      let block = side.next(after: 100 + UInt64(number))
      try tree.insert(block.header, hash: block.hash, now: nil)
      #expect(tree.count <= 11 + 30 + 1)
    }
    #expect(tree.contains(heavy.verifier.headHash))
    #expect(tree.missing(before: heavy.verifier.headHash, limit: 100).count == 12)
  }

  @Test func locatorsFindWhereChainsPart() throws {
    var trunk = try Chain(NotesApplication())
    try trunk.grow(300)
    var (a, b) = (trunk, trunk)
    try a.grow(30)
    try b.grow(20, miner: MinerInformation(key: Sample.keys[1].verificationKey, type: .miner))
    let (one, other) = (try a.tree(), try b.tree())
    let locator = one.locator()
    #expect(locator.count < 30 && locator.first == a.verifier.headHash)
    #expect(locator.last == Sample.genesis.hash)
    let headers = other.headers(behind: locator, limit: 1000)
    // They begin at or before the fork, not much earlier than it is from the head.
    let first = try #require(headers.first)
    #expect(first.height <= 301 && first.height > 301 - 64)
    #expect(headers.last?.hash == b.verifier.headHash)
    #expect(other.headers(behind: locator, limit: 7).count == 7)
    #expect(one.headers(behind: locator, limit: 7).isEmpty)
    #expect(one.headers(behind: [Sample.digest(0)], limit: 7).first?.height == 1)
  }
}
