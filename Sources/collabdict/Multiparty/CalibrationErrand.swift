import CollaborativeLearning
import Cryptography
import Datasets
import Ledger
import MultipartyLearning
import Storage

/// A party's part in a chain of calibrations: it registers its model, sends samples of its own images,
/// and keeps the parameters that blocks refer to. Wang et al. 2020, Sec. III-C.
struct CalibrationErrand: ChainErrand {
  let application: CalibrationApplication
  private let key: SigningKey
  private let store: ChainStore
  private let settings: Settings
  private var search: SampleSearch?
  private var lastSearch = -Double.infinity
  /// Images that were looked at since the models are as they are.
  private var searched = 0
  private var isFirst = true
  private var blocksSincePruning = 0

  struct Settings {
    /// The model to register, and the file that it is from.
    var registration: (path: String, entry: Registration)?
    /// The party's own images; `nil` for one that sends no samples.
    var images: (party: Int, seed: UInt64, images: LabelledImages)?
    /// Samples of this party that wait for a block, at most: each is good for the models that it was
    /// found with, and less so for those behind the next blocks.
    var waitingLimit = 4
    var policy = PruningPolicy(last: 16)
  }

  /// Images of one look, which must not keep messages waiting for long.
  private static let part = 32
  /// Seconds between two looks.
  private static let pause = 0.2

  init(
    _ application: CalibrationApplication, _ settings: Settings, key: SigningKey, store: ChainStore
  ) {
    self.application = application
    self.settings = settings
    self.key = key
    self.store = store
    search = settings.images.map { SampleSearch($0.images, seed: $0.seed, party: $0.party) }
  }

  mutating func proceed(
    _ node: inout ChainNode<CalibrationApplication>, moves: [LedgerMove], now: Double
  ) throws {
    if isFirst {
      isFirst = false
      // What a process that was killed did not come to.
      let start = max(1, node.tree.height + 1 - settings.policy.last)
      try keepParameters(
        (start..<max(start, node.tree.height + 1)).compactMap { node.tree.hash(at: $0) }, &node, now
      )
    }
    if !moves.isEmpty {
      searched = 0
      try keepParameters(moves.flatMap(\.done), &node, now)
    }
    let own = key.verificationKey
    let state = node.state.application
    guard let party = state.party(own) else { return try register(&node, now: now) }
    guard state.parties[party].key == own else { return }
    try send(&node, now: now)
  }

  func facts(_ state: CalibrationState) -> [(String, JSON)] {
    let own = key.verificationKey
    return MinedChains.facts(state) + [
      ("registered", .bool(state.party(own) != nil)),
      ("sent", .integer(state.party(own).map { state.parties[$0].sent } ?? 0)),
      ("reward", .integer(Int(clamping: state.rewards[own] ?? 0))),
    ]
  }

  /// Transactions of this party that wait for a block.
  private func waiting(_ node: borrowing ChainNode<CalibrationApplication>) -> Int {
    let own = key.verificationKey
    return Int(clamping: node.nextSequence(of: own) - node.state.nextSequence(of: own))
  }

  private func submit(
    _ payload: [UInt8], _ kind: TransactionKind, _ node: inout ChainNode<CalibrationApplication>,
    now: Double
  ) throws(TransactionRefusal) {
    try node.submit(
      SignedTransaction(
        network: node.network, sequence: node.nextSequence(of: key.verificationKey), kind: kind,
        payload: payload, key: key), now: now)
  }

  /// Asks to be entered, until that is on the chain.
  private func register(
    _ node: inout ChainNode<CalibrationApplication>, now: Double
  ) throws {
    guard let (path, entry) = settings.registration, waiting(node) == 0 else { return }
    do {
      try submit(entry.encoded, Registration.kind, &node, now: now)
    } catch {
      switch error {
      case .notAdmitted, .tooLarge:
        throw HeadedFile.partyModel.malformed("the chain does not take this model: \(error)", path)
      default: break
      }
    }
  }

  /// Looks for samples, a few images at a time, as long as few of them wait.
  private mutating func send(
    _ node: inout ChainNode<CalibrationApplication>, now: Double
  ) throws {
    guard var search, now - lastSearch >= Self.pause, searched < search.images.count else { return }
    let room = settings.waitingLimit - waiting(node)
    guard room > 0 else { return }
    lastSearch = now
    let found = application.samples(
      &search, after: node.state.application, limit: Self.part, wanted: room)
    searched += Self.part
    self.search = search
    for sample in found {
      do {
        try submit(sample.encoded, CalibrationMessage.kind, &node, now: now)
      } catch {
        // There is room later, or the chain has gone on; the sample is found again.
        return
      }
    }
  }

  // MARK: Parameters

  /// The digests of the parameters that a block refers to.
  static func references(_ block: MinedBlock) -> [Digest] { updates(block).map(\.after) }

  private static func updates(_ block: MinedBlock) -> [ModelUpdate] {
    if block.height == 0 { return [] }
    return block.records.compactMap { record in
      guard case .update(let update)? = try? CalibrationRecord(decoding: record) else { return nil }
      return update
    }
  }

  /// Stores the parameters behind some blocks, as far as the policy keeps them, and prunes those that
  /// it does not keep any more; the models as they stand are always kept. What came too long ago to be
  /// known here is asked for.
  private mutating func keepParameters(
    _ hashes: [Digest], _ node: inout ChainNode<CalibrationApplication>, _ now: Double
  ) throws {
    let count = node.tree.height + 1
    for hash in hashes {
      guard let block = try store.block(hash: hash),
        settings.policy.keeps(height: Int(block.height), of: count)
      else { continue }
      let parties = node.keptState(behind: hash)?.application.parties
      for update in Self.updates(block) {
        let place = Int(update.party)
        if let parties, parties.indices.contains(place), parties[place].digest == update.after {
          try store.put(parties[place].model.parameterBytes)
        } else {
          node.fetch(update.after, now: now)
        }
      }
    }
    let present = node.state.application.parties
    for party in present { try store.put(party.model.parameterBytes) }
    blocksSincePruning += hashes.count
    // Each time the whole chain is looked through.
    guard blocksSincePruning > settings.policy.last / 2 else { return }
    blocksSincePruning = 0
    let head = node.tree.headHash
    try store.prune(by: settings.policy) { block in
      Self.references(block) + (block.hash == head ? present.map(\.digest) : [])
    }
  }
}
