import Consensus
import Dispatch
import Synchronization

/// Why a participant had to give up, and which one.
public struct ParticipantError: Error, CustomStringConvertible {
  public let name: String
  public let cause: any Error

  public init(name: String, cause: any Error) {
    self.name = name
    self.cause = cause
  }

  public var description: String { "\(name): \(cause)" }
}

/// The CollabDict loop: local update, consensus, optimise, until the participants say that they
/// are done (CollabDict 2024, Algorithm 1).
///
/// Participants run in parallel, each on one thread at a time; what they compute does not depend on
/// how many threads there are.
public final class CollabDict<Participant: CollaborativeParticipant>: Sendable {
  /// A participant that one thread at a time may use.
  private final class Seat: Sendable {
    let name: String
    private let state: Mutex<(participant: Participant, contribution: [Int64], error: (any Error)?)>

    init(name: String, _ make: () throws -> sending Participant) rethrows {
      self.name = name
      state = Mutex((try make(), [], nil))
    }

    func localUpdate() {
      state.withLock { state in
        do {
          state.contribution = try state.participant.localUpdate()
        } catch {
          state.error = error
        }
      }
    }

    func optimise(_ sum: [Int64]) {
      state.withLock { state in
        do {
          try state.participant.optimise(sum)
        } catch {
          state.error = error
        }
      }
    }

    var contribution: [Int64] { state.withLock { $0.contribution } }

    func check() throws {
      if let cause = state.withLock({ $0.error }) {
        throw ParticipantError(name: name, cause: cause)
      }
    }

    func withParticipant<R: Sendable>(
      _ body: @Sendable (inout Participant) throws -> R
    ) rethrows -> R {
      try state.withLock { try body(&$0.participant) }
    }
  }

  private let seats: [Seat]
  private let aggregation: any Aggregation
  private let threads: Int

  /// - Parameters:
  ///   - names: the participants' names, for errors.
  ///   - aggregation: how contributions become their sum.
  ///   - threads: participants that run at the same time.
  ///   - make: makes the participant of that number.
  public init(
    names: [String], aggregation: any Aggregation = ExactSum(), threads: Int,
    make: (Int) throws -> sending Participant
  ) throws {
    precondition(!names.isEmpty && threads >= 1, "\(names.count) participants, \(threads) threads")
    self.aggregation = aggregation
    self.threads = min(threads, names.count)
    var seats: [Seat] = []
    for (index, name) in names.enumerated() {
      do {
        seats.append(try Seat(name: name) { try make(index) })
      } catch {
        throw ParticipantError(name: name, cause: error)
      }
    }
    self.seats = seats
  }

  /// The number of participants.
  public var count: Int { seats.count }

  /// Whether the run is over.
  public var isFinished: Bool { seats[0].withParticipant { $0.isFinished } }

  /// Runs one round.
  public func runRound() throws {
    inParallel { $0.localUpdate() }
    for seat in seats { try seat.check() }
    let sum = try aggregation.sum(seats.map(\.contribution))
    inParallel { $0.optimise(sum) }
    for seat in seats { try seat.check() }
  }

  /// Runs rounds until the participants are done or `proceed` says no.
  ///
  /// - Parameter proceed: called after each round; `false` pauses the run.
  /// - Returns: whether the run is over.
  @discardableResult
  public func run(proceed: () throws -> Bool = { true }) throws -> Bool {
    while !isFinished {
      try runRound()
      if !(try proceed()) { return isFinished }
    }
    return true
  }

  /// Lends a participant.
  public func withParticipant<R: Sendable>(
    _ index: Int, _ body: @Sendable (inout Participant) throws -> R
  ) rethrows -> R {
    try seats[index].withParticipant(body)
  }

  /// Does something with every participant, as many at once as there are threads.
  private func inParallel(_ body: @Sendable (Seat) -> Void) {
    if threads == 1 {
      for seat in seats { body(seat) }
      return
    }
    // Whoever is free takes the next seat: participants may have different amounts of data.
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if index >= seats.count { return }
        body(seats[index])
      }
    }
  }
}
