import Cryptography

/// A member's part in a run of sums over a network, as a state machine: messages, ticks and
/// contributions in; messages and effects out. It knows no socket, no file and no clock: times are
/// given, in seconds from any fixed moment.
///
/// A round goes like this, everybody doing the same:
///
/// 1. *Deal*: each contributor cuts its vector into slices and gives every holder of a slice a share
///    of it (``SecretSharing``).
/// 2. *Acknowledge*: holders tell all that they have everybody's shares.
/// 3. *Lock*: who has seen all acknowledgements signs the set of contributors. A majority of such
///    signatures is the round's certificate. Where somebody is missing, members agree on a smaller
///    set in ballots (``Agreement``).
/// 4. *Reveal*: only with the certificate do holders add up the shares of the certified
///    contributors and give the sum of shares away: t of them give a slice of the sum. The first
///    holder of a slice puts it together and tells it to all.
///
/// There is at most one certified set in an attempt, and an attempt is given up only before anything
/// was revealed. Where so many are gone after a certificate that its sum cannot be formed, a new
/// epoch begins, in which the round is summed over the same set or given up for good (``OpenSum``):
/// no two sums of one round that differ by a few contributors become known.
///
/// Members are honest but curious (CollabDict 2024, Sec. 4): they follow the protocol, may crash or
/// be cut off at any moment, and may put together all that they see.
public struct ConsensusNode: Sendable {
  /// What is fixed for a run.
  public struct Configuration: Sendable {
    /// SHA-256 of the network file; part of everything that is signed.
    public var network: Digest
    /// This member's index.
    public var own: Int
    public var electorate: Electorate
    /// Signs statements; `nil` in simulations whose members share one process.
    public var signingKey: SigningKey?
    public var sharing: SecretSharing
    /// From which the order of members is drawn, the same for all.
    public var seed: UInt64
    public var deadlines: Deadlines
    /// Slices of a vector, at most.
    public var sliceLimit = 16
    /// Elements that are worth a slice of their own.
    public var leastSlice = 32_768

    public init(
      network: Digest, own: Int, electorate: Electorate, signingKey: SigningKey?,
      sharing: SecretSharing, seed: UInt64, deadlines: Deadlines
    ) {
      self.network = network
      self.own = own
      self.electorate = electorate
      self.signingKey = signingKey
      self.sharing = sharing
      self.seed = seed
      self.deadlines = deadlines
    }
  }

  /// How long is waited for what, in seconds.
  public struct Deadlines: Sendable, Hashable {
    /// For all members to be there at the start, before a majority starts without the rest.
    public var assembly = 60.0
    /// For the contributions of others, after one's own.
    public var contribution = 60.0
    /// For votes and locks of members that can be reached.
    public var vote = 5.0
    /// For slices of a certified sum, before their holders are asked.
    public var reveal = 5.0
    /// For a lost connection to come back, before its member is not waited for any more.
    public var reconnect = 3.0
    /// For members that have not finished, after the end of the run.
    public var farewell = 30.0

    public init() {}

    /// For all slices of a certified sum, in spite of asking.
    var sum: Double { reveal + vote + contribution }
  }

  /// What the surroundings have to do.
  public enum Effect: Sendable {
    case send(RoundMessage, to: Int)
    /// The round begins: compute a contribution and call ``ConsensusNode/contribute(_:now:)``.
    case begin(round: UInt32)
    /// Take back what the last contribution changed: it was not counted.
    case withdraw(round: UInt32)
    /// The round was given up for good: take back what the last contribution changed, and go on to
    /// the next round without a sum.
    case skip(round: UInt32)
    /// The round's sum.
    case sum(RoundSum)
    /// Take over this shared state, with which the round begins. `wasCounted` tells whether the
    /// contribution of ``ConsensusNode/start(round:state:epoch:now:)`` or of the last round was
    /// summed though this member did not see the sum; `isUndone`, whether the last sum that it took is
    /// of a round that the others gave up.
    case adopt(
      round: UInt32, state: [UInt8], wasCounted: Bool, isUndone: Bool, isFinished: Bool)
    /// Somebody returns: call ``ConsensusNode/offer(_:to:)`` with the digest of the shared state as
    /// it is after all effects before this one.
    case offerWanted(to: Int)
    /// Somebody needs the shared state: call ``ConsensusNode/sendState(_:to:)``.
    case stateWanted(by: Int)
    /// A decision and its proof, to be kept with the run.
    case decided(Certificate)
    /// The run is over.
    case finished(FinishCertificate)
    /// This member cannot take part, and why.
    case failed(String)
    /// Something that a person may want to read later.
    case note(String)
  }

  public let configuration: Configuration
  public internal(set) var effects: [Effect] = []

  enum Mode: Sendable {
    /// Takes part in nothing: at the start, or after it was left behind.
    case outside
    /// A round is on its way.
    case inside
    /// The last sum is known.
    case finishing
  }

