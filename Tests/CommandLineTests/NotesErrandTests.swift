import Cryptography
import Ledger
import Testing

@testable import Storage
@testable import collabdict

@Suite struct NotesErrandTests {
  /// What a member hears of its chain lags behind the chain: a note whose block came meanwhile is
  /// not sent again.
  @Test func aNoteIsSentOnceThoughWordOfItsBlockComesLate() throws {
    let directory = try TemporaryDirectory()
    let key = SigningKey(seed: [UInt8](repeating: 1, count: 32))
    let miner = MinerInformation(key: key.verificationKey, type: .original)
    let genesis = ChainRules(interval: 1000, firstDifficulty: 2)
      .genesis(founder: miner, time: 1_700_000_000_000)
    let store = try ChainStore(opening: directory("chain.db"), first: genesis.hash)
    var errand = try NotesErrand(NotesApplication(), notes: ["once"], key: key, store: store)
    var node = try ChainNode(
      NotesApplication(), genesis: genesis, blocks: store, contents: store,
      configuration: LedgerNodeConfiguration(miner: miner), epoch: genesis.time + 60_000)

    var template: MinedBlock?
    func takeMoves() -> [LedgerMove] {
      node.takeEffects().compactMap { effect in
        switch effect {
        case .mine(let block): template = block
        case .moved(let move): return move
        default: break
        }
        return nil
      }
    }
    /// Mines what the node asks for last.
    func mine(now: Double) throws -> [LedgerMove] {
      node.tick(now: now)
      _ = takeMoves()
      let open = try #require(template)
      let nonce = try #require(ProofOfWork.nonce(for: open.header, in: 0..<(1 << 32)))
      node.mined(open.with(nonce: nonce), now: now)
      return takeMoves()
    }

    let first = try mine(now: 1)
    try errand.proceed(&node, moves: [], now: 1)
    #expect(node.pool.count == 1)
    let second = try mine(now: 2)
    #expect(node.pool.count == 0 && node.state.application.noteCount == 1)
    try errand.proceed(&node, moves: first, now: 2)
    #expect(node.pool.count == 0, "word of the second block is still on its way")
    try errand.proceed(&node, moves: second, now: 2)
    #expect(node.pool.count == 0)
  }
}
