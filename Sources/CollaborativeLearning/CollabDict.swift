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
    private let state:
      Mutex<(participant: Participant, contribution: [UInt32], error: (any Error)?)>

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

    func optimise(_ sum: [UInt32], contributors: Int) {
      state.withLock { state in
        do {
          try state.participant.optimise(sum, contributors: contributors)
        } catch {
          state.error = error
        }
      }
    }

    func skip() {
      state.withLock { state in
        do {
          try state.participant.skip()
        } catch {
          state.error = error
        }
      }
    }

    var contribution: [UInt32] { state.withLock { $0.contribution } }

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
  /// Participants that have taken the last sum.
  private let upToDate: Mutex<Set<Int>>

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
    upToDate = Mutex(Set(seats.indices))
  }

  /// The number of participants.
  public var count: Int { seats.count }

  /// Whether the run is over.
  public var isFinished: Bool {
    upToDate.withLock { $0.min() }.map { seats[$0].withParticipant { $0.isFinished } } ?? true
  }

  /// Runs one round.
  ///
  /// - Parameter contributors: whose contributions are summed; `nil` for all. Whoever missed a round
  ///   catches up with the others before it contributes again, as over a network. Nobody's: the round
  ///   is skipped.
  public func runRound(contributors: [Int]? = nil) throws {
    let present = contributors ?? Array(seats.indices)
    if present.isEmpty {
      let known = upToDate.withLock { $0.sorted() }
      inParallel(known) { $0.skip() }
      for index in known { try seats[index].check() }
      return
    }
    guard let guide = upToDate.withLock({ $0.first { present.contains($0) } ?? $0.first }) else {
      return
    }
    let returning = present.filter { index in upToDate.withLock { !$0.contains(index) } }
    if !returning.isEmpty {
      let shared = seats[guide].withParticipant { $0.sharedState }
      for index in returning {
        try seats[index].withParticipant { try $0.adopt(shared) }
      }
    }
    inParallel(present) { $0.localUpdate() }
    for index in present { try seats[index].check() }
    let sum = try aggregation.sum(present.map { seats[$0].contribution })
    inParallel(present) { $0.optimise(sum, contributors: present.count) }
    for index in present { try seats[index].check() }
    upToDate.withLock { $0 = Set(present) }
  }

  /// Brings everybody up to date who missed the last rounds.
  public func catchUp() throws {
    let known = upToDate.withLock { $0 }
    guard let guide = known.min(), known.count < seats.count else { return }
    let shared = seats[guide].withParticipant { $0.sharedState }
    for index in seats.indices where !known.contains(index) {
      try seats[index].withParticipant { try $0.adopt(shared) }
    }
    upToDate.withLock { $0 = Set(seats.indices) }
  }

  /// Runs rounds until the participants are done or `proceed` says no.
  ///
  /// - Parameters:
  ///   - contributorLog: whose contributions were summed in each round of another run, which is to be
  ///     repeated.
  ///   - proceed: called after each round; `false` pauses the run.
  /// - Returns: whether the run is over.
  @discardableResult
  public func run(
    contributorLog: [[Int]]? = nil, proceed: () throws -> Bool = { true }
  ) throws -> Bool {
    var round = 0
    while !isFinished {
      try runRound(contributors: contributorLog.map { $0[round] })
      round += 1
      if !(try proceed()) { return isFinished }
      if let contributorLog, round == contributorLog.count { break }
    }
    try catchUp()
    return isFinished
  }

  /// Lends a participant.
  public func withParticipant<R: Sendable>(
    _ index: Int, _ body: @Sendable (inout Participant) throws -> R
  ) rethrows -> R {
    try seats[index].withParticipant(body)
  }

  /// Does something with some participants, as many at once as there are threads.
  private func inParallel(_ indices: [Int], _ body: @Sendable (Seat) -> Void) {
    if threads == 1 {
      for index in indices { body(seats[index]) }
      return
    }
    // Whoever is free takes the next seat: participants may have different amounts of data.
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while true {
        let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if turn >= indices.count { return }
        body(seats[indices[turn]])
      }
    }
  }
}