  var mode = Mode.outside
  /// Whether it is known where the participant is, and its shared state: until then there is nothing
  /// to say.
  var hasStarted = false
  /// The next round that this member would do, and the digest of its shared state.
  var ownRound: UInt32 = 0
  var ownState = Digest(bytes: [UInt8](repeating: 0, count: Digest.byteCount))
  var work: RoundWork
  /// The last attempts that are over, latest last, for those who still need something of them.
  var recent: [RoundWork] = []
  /// Messages of the next attempt or round that came early, by sender.
  var early: [(from: Int, message: RoundMessage)] = []
  var peers: [Peer]
  /// Members to whom there is a connection.
  var connectedCount = 0
  var outside: Outside
  var finishing = Finishing()
  /// A sum that others may know, of the last round for which there is one.
  var openSum: OpenSum?
  /// Whose contributions were summed, by round; nobody's in a round that was given up.
  public internal(set) var contributorLog: [UInt32: MemberSet] = [:]

  public init(_ configuration: Configuration, now: Double) {
    self.configuration = configuration
    others = configuration.electorate.keys.indices.filter {
      $0 != configuration.own && configuration.electorate.keys[$0] != nil
    }
    let slot = Slot(epoch: 0, round: 0)
    work = RoundWork(
      slot: slot, expected: MemberSet(), majority: configuration.electorate.majority, now: now)
    peers = configuration.electorate.keys.map { _ in Peer(lostAt: now) }
    outside = Outside(since: now)
  }

  /// Takes the effects that have come up since the last call.
  public mutating func takeEffects() -> [Effect] {
    var taken: [Effect] = []
    swap(&taken, &effects)
    return taken
  }

  /// Tells the node where its participant is, before anything else.
  ///
  /// - Parameters:
  ///   - round: the round that it would do next.
  ///   - state: SHA-256 of its shared state.
  ///   - epoch: the last epoch that it took part in.
  ///   - contributors: whose contributions were summed, by round, as far as it is known from before:
  ///     others may ask whether theirs were. An entry for `round` itself is of a certificate that was
  ///     seen without the sum.
  public mutating func start(
    round: UInt32, state: Digest, epoch: UInt32, contributors: [UInt32: MemberSet] = [:],
    now: Double
  ) {
    hasStarted = true
    contributorLog = contributors.filter { $0.key < round }
    ownRound = round
    ownState = state
    work.slot = Slot(epoch: epoch, round: round)
    noteOpen(contributors[round] ?? MemberSet())
    mode = .outside
    outside = Outside(since: now)
    sayHello(now)
  }

  var own: Int { configuration.own }
  var majority: Int { configuration.electorate.majority }

  /// Fewer cannot form a sum: they decide nothing, cannot share a secret, or a sum of theirs is none.
  var leastMembers: Int {
    max(majority, PrivateSum.leastContributors, configuration.sharing.threshold)
  }

  /// Keeps in mind that the sum of the present round over some contributors may become known.
  mutating func noteOpen(_ contributors: MemberSet) {
    guard !contributors.isEmpty, openContributors(of: work.slot.round) != contributors else {
      return
    }
    openSum = OpenSum(slot: work.slot, contributors: contributors)
  }

  /// Whose sum of a round may be known, as far as this member has signed or seen it.
  func openContributors(of round: UInt32) -> MemberSet {
    guard let openSum, openSum.slot.round == round else { return MemberSet() }
    return openSum.contributors
  }

  /// All members but this one.
  let others: [Int]

  mutating func send(_ message: RoundMessage, to member: Int) {
    effects.append(.send(message, to: member))
  }

  mutating func send(_ message: RoundMessage, to members: [Int]) {
    for member in members where member != own { effects.append(.send(message, to: member)) }
  }

  func sign(_ statement: [UInt8]) -> Signature {
    configuration.signingKey?.signature(for: statement)
      ?? Signature(bytes: [UInt8](repeating: 0, count: Signature.byteCount))
  }
}

/// What a node knows of another member.
struct Peer: Sendable {
  var isConnected = false
  var lostAt: Double
  /// When anything last came from it.
  var heardAt = -Double.infinity
  /// Its last hello, and when it came: it takes part in nothing.
  var hello: (message: RoundMessage.Hello, at: Double)?
  /// The round that its last hello named, for as long as it may be asked about.
  var helloRound: UInt32?
  /// The epoch in which it was last heard to take part, without having been away since.
  var insideEpoch: UInt32?
  /// When that was last.
  var insideAt = -Double.infinity
  /// When it was last told that a round is on its way.
  var toldAt = -Double.infinity
}

/// The sum of a round.
public struct RoundSum: Sendable {
  public var round: UInt32
  /// Empty where the round was given up.
  public var contributors: MemberSet
  /// Sums of the contributions, element by element.
  public var elements: [UInt32]
  /// Whether this member's own contribution is in it.
  public var wasCounted: Bool

  /// Stands for the sum of a round that was given up: nobody's.
  public static func skipped(_ round: UInt32) -> RoundSum {
    RoundSum(round: round, contributors: MemberSet(), elements: [], wasCounted: false)
  }

  public init(round: UInt32, contributors: MemberSet, elements: [UInt32], wasCounted: Bool) {
    self.round = round
    self.contributors = contributors
    self.elements = elements
    self.wasCounted = wasCounted
  }
}
