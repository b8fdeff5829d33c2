import AnomalyDetection
import CollaborativeLearning
import Consensus
import Cryptography
import Datasets
import GraphicalModels
import Ledger

/// The ordered-block protocol of CollabDict 2018 on a virtual clock: any number of clients, endorsers
/// and orderers, with a network between them that fails.
public struct OrderedSimulation {
  /// Who takes part beside the clients, and what happens to all of them.
  public struct Plan: Sendable {
    public var endorsers = 3
    public var orderers = 3
    public var network = NetworkFaults()
    public var timing = OrderedTiming()
    /// Shares of clients, endorsers and orderers that stop once and come back, and that are cut off
    /// for a while.
    public var stopping = 0.0
    public var cut = 0.0
    /// Virtual seconds within which that begins, and how long it lasts.
    public var window = 0.2...10.0
    public var absence = 1.0...5.0
    /// Clients that never come back after they stopped.
    public var leaving: [(client: Int, at: Double)] = []
    /// Clients that start later.
    public var arriving: [(client: Int, at: Double)] = []

    public init() {}
  }

  /// What a run gave.
  public struct Result: Sendable {
    public var names: [String]
    /// (μₖ, Λₖ), the same for all.
    public var patterns: [GaussianPattern]
    /// πˢ, and the units of each client's rows.
    public var weights: [[Double]]
    public var standardisations: [Standardisation]
    /// From the first block to the one that records the convergence.
    public var chain: [Block]
  }

  typealias Network = VirtualNetwork<OrderedMember>

  public let names: [String]
  public let firstBlock: Block
  let seats: OrderedMember.Seats
  private let views: [LocalView]
  private let keys: [SigningKey]
  private let settings: MixtureSettings
  private let seed: UInt64
  private let plan: Plan
  let disks: [OrderedDisk]
  var network: Network

  /// - Parameters:
  ///   - sources: rows of each client.
  ///   - configuration: how rows become windows; its seed gives the run, its rounds are those of one
  ///     climb.
  /// - Throws: ``ParticipantError`` around what is wrong with a client's rows.
  public init(
    _ sources: [(name: String, rows: any RowSource)], _ configuration: TrainingConfiguration,
    _ settings: MixtureSettings, plan: Plan = Plan(), name: String = "a simulated job"
  ) throws {
    let views = try sources.map { source in
      do {
        let data = try LocalData(source.rows, configuration)
        return try LocalView(data.source, parts: [0..<data.source.rowCount], configuration)
      } catch {
        throw ParticipantError(name: source.name, cause: error)
      }
    }
    guard let features = views.first?.featureCount else {
      throw ParticipantFailure("no participants with training rows")
    }
    let seats = OrderedMember.Seats(
      clients: sources.count, endorsers: plan.endorsers, orderers: plan.orderers)
    let keys = (0..<seats.count).map { number in
      SigningKey(seed: SHA256.hash(Array("simulated \(configuration.seed) \(number)".utf8)).bytes)
    }
    func verification(_ role: OrderedNode.Role, _ count: Int) -> [VerificationKey] {
      (0..<count).map { keys[seats.number(OrderedNode(role, $0))].verificationKey }
    }
    let job = OrderedJob(
      name: name, variables: features, clients: verification(.client, seats.clients),
      endorsers: Quorum(verification(.endorser, plan.endorsers)),
      orderers: Quorum(verification(.orderer, plan.orderers)), settings: settings,
      roundLimit: configuration.rounds)
    if let problem = job.problem { throw ParticipantFailure("a job with \(problem)") }
    let firstBlock = job.firstBlock(time: 0)
    let disks = try (0..<seats.count).map { _ in try OrderedDisk(firstBlock: firstBlock) }
    let late = Set(plan.arriving.map(\.client))
    let make = { (number: Int) in
      try Self.member(
        number, seats, keys[number], disks[number], firstBlock, views, settings,
        seed: configuration.seed, timing: plan.timing)
    }
    var network = Network(
      try (0..<seats.count).map(make), faults: plan.network, seed: configuration.seed)
    for client in late.sorted() { network.stop(client) }
    names = sources.map(\.name)
    self.firstBlock = firstBlock
    self.seats = seats
    self.views = views
    self.keys = keys
    self.settings = settings
    seed = configuration.seed
    self.plan = plan
    self.disks = disks
    self.network = network
    schedule()
  }

