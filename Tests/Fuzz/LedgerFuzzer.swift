import Cryptography

// Compiled together with the ledger's own files by `run`. What must hold of any bytes: nothing traps,
// what decodes encodes to the same bytes again, and a node that is shown a message stays what it is:
// its chain verifies, and nothing gets into its pool without a signature.

private let founder = SigningKey(seed: [UInt8](repeating: 1, count: 32))
private let miner = MinerInformation(key: founder.verificationKey, type: .original)
private let rules = ChainRules(interval: 1000, firstDifficulty: 2)
private let genesis = rules.genesis(founder: miner, time: 1_700_000_000_000)

private typealias Node = LedgerNode<
  NotesApplication, MemoryBlockStore<MinedBlock>, MemoryContentStore
>

private func note(_ sequence: UInt64) -> SignedTransaction {
  SignedTransaction(
    network: genesis.hash, sequence: sequence, kind: TransactionKind(rawValue: 1), payload: [1, 2],
    key: founder)
}

private func chain(_ count: Int) -> [MinedBlock] {
  var blocks = [genesis]
  guard var verifier = try? ChainVerifier(NotesApplication(), genesis: genesis) else {
    return blocks
  }
  for number in 0..<count {
    let open = verifier.template(
      miner: miner, transactions: [note(UInt64(number))],
      now: genesis.time + 1000 * UInt64(number + 1))
    guard let nonce = ProofOfWork.nonce(for: open.header, in: 0..<(1 << 32)) else { break }
    blocks.append(open.with(nonce: nonce))
    try? verifier.append(open.with(nonce: nonce))
  }
  return blocks
}

private let known = chain(6)

private func node() -> Node? {
  var store = MemoryBlockStore<MinedBlock>()
  for block in known.prefix(4) { try? store.append(block) }
  return try? Node(
    NotesApplication(), genesis: genesis, blocks: store, contents: MemoryContentStore(),
    configuration: LedgerNodeConfiguration(), epoch: genesis.time + 60_000)
}

/// Lives from input to input, so that what one leaves behind meets the next.
@MainActor private var current = node()
@MainActor private var inputs = 0

@MainActor func check(_ bytes: [UInt8]) {
  if let block = try? MinedBlock(decoding: bytes) {
    precondition(block.encoded == bytes, "decoding and encoding a block gives other bytes")
  }
  if let proof = try? MerkleProof(decoding: bytes) {
    precondition(proof.encoded == bytes, "decoding and encoding a proof gives other bytes")
    _ = proof.shows(genesis.hash, under: genesis.header.merkleRoot)
  }
  if let rules = try? ChainRules(decoding: bytes) {
    precondition(rules.encoded == bytes, "decoding and encoding rules gives other bytes")
  }
  guard let message = try? LedgerMessage(decoding: bytes) else { return }
  precondition(message.encoded == bytes, "decoding and encoding a message gives other bytes")
  inputs += 1
  if inputs % 1000 == 0 || current == nil { current = node() }
  let now = Double(inputs % 1000) / 10
  current?.receive(message, from: Int(bytes.last ?? 0) % 3, now: now)
  current?.tick(now: now)
  _ = current?.takeEffects()
  guard let node = current else { return }
  precondition(node.failure == nil, "a store that fails")
  precondition(node.tree.height < known.count, "blocks that nobody mined")
  precondition(
    node.pool.transactions.allSatisfy { $0.hasValidSignature }, "an unsigned transaction")
}

/// Valid messages, blocks and proofs to start from.
@MainActor func seeds() -> [[UInt8]] {
  let hashes = known.map(\.hash)
  let messages: [LedgerMessage] = [
    .status(.init(network: genesis.hash, head: hashes[5], height: 5, totalWork: 1 << 70)),
    .headerRequest(locator: hashes), .headers(known.suffix(2).map(\.header)),
    .blockRequest(hashes), .block(known[4]), .missing(hashes), .transactionNotice([note(3).id]),
    .transactionRequest([note(3).id]), .transactions([note(3), note(9)]),
    .contentRequest(genesis.hash, offset: 4),
    .contentPiece(genesis.hash, total: 9, offset: 4, bytes: [1, 2, 3, 4, 5]),
    .contentMissing(genesis.hash),
  ]
  return messages.map(\.encoded) + [
    known[5].encoded, known[5].proof(ofTransaction: 0).encoded, rules.encoded,
  ]
}
