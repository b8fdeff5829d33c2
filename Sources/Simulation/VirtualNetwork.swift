import Consensus
import Randomness

/// What a virtual network carries: it corrupts the bytes.
public protocol SimulatedMessage {
  var encoded: [UInt8] { get }
  init(decoding bytes: [UInt8]) throws
}

extension RoundMessage: SimulatedMessage {}

/// What a virtual network drives: a member's state machine with everything around it.
public protocol SimulatedMember {
  associatedtype Message: SimulatedMessage

  mutating func receive(_ message: Message, from member: Int, now: Double)
  mutating func connected(_ member: Int, now: Double)
  mutating func disconnected(_ member: Int, now: Double)
  mutating func tick(now: Double)
  /// Messages to be carried, since the last call.
  mutating func takeMessages() -> [(message: Message, to: Int)]

  /// Work that takes its time, if there is some and it is not under way: what it returns may run on
  /// another thread, beside that of other members. ``finishWork(now:)`` is called when it is done.
  mutating func startWork() -> (@Sendable () -> Void)?
  /// Whether there is work that has not been finished.
  var hasWork: Bool { get }
  mutating func finishWork(now: Double)
}

extension SimulatedMember {
  public mutating func startWork() -> (@Sendable () -> Void)? { nil }
  public var hasWork: Bool { false }
  public mutating func finishWork(now: Double) {}
}

/// What the virtual network does to messages.
public struct NetworkFaults: Sendable {
  /// Seconds that a message is on its way: between these, so that messages overtake one another.
  public var latency = 0.001...0.002
  /// The share of messages that are lost.
  public var loss = 0.0
  /// The share of messages that arrive twice.
  public var duplication = 0.0
  /// The share of messages of which one bit turns over. Those are noticed and dropped as a
  /// transport with authenticated frames does; what is tested is the decoder and the repetition.
  public var corruption = 0.0
  /// Seconds until a lost connection is noticed.
  public var detection = 0.5

  public init() {}
}

/// Any number of members on a virtual clock, with a network between them that delays, loses,
/// duplicates, reorders and corrupts messages, and members that stop, start again, or are cut off.
///
/// From the same seed the same run.
public struct VirtualNetwork<Member: SimulatedMember> {
  private enum Event {
    case message(Member.Message, from: Int, to: Int)
    case tick(Int)
    case workDone(Int)
    case notice(of: Int, by: Int, isConnected: Bool)
    case script(Int)
  }

  /// `nil` for members that are not running.
  public private(set) var members: [Member?]
  public var faults: NetworkFaults
  public private(set) var now = 0.0
  /// Messages that were handed to the network.
  public private(set) var messageCount = 0
  private var queue = EventQueue<Event>()
  private var isCut: [Bool]
  /// Messages travel within a group only.
  private var groups: [Int]
  private var scripts: [(inout VirtualNetwork) -> Void] = []
  private var random: SimulationRandom
  private let tickInterval: Double
  private var hasTicks: [Bool]
  private var isWorking: [Bool]
  /// Virtual seconds that work takes.
  private let workDuration: Double
  private let inParallel: ([@Sendable () -> Void]) -> Void

  /// - Parameters:
  ///   - members: running from the start.
  ///   - tickInterval: seconds between two ticks of a member.
  ///   - workDuration: virtual seconds that a member's work takes, whatever it takes in truth.
  ///   - inParallel: runs the work of several members; its order makes no difference.
  public init(
    _ members: [Member], faults: NetworkFaults = NetworkFaults(), seed: UInt64,
    tickInterval: Double = 0.05, workDuration: Double = 0.01,
    inParallel: @escaping ([@Sendable () -> Void]) -> Void = { for work in $0 { work() } }
  ) {
    self.members = members.map { $0 }
    self.faults = faults
    self.tickInterval = tickInterval
    self.workDuration = workDuration
    self.inParallel = inParallel
    isWorking = members.map { _ in false }
    isCut = members.map { _ in false }
    groups = members.map { _ in 0 }
    hasTicks = members.map { _ in false }
    random = SimulationRandom(seed: seed)
    for index in members.indices { announce(index, isConnected: true, after: 0) }
    for index in members.indices { scheduleTicks(index) }
    for index in members.indices { carry(from: index) }
  }

  /// Lends a member that is running.
  public mutating func withMember<R>(_ index: Int, _ body: (inout Member, Double) -> R) -> R? {
    guard members[index] != nil else { return nil }
    let time = now
    let result = members[index].map { _ in body(&members[index]!, time) }
    carry(from: index)
    return result
  }

  /// Does something at a later time.
  public mutating func at(_ time: Double, _ body: @escaping (inout VirtualNetwork) -> Void) {
    scripts.append(body)
    queue.add(.script(scripts.count - 1), at: time)
  }

  // MARK: Faults

  /// A member stops at once; what it knew is gone.
  public mutating func stop(_ index: Int) {
    members[index] = nil
    announce(index, isConnected: false, after: faults.detection)
  }

  /// A member starts, again or for the first time.
  public mutating func start(_ index: Int, _ member: Member) {
    members[index] = member
    isCut[index] = false
    announce(index, isConnected: true, after: 0)
    scheduleTicks(index)
    carry(from: index)
  }

  /// Nothing gets to a member or from it any more.
  public mutating func cut(_ index: Int) {
    isCut[index] = true
    announce(index, isConnected: false, after: faults.detection)
  }

