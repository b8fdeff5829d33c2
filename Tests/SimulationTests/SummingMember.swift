import Consensus
import Cryptography
import Simulation

/// A member whose contribution to round r is known: every element is a function of the member, the
/// round and the place.
struct SummingMember: SimulatedMember {
  var node: ConsensusNode
  let count: Int
  let rounds: UInt32
  /// Hash of all sums so far: the shared state.
  var state: [UInt8]
  var round: UInt32 = 0
  var sums: [UInt32: RoundSum] = [:]
  var certificates: [Certificate] = []
  var finish: FinishCertificate?
  var notes: [String] = []
  var failures: [String] = []
  var withdrawn: [UInt32] = []
  /// Rounds and states that were taken over, and whether the own contribution was said to count.
  var adoptions: [(round: UInt32, wasCounted: Bool)] = []
  /// While set, the participant is busy: it answers nothing.
  var isBusy = false
  private var postponed: [ConsensusNode.Effect] = []
  /// What a member contributes to a round.
  var contributionOf: (Int, UInt32) -> [UInt32]
  private var outgoing: [(message: RoundMessage, to: Int)] = []

  init(
    _ configuration: ConsensusNode.Configuration, count: Int, rounds: UInt32, now: Double,
    round: UInt32 = 0, state: [UInt8] = [], epoch: UInt32 = 0,
    contributors: [UInt32: MemberSet] = [:]
  ) {
    node = ConsensusNode(configuration, now: now)
    self.count = count
    self.rounds = rounds
    contributionOf = { Self.contribution($0, $1, count: count) }
    self.round = round
    self.state = state
    node.start(
      round: round, state: SHA256.hash(state), epoch: epoch, contributors: contributors, now: now)
    if round == rounds { node.finish(SHA256.hash(state), round: round, now: now) }
    work(now)
  }

  static func contribution(_ member: Int, _ round: UInt32, count: Int) -> [UInt32] {
    (0..<count).map {
      UInt32((member * 7_919 + Int(round) * 104_729 + $0 * 31 + 1) % 2_147_483_647)
    }
  }

  static func sum(_ members: [Int], _ round: UInt32, count: Int) -> [UInt32] {
    (0..<count).map { i in
      UInt32(
        members.reduce(UInt64(0)) {
          $0 + UInt64(contribution($1, round, count: count)[i])
        } % 2_147_483_647)
    }
  }

  mutating func receive(_ message: RoundMessage, from member: Int, now: Double) {
    node.receive(message, from: member, now: now)
    work(now)
  }

  mutating func connected(_ member: Int, now: Double) {
    node.connected(member, now: now)
    work(now)
  }

  mutating func disconnected(_ member: Int, now: Double) {
    node.disconnected(member, now: now)
    work(now)
  }

  mutating func tick(now: Double) {
    node.tick(now: now)
    work(now)
  }

  /// The participant is free again, and does what it was asked for meanwhile.
  mutating func becomeFree(now: Double) {
    isBusy = false
    for effect in postponed { perform(effect, now) }
    postponed = []
    work(now)
  }

  /// The state after a sum.
  static func state(_ state: [UInt8], after elements: [UInt32]) -> [UInt8] {
    var hash = SHA256()
    hash.update(state)
    hash.update(memoryOf: elements.span)
    return hash.finalise().bytes
  }

  mutating func takeMessages() -> [(message: RoundMessage, to: Int)] {
    defer { outgoing = [] }
    return outgoing
  }

  private mutating func work(_ now: Double) {
    while true {
      let effects = node.takeEffects()
      if effects.isEmpty { return }
      for effect in effects {
        if case .send = effect {
          perform(effect, now)
        } else if isBusy {
          postponed.append(effect)
        } else {
          perform(effect, now)
        }
      }
    }
  }

  private mutating func perform(_ effect: ConsensusNode.Effect, _ now: Double) {
    switch effect {
    case .send(let message, let to): outgoing.append((message, to))
    case .begin(let round):
      if round >= rounds { return }
      node.contribute(contributionOf(node.configuration.own, round), to: round, now: now)
    case .withdraw(let round): withdrawn.append(round)
    case .skip(let skipped):
      sums[skipped] = .skipped(skipped)
      round = skipped + 1
      state = Self.state(state, after: [])
      if round == rounds { node.finish(SHA256.hash(state), round: round, now: now) }
    case .sum(let sum):
      sums[sum.round] = sum
      round = sum.round + 1
      state = Self.state(state, after: sum.elements)
      if round == rounds { node.finish(SHA256.hash(state), round: round, now: now) }
    case .adopt(let round, let bytes, let wasCounted, let isUndone, let isFinished):
      if isUndone { sums[self.round - 1] = .skipped(self.round - 1) }
      adoptions.append((round, wasCounted))
      state = bytes
      self.round = round
      if isFinished { node.finish(SHA256.hash(state), round: round, now: now) }
    case .offerWanted(let to): node.offer(SHA256.hash(state), to: to)
    case .stateWanted(let by): node.sendState(state, to: by)
    case .decided(let certificate): certificates.append(certificate)
    case .finished(let certificate): finish = certificate
    case .failed(let text): failures.append(text)
    case .note(let text): notes.append("\(now): \(text)")
    }
  }
}

/// Members of a test network, with real keys.
struct TestNetwork {
  let keys: [SigningKey]
  var electorate: Electorate
  /// Without signatures runs are faster; then the electorate must not verify any.
  var signs = true
  let deadlines: ConsensusNode.Deadlines
  let sharing: SecretSharing
  var sliceLimit = 16
  var leastSlice = 1
  let digest = SHA256.hash(Array("a test network".utf8))

  init(members: Int, threshold: Int = 3, holders: Int = 5) throws {
    keys = (0..<members).map { _ in SigningKey.random() }
    electorate = Electorate(keys: keys.map(\.verificationKey))
    var deadlines = ConsensusNode.Deadlines()
    deadlines.assembly = 5
    deadlines.contribution = 2
    deadlines.vote = 0.5
    deadlines.reveal = 0.5
    deadlines.reconnect = 0.3
    deadlines.farewell = 20
    self.deadlines = deadlines
    sharing = try SecretSharing(threshold: threshold, holders: holders)
  }

  func configuration(_ member: Int) -> ConsensusNode.Configuration {
    var configuration = ConsensusNode.Configuration(
      network: digest, own: member, electorate: electorate, signingKey: signs ? keys[member] : nil,
      sharing: sharing, seed: 7, deadlines: deadlines)
    configuration.sliceLimit = sliceLimit
    configuration.leastSlice = leastSlice
    return configuration
  }

  func member(
    _ index: Int, count: Int = 100, rounds: UInt32, now: Double = 0, round: UInt32 = 0,
    state: [UInt8] = [], epoch: UInt32 = 0, contributors: [UInt32: MemberSet] = [:]
  ) -> SummingMember {
    SummingMember(
      configuration(index), count: count, rounds: rounds, now: now, round: round, state: state,
      epoch: epoch, contributors: contributors)
  }
}
