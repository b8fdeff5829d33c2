import CollaborativeLearning
import Consensus
import Cryptography

/// How a node's run ended.
public enum NodeOutcome: Sendable, Equatable {
  /// The run is over and certified.
  case finished
  /// Somebody asked to stop; the run can go on later.
  case stopped
}

/// One member of a network, over sockets: the caller's thread carries messages and drives the
/// consensus, a second one computes. The two meet in queues only, so that a long local update never
/// keeps others waiting for an answer.
public struct NodeRunner<Participant: CollaborativeParticipant>: ~Copyable {
  /// Makes the participant, on the thread that will use it: reading data may take a while.
  public typealias Make = @Sendable () throws -> NetworkParticipant<Participant>
  /// Told what happens, on that thread.
  public typealias Observe =
    @Sendable (
      NetworkParticipant<Participant>.Event, borrowing NetworkParticipant<Participant>
    ) throws -> Void
  /// Told of the end of the run, on that thread.
  public typealias Complete = @Sendable (borrowing NetworkParticipant<Participant>) throws -> Void

  private let mesh: Mesh
  private var node: ConsensusNode
  private let names: [String]
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var lastTick = 0.0
  private var hasStarted = false
  /// Steps of the protocol are cheap to repeat and dear to miss.
  private static var tickInterval: Double { 0.02 }

  /// - Parameters:
  ///   - names: of all members, by index.
  ///   - alwaysReachable: members that are reached over others; whether they are there is told by
  ///     deadlines only.
  public init(
    mesh: Mesh, configuration: ConsensusNode.Configuration, names: [String],
    alwaysReachable: [Int] = []
  ) {
    self.mesh = mesh
    self.names = names
    start = clock.now
    node = ConsensusNode(configuration, now: 0)
    for member in alwaysReachable { node.connected(member, now: 0) }
  }

  private var now: Double {
    let (seconds, attoseconds) = start.duration(to: clock.now).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  /// Runs until the end of the run, or until `proceed` says no.
  ///
  /// - Parameter proceed: asked now and then, with what the node waits for.
  /// - Throws: what the participant threw, or a ``TransportError``.
  public consuming func run(
    make: @escaping Make, observe: @escaping Observe, complete: @escaping Complete,
    proceed: (NodeStatus) -> Bool
  ) throws -> NodeOutcome {
    let desk = Desk<NetworkParticipant<Participant>.Reply>(waker: mesh.waker)
    let worker = try Thread {
      Self.compute(desk, make: make, observe: observe, complete: complete)
    }
    defer { desk.close() }
    _ = worker
    return try carry(desk, proceed)
  }

  // MARK: The thread that computes

  private static func compute(
    _ desk: Desk<NetworkParticipant<Participant>.Reply>, make: Make, observe: Observe,
    complete: Complete
  ) {
    do {
      var participant = try make()
      desk.report(
        .ready(
          round: participant.round, epoch: participant.epoch,
          state: participant.participant.sharedState.digest,
          contributors: participant.contributorLog, isFinished: participant.isFinished))
      while let effect = desk.nextEffect() {
        for reply in try participant.perform(effect, observe) { desk.report(.reply(reply)) }
        if case .finished = effect {
          try complete(participant)
          desk.report(.completed)
        }
      }
    } catch {
      desk.report(.failed(error))
    }
  }

  // MARK: The thread that carries

  private mutating func carry(
    _ desk: Desk<NetworkParticipant<Participant>.Reply>, _ proceed: (NodeStatus) -> Bool
  ) throws -> NodeOutcome {
    var isComplete = false
    while true {
      var events: [MeshEvent] = []
      try mesh.receive(timeoutMilliseconds: 20) { events.append($0) }
      for event in events { take(event) }
      for report in desk.takeReports() {
        switch report {
        case .ready(let round, let epoch, let state, let contributors, let isFinished):
          node.start(
            round: round, state: state, epoch: epoch, contributors: contributors, now: now)
          if isFinished { node.finish(state, round: round, now: now) }
          hasStarted = true
        case .reply(let reply): node.take(reply, now: now)
        case .completed: isComplete = true
        case .failed(let error): throw error
        }
      }
      if hasStarted && now - lastTick >= Self.tickInterval {
        lastTick = now
        node.tick(now: lastTick)
        if !proceed(status) { return .stopped }
      }
      flush(desk)
      if isComplete && node.mayLeave(now: now) { return .finished }
    }
  }

  private mutating func take(_ event: MeshEvent) {
    switch event {
    case .message(let member, let payload):
      do {
        node.receive(try RoundMessage(decoding: payload), from: member, now: now)
      } catch {
        // Counted with the transport's own refusals: a member of another version, or a broken one.
        malformedMessages += 1
      }
    case .connected(let member): node.connected(member, now: now)
    case .disconnected(let member): node.disconnected(member, now: now)
    case .statusRequest(let token, _): mesh.reply(to: token, payload: status.encoded)
    case .woken: break
    }
  }

  /// Messages that no decoder took.
  private var malformedMessages = 0

  private mutating func flush(_ desk: Desk<NetworkParticipant<Participant>.Reply>) {
    // What goes to many is put into bytes once.
    var last: (message: RoundMessage, bytes: [UInt8])?
    for effect in node.takeEffects() {
      guard case .send(let message, let member) = effect else {
        desk.add(effect)
        continue
      }
      if last?.message != message { last = (message, message.encoded) }
      if let last { mesh.send(last.bytes, to: member) }
    }
  }

  private var status: NodeStatus {
    NodeStatus(node, names: names, statistics: mesh.statistics, malformed: malformedMessages, now)
  }
}
