import Consensus
import Cryptography
import Datasets
import GraphicalModels
import Ledger
import Randomness
import Testing

@testable import CollaborativeLearning

/// What an orderer takes, and what it refuses.
@Suite struct OrdererTests {
  private let keys = (0..<4).map { SigningKey(seed: [UInt8](repeating: UInt8($0), count: 32)) }
  private let configuration: TrainingConfiguration
  private let settings: MixtureSettings
  private let first: Block

  init() {
    var configuration = TrainingConfiguration()
    configuration.window = 1
    self.configuration = configuration
    var settings = MixtureSettings()
    settings.startPatterns = 2
    self.settings = settings
    var job = OrderedJob(
      name: "test", variables: 2, clients: [keys[0].verificationKey, keys[1].verificationKey],
      endorsers: Quorum([keys[2].verificationKey]), orderers: Quorum([keys[3].verificationKey]),
      settings: settings, roundLimit: 20)
    job.timeWindow = 5000
    first = job.firstBlock(time: 0)
  }

  private func client(_ index: Int) throws -> Client {
    let values = RandomStream(
      seed: 1, participant: UInt32(index), purpose: .syntheticData
    ).normal(80)
    let rows = MemoryRows(columnCount: 2, values: values)
    return try Client(
      index, key: keys[index], firstBlock: first,
      view: LocalView(rows, parts: [0..<40], configuration), settings: settings, seed: 1,
      memory: nil)
  }

  private func start(_ index: Int, now: Double) throws -> StatisticsTransaction {
    var client = try client(index)
    client.tick(now: now)
    for effect in client.takeEffects() {
      if case .send(.transaction(let transaction), _) = effect { return transaction }
    }
    throw TransactionError.impossible
  }

  private func orderer() throws -> Orderer {
    var orderer = try Orderer(0, key: keys[3], blocks: [first], memory: nil)
    orderer.tick(now: 1)
    _ = orderer.takeEffects()
    return orderer
  }

  private func signed(
    _ old: StatisticsTransaction, key: SigningKey? = nil,
    _ change: (inout StatisticsTransaction) -> Void
  ) -> StatisticsTransaction {
    var new = old
    change(&new)
    new.signature = (key ?? keys[min(1, old.client)]).signature(for: new.statement)
    return new
  }

  private func refusal(_ transaction: StatisticsTransaction) throws -> TransactionError? {
    var orderer = try orderer()
    orderer.receive(.transaction(transaction), from: OrderedNode(.client, 0), now: 1)
    var found: TransactionError?
    for effect in orderer.takeEffects() {
      if case .refused(let error, _) = effect { found = error }
    }
    // What is refused is in no block.
    orderer.receive(
      .transaction(try start(1, now: 1)), from: OrderedNode(.client, 1), now: 1)
    orderer.tick(now: 4)
    for effect in orderer.takeEffects() {
      guard case .append(let block) = effect else { continue }
      let entries = try RoundPayload(decoding: block.payload).entries
      #expect((entries[0] == .absent) == (found != nil))
    }
    #expect(orderer.count == 2)
    return found
  }

  @Test func whatIsSoundIsTaken() throws {
    #expect(try refusal(try start(0, now: 1)) == nil)
  }

  @Test func whatIsNotOfThisRoundIsRefused() throws {
    let sound = try start(0, now: 1)
    let other = SHA256.hash([9])
    #expect(try refusal(signed(sound) { $0.job = other }) == .otherJob)
    #expect(try refusal(signed(sound) { $0.round = 0 }) == .wrongRound(0, expected: 1))
    #expect(try refusal(signed(sound) { $0.basis = other }) == .otherDictionary)
    #expect(try refusal(signed(sound) { $0.client = 2 }) == .unknownClient(2))
    #expect(try refusal(signed(sound) { $0.time += 5001 }) == .outOfTime)
    #expect(try refusal(signed(sound) { $0.weights = [1] }) != nil)
  }

  @Test func whatIsNotTheClientsIsRefused() throws {
    let sound = try start(0, now: 1)
    #expect(try refusal(signed(sound, key: keys[1]) { _ in }) == .badSignature)
    var changed = sound
    changed.statistics.logLikelihood += 1
    #expect(try refusal(changed) == .badSignature)
    changed = sound
    changed.client = 1
    #expect(try refusal(changed) == .badSignature)
  }