  private static func member(
    _ number: Int, _ seats: OrderedMember.Seats, _ key: SigningKey, _ disk: OrderedDisk,
    _ firstBlock: Block, _ views: [LocalView], _ settings: MixtureSettings, seed: UInt64,
    timing: OrderedTiming
  ) throws -> OrderedMember {
    let node = seats.node(number)
    let (blocks, memory) = disk.with { ($0.blocks.blocks, $0.memory) }
    let role: OrderedMember.Role
    switch node.role {
    case .client:
      role = .client(
        try Client(
          node.index, key: key, firstBlock: firstBlock, view: views[node.index],
          settings: settings, seed: seed, memory: memory, timing: timing))
    case .endorser:
      role = .endorser(try Endorser(node.index, key: key, blocks: blocks, timing: timing))
    case .orderer:
      role = .orderer(
        try Orderer(node.index, key: key, blocks: blocks, memory: memory, timing: timing))
    }
    return OrderedMember(role, seats, disk)
  }

  /// A member with what its disk has.
  private func restarted(_ number: Int) -> (inout Network) -> Void {
    let (seats, key, disk, firstBlock, views, settings, seed, timing) = (
      seats, keys[number], disks[number], firstBlock, views, settings, seed, plan.timing
    )
    return { network in
      do {
        let member = try Self.member(
          number, seats, key, disk, firstBlock, views, settings, seed: seed, timing: timing)
        network.start(number, member)
      } catch {
        disk.with { $0.notes.append("it did not start again: \(error)") }
      }
    }
  }

  /// A member stops, and comes back with what its disk has.
  public mutating func stop(_ node: OrderedNode, at time: Double, until end: Double? = nil) {
    let number = seats.number(node)
    network.at(time) { $0.stop(number) }
    if let end { network.at(end, restarted(number)) }
  }

  /// A member is cut off for a while.
  public mutating func cut(_ node: OrderedNode, at time: Double, until end: Double) {
    let number = seats.number(node)
    network.at(time) { $0.cut(number) }
    network.at(end) { $0.heal(number) }
  }

  /// Draws who fails when.
  private mutating func schedule() {
    for (client, time) in plan.leaving { stop(OrderedNode(.client, client), at: time) }
    for (client, time) in plan.arriving { network.at(time, restarted(client)) }
    let spared = Set(plan.leaving.map(\.client) + plan.arriving.map(\.client))
    var random = SimulationRandom(seed: seed &+ 0xB10C)
    func moment(_ range: ClosedRange<Double>) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * random.fraction()
    }
    for number in 0..<seats.count {
      let isStopping = random.happens(plan.stopping)
      let isCut = random.happens(plan.cut)
      let start = moment(plan.window)
      let end = start + moment(plan.absence)
      if spared.contains(number) { continue }
      if isStopping {
        stop(seats.node(number), at: start, until: end)
      } else if isCut {
        cut(seats.node(number), at: start, until: end)
      }
    }
  }

  // MARK: Running

  public var virtualSeconds: Double { network.now }
  public var messageCount: Int { network.messageCount }

  /// Runs until all that are running know the end, the time is over, or `proceed`, which is told the
  /// number of blocks now and then, says no.
  ///
  /// - Returns: whether all know the end.
  public mutating func run(
    until limit: Double = 10_000, proceed: (Int) -> Bool = { _ in true }
  ) -> Bool {
    var steps = 0
    let disks = disks
    network.run(until: limit) { network in
      steps += 1
      guard steps % (16 * disks.count) == 0 else { return false }
      if !proceed(Self.longest(disks).count) { return true }
      return network.members.allSatisfy { $0?.isFinished ?? true }
    }
    return network.members.allSatisfy { $0?.isFinished ?? true }
  }

  private static func longest(_ disks: [OrderedDisk]) -> [Block] {
    var longest: [Block] = []
    for disk in disks {
      let blocks = disk.with { $0.blocks.blocks }
      if blocks.count > longest.count { longest = blocks }
    }
    return longest
  }

  /// The chain of whoever has most of it.
  public var chain: [Block] { Self.longest(disks) }

  /// The chains of all endorsers and orderers.
  public var chains: [[Block]] {
    disks.dropFirst(seats.clients).map { disk in disk.with { $0.blocks.blocks } }
  }

  /// Transactions that orderers refused.
  public var refusals: [TransactionError] { disks.flatMap { disk in disk.with { $0.refusals } } }
  public var notes: [String] { disks.flatMap { disk in disk.with { $0.notes } } }

  /// Why clients can not go on.
  public var failures: [String] {
    network.members.compactMap { member in
      guard case .client(let client)? = member?.role else { return nil }
      return client.failure
    }
  }

  /// What the run gave; `nil` where it has not converged for a client that is running.
  public var result: Result? {
    var result = Result(
      names: [], patterns: [], weights: [], standardisations: [], chain: chain)
    for (index, view) in views.enumerated() {
      guard let member = network.members[index], case .client(let client) = member.role else {
        continue
      }
      guard let own = client.result else { return nil }
      result.names.append(names[index])
      result.patterns = own.patterns
      result.weights.append(own.weights)
      result.standardisations.append(view.standardisation)
    }
    return result.names.isEmpty ? nil : result
  }
}
