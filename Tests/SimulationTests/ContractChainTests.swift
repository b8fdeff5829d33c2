import Cryptography
import Incentives
import Ledger
import Simulation
import Testing

/// The contract of encounters on a mined chain.
@Suite struct ContractChainTests {
  typealias Chain = ContractChain<EncounterContract>

  static let before = SHA256.hash([0])
  static let after = SHA256.hash([1])

  /// Parties that have exchanged and staked.
  static func chain(
    _ parties: Int = 6, seed: UInt64 = 1, into store: inout MemoryBlockStore<MinedBlock>
  ) throws -> Chain {
    let accounts = Chain.keys(parties, seed: seed).map { AccountAddress($0.verificationKey) }
    var terms = EncounterTerms()
    terms.commitBlocks = 3
    terms.waitingBlocks = 6
    var chain = try Chain(
      EncounterContract.self,
      records: EncounterContract.records(
        terms, currency: Dictionary(uniqueKeysWithValues: accounts.map { ($0, 1000) })),
      parties: parties, seed: seed)
    _ = try chain.mine((0..<parties).map { (.exchange(units: 1000), $0) }, into: &store)
    _ = try chain.mine((0..<parties).map { (.stake(200), $0) }, into: &store)
    return chain
  }

  /// An encounter of party 0 with party 1, from the prepayment to the award.
  @discardableResult
  static func encounter(
    _ chain: inout Chain, into store: inout MemoryBlockStore<MinedBlock>, vote: Bool = true
  ) throws -> [EncounterEvent] {
    let number = chain.state.contract.nextEncounter
    let offer = EncounterOffer(
      neighbour: chain.account(1), prepayment: 10, modelBefore: before)
    _ = try chain.mine([(.open(offer), 0)], into: &store)
    _ = try chain.mine([(.accept(number, claimsRareData: false), 1)], into: &store)
    _ = try chain.mine(
      [(.report(number, result: after), 0), (.report(number, result: after), 1)], into: &store)
    _ = try chain.mine([], into: &store)
    let drawing = try chain.mine([], into: &store)
    guard case .drawn(_, let validators)? = drawing.due.first else { return [] }
    let places = try validators.map { validator in
      try #require((0..<6).first { chain.account($0) == validator })
    }
    let vote = ValidatorVote(contributes: vote)
    let salt = SHA256.hash([7])
    _ = try chain.mine(
      places.map { place in
        let commitment = vote.commitment(
          encounter: number, validator: chain.account(place), salt: salt)
        return (.commit(number, result: after, commitment: commitment), place)
      }, into: &store)
    _ = try chain.mine(places.map { (.reveal(number, vote, salt: salt), $0) }, into: &store)
    // The second one comes too late, and stays in the block all the same.
    let last = try chain.mine([(.settle(number), 5), (.settle(number), 4)], into: &store)
    #expect(throws: Chain.CallRefusal.self) { try last.outcomes[1].get() }
    return last.events
  }

  @Test func anEncounterIsOnTheChain() throws {
    var store = MemoryBlockStore<MinedBlock>()
    var chain = try Self.chain(into: &store)
    let events = try Self.encounter(&chain, into: &store)
    #expect(events.last == .closed(0, .accepted))
    let state = chain.state
    #expect(state.tokens.total == state.tokens.supply && state.refusals == 1)
    #expect(state.tokens.stake(of: chain.account(1)) >= 207)

    // Whoever has the blocks comes to the same.
    var verifier = try ChainVerifier(
      ContractApplication<EncounterContract>(), genesis: store.blocks[0])
    for block in store.blocks.dropFirst() { try verifier.append(encoded: block.encoded) }
    #expect(verifier.state.application.contract == state.contract)
    #expect(verifier.state.application.tokens == state.tokens)
    #expect(UInt64(store.count) == chain.height + 1)
  }

