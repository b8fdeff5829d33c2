import Cryptography

@testable import Ledger

/// Keys, chains and transactions to test with, the same in every run.
enum Sample {
  static let keys = (0..<6).map {
    SigningKey(seed: [UInt8](repeating: UInt8($0 + 1), count: 32))
  }
  static let miner = MinerInformation(key: keys[0].verificationKey, type: .original)
  static let rules = ChainRules(interval: 1000, firstDifficulty: 4)
  static let startTime: UInt64 = 1_700_000_000_000
  static let genesis = rules.genesis(founder: miner, time: startTime)

  static func transaction(
    _ sequence: UInt64, by sender: Int = 0, payload: [UInt8] = [1, 2, 3],
    network: Digest = genesis.hash
  ) -> SignedTransaction {
    SignedTransaction(
      network: network, sequence: sequence, kind: TransactionKind(rawValue: 0x0102),
      payload: payload, key: keys[sender])
  }

  static func digest(_ number: Int) -> Digest {
    SHA256.hash([UInt8(number & 255), UInt8(number >> 8)])
  }
}

/// Numbers that look random (SplitMix64).
struct TestRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// Mines blocks one behind the other.
struct SampleChain<Application: LedgerApplication> {
  var verifier: ChainVerifier<Application>
  var blocks: [MinedBlock]
  /// Milliseconds by everybody's clock.
  var now: UInt64 = Sample.startTime

  init(_ application: Application, genesis: MinedBlock = Sample.genesis) throws {
    verifier = try ChainVerifier(application, genesis: genesis)
    blocks = [genesis]
  }

  /// The next block, with a nonce.
  mutating func next(
    _ transactions: [SignedTransaction] = [], miner: MinerInformation = Sample.miner,
    after milliseconds: UInt64 = 1000
  ) -> MinedBlock {
    now += milliseconds
    return Self.mined(verifier.template(miner: miner, transactions: transactions, now: now))
  }

  mutating func append(_ block: MinedBlock) throws {
    try verifier.append(block, now: now)
    blocks.append(block)
  }

  /// Grows by blocks of which each has a transaction of every sender in `senders`.
  mutating func grow(
    _ count: Int, senders: Range<Int> = 0..<0, miner: MinerInformation = Sample.miner
  ) throws {
    for _ in 0..<count {
      let transactions = senders.map { sender in
        Sample.transaction(
          verifier.state.nextSequence(of: Sample.keys[sender].verificationKey), by: sender,
          network: verifier.network)
      }
      try append(next(transactions, miner: miner))
    }
  }

  /// A next block that everybody would take but for a record that executing it does not give.
  mutating func invalidNext() -> MinedBlock {
    let open = next()
    return Self.mined(
      MinedBlock(
        height: open.height, previous: open.previous, time: open.time, difficulty: open.difficulty,
        miner: open.miner, records: [[1]]))
  }

  /// The chain in a tree of its own, all blocks stored.
  func tree(sideLimit: Int = 20_000) throws -> BlockTree {
    var tree = BlockTree(genesis: blocks[0], rules: verifier.rules, sideLimit: sideLimit)
    for block in blocks.dropFirst() {
      try tree.insert(block.header, hash: block.hash, now: nil)
      tree.store(block.hash)
    }
    tree.reorganise(to: verifier.headHash)
    return tree
  }

  static func mined(_ block: MinedBlock) -> MinedBlock {
    ProofOfWork.nonce(for: block.header, in: 0..<(1 << 40)).map { block.with(nonce: $0) } ?? block
  }
}
