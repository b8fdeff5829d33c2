import Randomness

/// A learner meets a neighbour: Yu et al. 2023, Sec. III-A. Where two learn from one another, there
/// are two encounters.
public struct Encounter: Sendable, Hashable {
  /// Counts all encounters of a run, from 0.
  public let number: Int
  public let learner: Int
  public let neighbour: Int

  public init(number: Int, learner: Int, neighbour: Int) {
    precondition(learner != neighbour, "participant \(learner) meets itself")
    self.number = number
    self.learner = learner
    self.neighbour = neighbour
  }
}

/// Encounters that may happen side by side: nobody is the learner in two of them, and nobody is in
/// two that are not the two directions of one contact.
public struct EncounterStage: Sendable, Hashable {
  /// Counted from 0; curves are drawn over rounds.
  public let round: Int
  /// Of the last of its contacts: of a trace that of the file, of drawn encounters the round.
  public let time: Double
  public let encounters: [Encounter]
}

/// Who meets whom, and when.
public struct EncounterSchedule: Sendable, Equatable {
  public let participants: Int
  public let stages: [EncounterStage]

  /// The number of rounds.
  public var rounds: Int { (stages.last?.round ?? -1) + 1 }

  /// Encounters spread evenly, as in Yu et al. 2023, Sec. IV-A: in each round everybody meets as
  /// many others as asked for, each of them drawn from all with equal chances. With an odd number
  /// of participants one stays alone in each stage, another one as far as that is possible.
  ///
  /// - Parameters:
  ///   - meetings: of each participant in a round; each makes a stage of its own.
  ///   - isSymmetric: whether both of a pair learn. Otherwise one of them does, in turns for each
  ///     stage's first and second of the pair, which are drawn as well.
  /// - Throws: ``EncounterError``.
  public init(
    drawnFor participants: Int, rounds: Int, meetings: Int = 1, isSymmetric: Bool = true,
    seed: UInt64
  ) throws(EncounterError) {
    guard participants >= 2 else { throw .tooFewParticipants(participants) }
    precondition(rounds >= 0 && meetings > 0, "\(rounds) rounds of \(meetings) meetings")
    var stages: [EncounterStage] = []
    var number = 0
    // Who stayed alone least often stays alone next.
    var alone = [Int](repeating: 0, count: participants)
    for round in 0..<rounds {
      for meeting in 0..<meetings {
        var order = RandomStream(
          seed: seed, round: UInt32(round * meetings + meeting), purpose: .encounter
        ).permutation(participants).map { Int($0) }
        if participants % 2 == 1,
          let place = order.indices.min(by: { alone[order[$0]] < alone[order[$1]] })
        {
          alone[order.remove(at: place)] += 1
        }
        var encounters: [Encounter] = []
        for pair in stride(from: 0, to: order.count, by: 2) {
          Self.append(
            (order[pair], order[pair + 1]), isSymmetric: isSymmetric, to: &encounters, &number)
        }
        stages.append(EncounterStage(round: round, time: Double(round), encounters: encounters))
      }
    }
    self.participants = participants
    self.stages = stages
  }

  /// Encounters in which some learn from others, who do not learn from them: in each round every learner
  /// meets a neighbour of its own.
  ///
  /// - Parameters:
  ///   - learners: their numbers.
  ///   - neighbours: at least as many, none of them a learner.
  /// - Precondition: numbers below `participants`.
  public init(
    of learners: [Int], with neighbours: [Int], participants: Int, rounds: Int, seed: UInt64
  ) {
    precondition(
      Set(learners).isDisjoint(with: neighbours) && learners.count <= neighbours.count
        && (learners + neighbours).allSatisfy { $0 >= 0 && $0 < participants },
      "\(learners.count) learners and \(neighbours.count) neighbours of \(participants)")
    self.participants = participants
    stages = (0..<rounds).map { round in
      let order = RandomStream(seed: seed, round: UInt32(round), purpose: .encounter)
        .permutation(neighbours.count)
      return EncounterStage(
        round: round, time: Double(round),
        encounters: learners.indices.map {
          Encounter(
            number: round * learners.count + $0, learner: learners[$0],
            neighbour: neighbours[Int(order[$0])])
        })
    }
  }

  /// Encounters as a trace has them. Contacts in a row form a stage as long as nobody is in two of
  /// them, which changes nothing of what anybody learns.
  ///
  /// - Parameter contactsPerRound: by default half the participants, so that a round is as long as
  ///   that of drawn encounters.
  public init(
    _ trace: ContactTrace, contactsPerRound: Int? = nil, isSymmetric: Bool = true
  ) {
    let perRound = contactsPerRound ?? max(1, trace.participants / 2)
    precondition(perRound > 0, "rounds of \(perRound) contacts")
    var stages: [EncounterStage] = []
    var number = 0
    var encounters: [Encounter] = []
    var busy: Set<Int> = []
    var last = (round: 0, time: 0.0)
    func close() {
      if !encounters.isEmpty {
        stages.append(EncounterStage(round: last.round, time: last.time, encounters: encounters))
      }
      encounters = []
      busy = []
    }
    for (place, contact) in trace.contacts.enumerated() {
      let round = place / perRound
      if round != last.round || busy.contains(contact.first) || busy.contains(contact.second) {
        close()
      }
      busy.formUnion([contact.first, contact.second])
      last = (round, contact.time)
      Self.append(
        (contact.first, contact.second), isSymmetric: isSymmetric, to: &encounters, &number)
    }
    close()
    participants = trace.participants
    self.stages = stages
  }

  private static func append(
    _ pair: (Int, Int), isSymmetric: Bool, to encounters: inout [Encounter], _ number: inout Int
  ) {
    encounters.append(Encounter(number: number, learner: pair.0, neighbour: pair.1))
    number += 1
    guard isSymmetric else { return }
    encounters.append(Encounter(number: number, learner: pair.1, neighbour: pair.0))
    number += 1
  }
}

/// Why there are no encounters.
public enum EncounterError: Error, Hashable, CustomStringConvertible {
  case tooFewParticipants(Int)

  public var description: String {
    switch self {
    case .tooFewParticipants(let count):
      "\(count) participants meet nobody; ask for two or more"
    }
  }
}