  @Test func theSameCallsMakeTheSameBlocks() throws {
    var heads: [Digest?] = []
    for seed in [1, 1, 2] as [UInt64] {
      var store = MemoryBlockStore<MinedBlock>()
      var chain = try Self.chain(seed: seed, into: &store)
      try Self.encounter(&chain, into: &store, vote: false)
      heads.append(store.head?.hash)
    }
    #expect(heads[0] == heads[1] && heads[0] != heads[2])
  }

  /// A miner that records another award than execution gives, or whose block draws other validators.
  @Test func otherRecordsAreNotTaken() throws {
    var store = MemoryBlockStore<MinedBlock>()
    var chain = try Self.chain(into: &store)
    try Self.encounter(&chain, into: &store)
    for (height, block) in store.blocks.enumerated().dropFirst() where !block.records.isEmpty {
      var verifier = try ChainVerifier(
        ContractApplication<EncounterContract>(), genesis: store.blocks[0])
      for earlier in store.blocks[1..<height] { try verifier.append(earlier) }
      var records = block.records
      records[0][records[0].count - 1] ^= 1
      let forged = ProofOfWork.mine(
        MinedBlock(
          height: block.height, previous: block.previous, time: block.time,
          difficulty: block.difficulty, miner: block.miner, transactions: block.transactions,
          records: records))
      #expect(throws: ChainFault.self) { try verifier.append(forged) }
      try verifier.append(block)
    }
  }

  /// A call that was on the chain is not taken again, nor on another chain, nor under another name.
  @Test func callsAreNotReplayed() throws {
    var store = MemoryBlockStore<MinedBlock>()
    let chain = try Self.chain(into: &store)
    var verifier = try ChainVerifier(
      ContractApplication<EncounterContract>(), genesis: store.blocks[0])
    for block in store.blocks.dropFirst() { try verifier.append(block) }
    let key = Chain.keys(6, seed: 1)[0]
    let call = EncounterCall.stake(1)
    func block(_ transaction: SignedTransaction) -> MinedBlock {
      let open = verifier.template(
        miner: store.blocks[0].miner, transactions: [transaction], now: chain.time + 1000)
      return ProofOfWork.mine(
        MinedBlock(
          height: open.height, previous: open.previous, time: open.time,
          difficulty: open.difficulty, miner: open.miner, transactions: [transaction],
          records: open.records))
    }
    let network = chain.genesis.hash
    let good = ContractCall.transaction(call, network: network, sequence: 2, key: key)
    for bad in [
      ContractCall.transaction(call, network: network, sequence: 1, key: key),
      ContractCall.transaction(call, network: SHA256.hash([]), sequence: 2, key: key),
      SignedTransaction(
        network: network, sender: Chain.keys(6, seed: 1)[1].verificationKey, sequence: 2,
        kind: ContractCall.kind, payload: call.encoded, signature: good.signature),
      SignedTransaction(
        network: network, sequence: 2, kind: ContractCall.kind, payload: [99], key: key),
      SignedTransaction(
        network: network, sequence: 2, kind: TransactionKind(rawValue: 2), payload: call.encoded,
        key: key),
    ] {
      var other = verifier
      #expect(throws: ChainFault.self) { try other.append(block(bad)) }
    }
    try verifier.append(block(good))
    #expect(verifier.state.application.tokens.stake(of: chain.account(0)) == 201)
  }

  @Test func thePoolRefusesWhatIsNoCall() throws {
    var store = MemoryBlockStore<MinedBlock>()
    let chain = try Self.chain(into: &store)
    let application = ContractApplication<EncounterContract>()
    let key = Chain.keys(6, seed: 1)[0]
    func refusal(_ kind: UInt16, _ payload: [UInt8]) -> String? {
      application.refusal(
        of: SignedTransaction(
          network: chain.genesis.hash, sequence: 2, kind: TransactionKind(rawValue: kind),
          payload: payload, key: key), after: chain.state)
    }
    #expect(refusal(1, EncounterCall.stake(1).encoded) == nil)
    #expect(refusal(1, []) == "the bytes end early")
    #expect(refusal(1, [99]) == "the bytes have a malformed call of a contract of encounters")
    #expect(refusal(3, []) == "transactions of kind 3 are unknown here")
  }
}