  @Test func whatNoRowsHaveIsRefused() throws {
    let sound = try start(0, now: 1)
    func with(_ place: Int, _ value: Double) -> StatisticsTransaction {
      var numbers = sound.statistics.flattened
      numbers[place] = value
      return signed(sound) {
        $0.statistics = PatternStatistics(flattened: numbers, variables: 2)
      }
    }
    for place in 0..<6 {
      #expect(try refusal(with(place, .nan)) == .notFinite)
      #expect(try refusal(with(place, -.infinity)) == .notFinite)
    }
    #expect(try refusal(signed(sound) { $0.statistics.logLikelihood = .nan }) == .notFinite)
    #expect(try refusal(with(0, -1)) == .impossible)
    // The diagonal of the scatter: behind count and sums the first and the third.
    #expect(try refusal(with(3, -1)) == .impossible)
    #expect(try refusal(with(4, -1)) == nil)
    #expect(try refusal(with(5, -1)) == .impossible)
    let short = PatternStatistics(
      flattened: Array(sound.statistics.flattened.dropLast(6)), variables: 2)
    #expect(
      try refusal(signed(sound) { $0.statistics = short })
        == .wrongShape(patterns: 3, variables: 2))
  }

  /// A transaction for a round that is over comes too late.
  @Test func aLateTransactionIsRefused() throws {
    var orderer = try orderer()
    orderer.receive(.transaction(try start(1, now: 1)), from: OrderedNode(.client, 1), now: 1)
    orderer.tick(now: 3.5)
    #expect(orderer.count == 2)
    _ = orderer.takeEffects()
    orderer.receive(.transaction(try start(0, now: 3)), from: OrderedNode(.client, 0), now: 3.6)
    guard case .refused(let error, _)? = orderer.takeEffects().first else {
      Issue.record("it was not refused")
      return
    }
    #expect(error == .wrongRound(1, expected: 2))
  }

  /// What waited longer for others than the window allows is stamped anew, not locked.
  @Test func whatWaitedTooLongIsNotLocked() throws {
    var job = try OrderedJob(firstBlock: first)
    job.leastReports = 2
    let block = job.firstBlock(time: 0)
    func client(_ index: Int) throws -> Client {
      let values = RandomStream(
        seed: 1, participant: UInt32(index), purpose: .syntheticData
      ).normal(80)
      return try Client(
        index, key: keys[index], firstBlock: block,
        view: LocalView(
          MemoryRows(columnCount: 2, values: values), parts: [0..<40], configuration),
        settings: settings, seed: 1, memory: nil)
    }
    func carry(_ client: inout Client, to orderer: inout Orderer, now: Double) {
      client.tick(now: now)
      for effect in client.takeEffects() {
        guard case .send(.transaction(let transaction), _) = effect else { continue }
        orderer.receive(.transaction(transaction), from: OrderedNode(.client, 0), now: now)
      }
    }
    var orderer = try Orderer(0, key: keys[3], blocks: [block], memory: nil)
    orderer.tick(now: 1)
    var clients = [try client(0), try client(1)]
    carry(&clients[0], to: &orderer, now: 1)
    // Six seconds later, with a window of five, the other one comes.
    carry(&clients[1], to: &orderer, now: 7)
    orderer.tick(now: 7)
    #expect(orderer.count == 1)
    carry(&clients[0], to: &orderer, now: 7.5)
    orderer.tick(now: 7.5)
    #expect(orderer.count == 2)
  }

  /// Messages survive their bytes, and no shorter bytes are a message.
  @Test func messagesHaveOneEncoding() throws {
    let transaction = try start(0, now: 1)
    var orderer = try orderer()
    for index in 0..<2 {
      orderer.receive(
        .transaction(try start(index, now: 1)), from: OrderedNode(.client, index), now: 1)
    }
    var messages: [OrderedMessage] = [.transaction(transaction), .request(3)]
    var block: Block?
    for effect in orderer.takeEffects() {
      if case .append(let locked) = effect { block = locked }
    }
    let locked = try #require(block)
    messages.append(.block(locked))
    var endorser = try Endorser(0, key: keys[2], blocks: [first])
    endorser.receive(.block(locked), from: OrderedNode(.orderer, 0), now: 1)
    for effect in endorser.takeEffects() {
      if case .send(let message, _) = effect { messages.append(message) }
    }
    #expect(messages.contains { if case .update = $0 { true } else { false } })
    let proof = PreparedProof(
      view: 1, block: locked.hash,
      votes: [MemberSignature(member: 0, signature: transaction.signature)])
    let vote = BlockVote(
      height: 1, view: 2, block: locked.hash, orderer: 0, signature: transaction.signature)
    let change = ViewChange(
      height: 1, view: 2, proof: proof, block: locked, orderer: 0,
      signature: transaction.signature)
    messages += [
      .prepare(vote), .commit(vote), .change(change),
      .proposal(
        BlockProposal(
          view: 2, block: locked, changes: [change], orderer: 0,
          signature: transaction.signature)),
    ]
    for message in messages {
      let bytes = message.encoded
      #expect(try OrderedMessage(decoding: bytes) == message)
      for count in stride(from: 0, to: bytes.count, by: 13) {
        #expect(throws: (any Error).self) {
          try OrderedMessage(decoding: Array(bytes.prefix(count)))
        }
      }
      #expect(throws: (any Error).self) { try OrderedMessage(decoding: bytes + [0]) }
    }
  }

  @Test func jobsThatCannotWorkAreRefused() throws {
    let job = try OrderedJob(firstBlock: first)
    var changes: [(inout OrderedJob) -> Void] = [
      { $0.clients = [] }, { $0.clients.append($0.clients[0]) }, { $0.leastReports = 3 },
      { $0.penalty = .nan }, { $0.tolerance = -1 }, { $0.variables = 0 },
      { $0.startPatterns = 1 << 30 }, { $0.roundLimit = 1 },
    ]
    changes.append { $0.orderers = Quorum($0.orderers.keys + $0.endorsers.keys, threshold: 1) }
    for change in changes {
      var other = job
      change(&other)
      #expect(throws: OrderedBlockError.self) {
        try OrderedJob(firstBlock: other.firstBlock(time: 0))
      }
    }
  }
}
