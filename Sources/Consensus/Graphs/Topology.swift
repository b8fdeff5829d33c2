/// The shape of a communication graph, as it stands in a configuration.
public enum Topology: Sendable, Hashable, LosslessStringConvertible {
  /// ``CommunicationGraph/complete(participants:)``.
  case complete
  /// ``CommunicationGraph/ring(participants:)``.
  case ring
  /// ``CommunicationGraph/cycleWithInverseChords(participants:seed:)``.
  case cycleWithInverseChords
  /// ``CommunicationGraph/randomRegular(participants:degree:seed:)``.
  case randomRegular(degree: Int)
  /// ``CommunicationGraph/hypercube(participants:)``.
  case hypercube
  /// ``CommunicationGraph/exponential(participants:)``.
  case onePeerExponential
  /// A graph that is given elsewhere. Its text, `given`, does not say which.
  case given(CommunicationGraph)

  /// `complete`, `ring`, `cycle-inverse-chords`, `random-regular(4)`, `hypercube`,
  /// `one-peer-exponential`, `given`.
  public var description: String {
    switch self {
    case .complete: "complete"
    case .ring: "ring"
    case .cycleWithInverseChords: "cycle-inverse-chords"
    case .randomRegular(let degree): "random-regular(\(degree))"
    case .hypercube: "hypercube"
    case .onePeerExponential: "one-peer-exponential"
    case .given: "given"
    }
  }

  /// The topology of a text that ``description`` writes; `nil` for any other text, and for
  /// `given`, which lacks its graph.
  public init?(_ text: String) {
    switch text {
    case "complete": self = .complete
    case "ring": self = .ring
    case "cycle-inverse-chords": self = .cycleWithInverseChords
    case "hypercube": self = .hypercube
    case "one-peer-exponential": self = .onePeerExponential
    default:
      let prefix = "random-regular("
      guard text.hasPrefix(prefix), text.hasSuffix(")"),
        let degree = Int(text.dropFirst(prefix.count).dropLast()),
        text == "\(prefix)\(degree))"
      else { return nil }
      self = .randomRegular(degree: degree)
    }
  }

  /// The graph of S participants.
  ///
  /// - Parameter seed: draws random graphs; the same for everybody.
  /// - Throws: ``GraphError`` when there is no such graph, or the given one is not connected.
  public func graph(participants: Int, seed: UInt64) throws(GraphError) -> CommunicationGraph {
    if participants < 1 { throw .tooFewParticipants(participants, minimum: 1) }
    let graph: CommunicationGraph
    switch self {
    case .complete: graph = .complete(participants: participants)
    case .ring: graph = .ring(participants: participants)
    case .cycleWithInverseChords:
      graph = try .cycleWithInverseChords(participants: participants, seed: seed)
    case .randomRegular(let degree):
      graph = try .randomRegular(participants: participants, degree: degree, seed: seed)
    case .hypercube: graph = try .hypercube(participants: participants)
    case .onePeerExponential: graph = .exponential(participants: participants)
    case .given(let given):
      guard given.participants == participants else {
        throw .adjacencyCount(given.participants, participants: participants)
      }
      graph = given
    }
    let reachable = graph.reachable(from: 0)
    guard reachable == participants else {
      throw .disconnected(reachable: reachable, participants: participants)
    }
    return graph
  }
}