  /// A member that was cut off is reached again.
  public mutating func heal(_ index: Int) {
    isCut[index] = false
    announce(index, isConnected: true, after: 0)
  }

  /// Parts the members into groups, between which nothing gets through; one group heals all.
  ///
  /// - Parameter groups: the group of each member.
  public mutating func part(into groups: [Int]) {
    precondition(
      groups.count == members.count, "\(groups.count) groups of \(members.count) members")
    let before = self.groups
    self.groups = groups
    for a in members.indices {
      for b in members.indices where a != b {
        let isConnected = groups[a] == groups[b]
        if isConnected == (before[a] == before[b]) { continue }
        queue.add(
          .notice(of: a, by: b, isConnected: isConnected),
          at: now + (isConnected ? 0 : faults.detection))
      }
    }
  }

  // MARK: Running

  /// Runs until the time has come, nothing is left to happen, or the condition holds.
  ///
  /// - Returns: whether the condition held.
  @discardableResult
  public mutating func run(until limit: Double, _ condition: (Self) -> Bool) -> Bool {
    while let time = queue.nextTime, time <= limit {
      guard let (_, event) = queue.next() else { break }
      now = time
      handle(event)
      if condition(self) { return true }
    }
    now = max(now, min(limit, queue.nextTime ?? limit))
    return condition(self)
  }

  private mutating func handle(_ event: Event) {
    switch event {
    case .message(let message, let from, let to):
      guard members[to] != nil, !isCut[to], !isCut[from], groups[to] == groups[from] else { return }
      members[to]?.receive(message, from: from, now: now)
      carry(from: to)
    case .tick(let index):
      guard members[index] != nil else {
        hasTicks[index] = false
        return
      }
      members[index]?.tick(now: now)
      carry(from: index)
      queue.add(.tick(index), at: now + tickInterval)
    case .workDone(let index): completeWork(index)
    case .notice(let of, let by, let isConnected):
      // The news may be out of date.
      guard members[by] != nil, isConnected == areConnected(of, by) else { return }
      if isConnected {
        members[by]?.connected(of, now: now)
      } else {
        members[by]?.disconnected(of, now: now)
      }
      carry(from: by)
    case .script(let number): scripts[number](&self)
    }
  }

  /// All work that has been given out by now is done at once, side by side.
  private mutating func completeWork(_ index: Int) {
    isWorking[index] = false
    guard members[index] != nil else { return }
    var work: [@Sendable () -> Void] = []
    for other in members.indices {
      if let part = members[other]?.startWork() { work.append(part) }
    }
    if !work.isEmpty { inParallel(work) }
    members[index]?.finishWork(now: now)
    carry(from: index)
  }

  private func areConnected(_ a: Int, _ b: Int) -> Bool {
    members[a] != nil && members[b] != nil && !isCut[a] && !isCut[b] && groups[a] == groups[b]
  }

  private mutating func announce(_ index: Int, isConnected: Bool, after delay: Double) {
    for other in members.indices where other != index {
      queue.add(.notice(of: index, by: other, isConnected: isConnected), at: now + delay)
      queue.add(.notice(of: other, by: index, isConnected: isConnected), at: now + delay)
    }
  }

  private mutating func scheduleTicks(_ index: Int) {
    if hasTicks[index] { return }
    hasTicks[index] = true
    queue.add(.tick(index), at: now + tickInterval * (1 + random.fraction()))
  }

  private mutating func carry(from index: Int) {
    guard let messages = members[index]?.takeMessages() else { return }
    if !isWorking[index] && members[index]?.hasWork == true {
      isWorking[index] = true
      queue.add(.workDone(index), at: now + workDuration)
    }
    for (message, to) in messages {
      messageCount += 1
      if isCut[index] || isCut[to] || groups[index] != groups[to] { continue }
      if random.happens(faults.loss) { continue }
      guard let arriving = faults.corruption > 0 ? damaged(message) : message else { continue }
      for _ in 0..<(random.happens(faults.duplication) ? 2 : 1) {
        let width = faults.latency.upperBound - faults.latency.lowerBound
        queue.add(
          .message(arriving, from: index, to: to),
          at: now + faults.latency.lowerBound + width * random.fraction())
      }
    }
  }

  /// The message as the decoder gives it, or nothing if a bit of it turned over.
  private mutating func damaged(_ message: Member.Message) -> Member.Message? {
    var bytes = message.encoded
    guard random.happens(faults.corruption) else {
      return try? Member.Message(decoding: bytes)
    }
    bytes[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() & 7)
    _ = try? Member.Message(decoding: bytes)
    return nil
  }
}

/// The simulation's own random numbers, reproducible and never secrets.
struct SimulationRandom {
  private let seed: UInt64
  private var block: UInt32 = 0
  private var words = [UInt32](repeating: 0, count: 1024)
  private var position = 1024

  init(seed: UInt64) { self.seed = seed }

  mutating func next() -> UInt64 {
    if position + 2 > words.count {
      let stream = RandomStream(seed: seed, round: block, purpose: .simulation)
      var span = words.mutableSpan
      stream.fillBits(&span)
      block += 1
      position = 0
    }
    defer { position += 2 }
    return UInt64(words[position]) | UInt64(words[position + 1]) << 32
  }

  /// Between 0 and 1.
  mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func happens(_ probability: Double) -> Bool {
    probability > 0 && fraction() < probability
  }
}
