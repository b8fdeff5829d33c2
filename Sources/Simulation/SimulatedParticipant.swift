import CollaborativeLearning
import Consensus
import Synchronization

/// A member of a virtual network with a participant that learns: the same state machines as in a
/// process of its own.
public struct SimulatedParticipant<Participant: CollaborativeParticipant>: SimulatedMember {
  /// The participant, which one thread at a time may use, with what it is asked and answers.
  public final class Seat: Sendable {
    private struct State {
      var participant: NetworkParticipant<Participant>
      var questions: [ConsensusNode.Effect] = []
      var answers: [NetworkParticipant<Participant>.Reply] = []
      var sums: [RoundSum] = []
      var certificates: [Certificate] = []
      var finish: FinishCertificate?
      var notes: [String] = []
      var error: (any Error)?
    }
    private let state: Mutex<State>
    /// Whether contributor sets are kept.
    private let keepsLog: Bool

    public init(keepsLog: Bool, _ make: () throws -> sending NetworkParticipant<Participant>)
      rethrows
    {
      self.keepsLog = keepsLog
      state = Mutex(State(participant: try make()))
    }

    /// Lends the participant.
    public func withParticipant<R: Sendable>(
      _ body: @Sendable (inout NetworkParticipant<Participant>) throws -> R
    ) rethrows -> R {
      try state.withLock { try body(&$0.participant) }
    }

    public var error: (any Error)? { state.withLock { $0.error } }
    public var finish: FinishCertificate? { state.withLock { $0.finish } }
    public var notes: [String] { state.withLock { $0.notes } }
    /// Contributors of each sum that this member took, in their order.
    public var contributors: [(round: UInt32, members: MemberSet)] {
      state.withLock { $0.sums.map { ($0.round, $0.contributors) } }
    }

    func ask(_ effects: [ConsensusNode.Effect]) {
      state.withLock { $0.questions += effects }
    }

    func work() {
      state.withLock { state in
        var questions: [ConsensusNode.Effect] = []
        swap(&questions, &state.questions)
        for question in questions where state.error == nil {
          do {
            var happened: [NetworkParticipant<Participant>.Event] = []
            state.answers += try state.participant.perform(question) { event, _ in
              happened.append(event)
            }
            for event in happened {
              switch event {
              case .sum(var sum):
                guard keepsLog else { continue }
                sum.elements = []
                state.sums.append(sum)
              case .decided(let certificate):
                if keepsLog { state.certificates.append(certificate) }
              case .finished(let certificate): state.finish = certificate
              case .note(let text): if keepsLog { state.notes.append(text) }
              case .adopted: break
              }
            }
          } catch {
            state.error = error
          }
        }
      }
    }

    func takeAnswers() -> [NetworkParticipant<Participant>.Reply] {
      state.withLock { state in
        defer { state.answers = [] }
        return state.answers
      }
    }
  }

  public private(set) var node: ConsensusNode
  public let seat: Seat
  private var outgoing: [(message: RoundMessage, to: Int)] = []
  /// Effects for the participant, given out at the next work.
  private var questions: [ConsensusNode.Effect] = []
  private var isWorking = false

  public init(_ configuration: ConsensusNode.Configuration, _ seat: Seat, now: Double) {
    self.seat = seat
    node = ConsensusNode(configuration, now: now)
    let (round, epoch, state, contributors) = seat.withParticipant {
      ($0.round, $0.epoch, $0.participant.sharedState.digest, $0.contributorLog)
    }
    node.start(
      round: round, state: state, epoch: epoch, contributors: contributors, now: now)
    sort()
  }

  public mutating func receive(_ message: RoundMessage, from member: Int, now: Double) {
    node.receive(message, from: member, now: now)
    sort()
  }

  public mutating func connected(_ member: Int, now: Double) {
    node.connected(member, now: now)
    sort()
  }

  public mutating func disconnected(_ member: Int, now: Double) {
    node.disconnected(member, now: now)
    sort()
  }

  public mutating func tick(now: Double) {
    node.tick(now: now)
    sort()
  }

  public mutating func takeMessages() -> [(message: RoundMessage, to: Int)] {
    var taken: [(message: RoundMessage, to: Int)] = []
    swap(&taken, &outgoing)
    return taken
  }

  public var hasWork: Bool { isWorking || !questions.isEmpty }

  public mutating func startWork() -> (@Sendable () -> Void)? {
    guard !questions.isEmpty else { return nil }
    isWorking = true
    seat.ask(questions)
    questions = []
    return { [seat] in seat.work() }
  }

  public mutating func finishWork(now: Double) {
    isWorking = false
    for answer in seat.takeAnswers() { node.take(answer, now: now) }
    sort()
  }

  private mutating func sort() {
    for effect in node.takeEffects() {
      if case .send(let message, let member) = effect {
        outgoing.append((message, member))
      } else {
        questions.append(effect)
      }
    }
  }
}
