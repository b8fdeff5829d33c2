/// Why a communication graph could not be made or used.
public enum GraphError: Error, Equatable, CustomStringConvertible {
  /// A topology is not defined for so few participants.
  case tooFewParticipants(Int, minimum: Int)
  /// A hypercube was asked for with a number of participants that is not a power of two.
  case notPowerOfTwo(Int)
  /// No regular graph of this degree exists, or none of them is an expander.
  case degree(Int, participants: Int)
  /// Adjacency lists were given for another number of participants.
  case adjacencyCount(Int, participants: Int)
  /// A list names a node that does not exist.
  case outOfRange(node: Int, neighbour: Int, participants: Int)
  /// A node is its own neighbour.
  case selfLoop(node: Int)
  /// A list names the same neighbour twice.
  case repeated(node: Int, neighbour: Int)
  /// A node lists a neighbour that does not list it.
  case asymmetric(node: Int, neighbour: Int)
  /// Some nodes cannot be reached.
  case disconnected(reachable: Int, participants: Int)
  /// No random graph with a sufficient spectral gap was found.
  case noExpander(participants: Int, degree: Int, attempts: Int)
  /// The spectral gap is too small for double precision.
  case gapNotResolved(participants: Int)
  /// A method needs a channel that the graph does not have.
  case missingChannel(node: Int, neighbour: Int)

  public var description: String {
    switch self {
    case .tooFewParticipants(let count, let minimum):
      "\(count) participants are too few: this topology needs at least \(minimum)"
    case .notPowerOfTwo(let count):
      "a hypercube needs a power of two, not \(count) participants; "
        + "take one-peer-exponential or random-regular(4), which have no such condition"
    case .degree(let degree, let participants):
      "no random-regular(\(degree)) expander of \(participants) participants: the degree must be "
        + "at least 3, below the number of participants, and even if that number is odd"
    case .adjacencyCount(let lists, let participants):
      "the adjacency has \(lists) lists for \(participants) participants; give one list for each"
    case .outOfRange(let node, let neighbour, let participants):
      "node \(node) lists \(neighbour), but nodes are numbered from 0 to \(participants - 1)"
    case .selfLoop(let node): "node \(node) lists itself as a neighbour; remove it"
    case .repeated(let node, let neighbour):
      "node \(node) lists \(neighbour) more than once; list it once"
    case .asymmetric(let node, let neighbour):
      "node \(node) lists \(neighbour), which does not list \(node); channels go both ways"
    case .disconnected(let reachable, let participants):
      "only \(reachable) of \(participants) participants can be reached from the first; "
        + "add channels until the graph is connected"
    case .noExpander(let participants, let degree, let attempts):
      "no random-regular(\(degree)) graph of \(participants) participants with a sufficient "
        + "spectral gap in \(attempts) attempts; take another seed or a higher degree"
    case .gapNotResolved(let participants):
      "the spectral gap of this graph of \(participants) participants is too small to compute; "
        + "take a topology with shorter paths"
    case .missingChannel(let node, let neighbour):
      "the method needs a channel from node \(node) to \(neighbour); "
        + "take the topology one-peer-exponential or complete"
    }
  }
}
