import Cryptography
import Ledger

/// Miners of a chain on a virtual clock, with a network between them that fails.
public struct LedgerSimulation<Application: LedgerApplication> {
  /// Who takes part, and what happens to them.
  public struct Plan: Sendable {
    /// Hashes a virtual second of each honest member.
    public var powers: [Double]
    /// Members that do not keep to the rules, and their hashes a second.
    public var hostile: [(behaviour: LedgerBehaviour, power: Double)] = []
    public var network = NetworkFaults()
    /// Milliseconds that a block takes on average.
    public var interval: UInt64 = 2000
    public var firstDifficulty: UInt64
    /// Seconds between two transactions of an honest member, on average.
    public var noteInterval: Double? = 6
    /// Seconds during which members may be parted, cut off or stopped; then all are there.
    public var unrest = 40.0
    /// Times at which members are parted into two groups at random, and for how long.
    public var partitions: [(at: Double, seconds: Double)] = []
    /// Honest members that stop once and start again from what they have stored.
    public var stopping: [(member: Int, at: Double, seconds: Double)] = []
    /// Honest members that come later, with nothing.
    public var arriving: [(member: Int, at: Double)] = []

    /// - Parameter powers: hashes a virtual second of each honest member.
    public init(powers: [Double]) {
      self.powers = powers
      firstDifficulty = max(1, UInt64(powers.reduce(0, +) * 2))
    }
  }

  /// What a run gave.
  public struct Result: Sendable {
    /// Whether all honest members came to the same head.
    public var agreed: Bool
    /// The chain of the first honest member.
    public var chain: [MinedBlock]
    /// Heads of the honest members.
    public var heads: [Digest]
    /// Virtual seconds until they agreed.
    public var duration: Double
    /// Times that an honest member left one branch for another.
    public var reorganisations: Int
    /// What honest members refused.
    public var refusals: [ChainFault]
  }

  typealias Member = LedgerMember<Application>

  public let genesis: MinedBlock
  private let application: Application
  private let plan: Plan
  let disks: [LedgerDisk]
  var network: VirtualNetwork<Member>
  private static var epoch: UInt64 { 1_700_000_000_000 }

  /// - Throws: what a member's start fails with.
  public init(_ application: Application, _ plan: Plan, seed: UInt64) throws {
    self.application = application
    self.plan = plan
    let founder = MinerInformation(key: Self.key(0).verificationKey, type: .original)
    let rules = ChainRules(interval: plan.interval, firstDifficulty: plan.firstDifficulty)
    let genesis = rules.genesis(founder: founder, time: Self.epoch)
    self.genesis = genesis
    let disks = (0..<plan.powers.count + plan.hostile.count).map { _ in LedgerDisk() }
    self.disks = disks
    let start = { (index: Int) throws in
      try Self.member(index, application, plan, genesis, disks[index], seed: seed)
    }
    network = VirtualNetwork(
      try disks.indices.map(start), faults: plan.network, seed: seed, tickInterval: 0.1)
    var random = SimulationRandom(seed: seed ^ 0x5eed)
    for (time, seconds) in plan.partitions {
      let groups = disks.map { _ in Int(random.next() & 1) }
      network.at(time) { $0.part(into: groups) }
      network.at(time + seconds) { $0.part(into: groups.map { _ in 0 }) }
    }
    for (member, time, seconds) in plan.stopping {
      let again = { [disks] in
        try? Self.member(
          member, application, plan, genesis, disks[member], seed: seed &+ UInt64(time * 1000))
      }
      network.at(time) { $0.stop(member) }
      network.at(time + seconds) { if let again = again() { $0.start(member, again) } }
    }
    for (member, time) in plan.arriving {
      network.at(0) { $0.stop(member) }
      let fresh = { [disks] in
        try? Self.member(member, application, plan, genesis, disks[member], seed: seed)
      }
      network.at(time) { if let fresh = fresh() { $0.start(member, fresh) } }
    }
  }

  private static func key(_ index: Int) -> SigningKey {
    SigningKey(seed: [UInt8(index & 255), UInt8(index >> 8)] + [UInt8](repeating: 5, count: 30))
  }

  /// A member, from what its disk has.
  private static func member(
    _ index: Int, _ application: Application, _ plan: Plan, _ genesis: MinedBlock,
    _ disk: LedgerDisk, seed: UInt64
  ) throws -> Member {
    let key = key(index)
    let isHonest = index < plan.powers.count
    var configuration = LedgerNodeConfiguration(
      miner: MinerInformation(key: key.verificationKey, type: isHonest ? .original : .miner))
    configuration.templateInterval = 0.5
    let node = try LedgerNode(
      application, genesis: genesis, blocks: disk, contents: MemoryContentStore(),
      configuration: configuration, epoch: epoch)
    let other = index - plan.powers.count
    return Member(
      node, key: key, power: isHonest ? plan.powers[index] : plan.hostile[other].power,
      noteInterval: isHonest ? plan.noteInterval : nil, seed: seed &* 1_000_003 &+ UInt64(index),
      behaviour: isHonest ? .honest : plan.hostile[other].behaviour)
  }

  /// Runs through the unrest, and on until all honest members are at the same head.
  ///
  /// - Parameter patience: seconds after the unrest.
  public mutating func run(patience: Double = 300) -> Result {
    network.run(until: plan.unrest) { _ in false }
    let honest = plan.powers.indices
    let agreed = network.run(until: plan.unrest + patience) { network in
      guard let first = network.members[0]?.node.tree.headHash else { return false }
      return honest.allSatisfy { network.members[$0]?.node.tree.headHash == first }
    }
    let members = honest.compactMap { network.members[$0] }
    return Result(
      agreed: agreed, chain: disks[0].blocks, heads: members.map { $0.node.tree.headHash },
      duration: network.now, reorganisations: members.reduce(0) { $0 + $1.reorganisations },
      refusals: members.flatMap { $0.refusals })
  }
}
