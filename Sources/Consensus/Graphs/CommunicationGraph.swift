import LinearAlgebra
import Randomness

/// Who talks to whom: an undirected graph of S participants (CollabDict 2024, Sec. 4.1, A).
///
/// Nodes are numbered from 0. There are no self loops and no repeated channels, so the adjacency
/// matrix is symmetric, zero on the diagonal, and holds only 0 and 1.
public struct CommunicationGraph: Sendable, Hashable {
  /// The neighbours of each node in ascending order, `[S][degree]`.
  public let adjacency: [[Int]]

  /// A graph from outside.
  ///
  /// - Throws: ``GraphError`` for a node out of range, a self loop, a repeated neighbour, or a
  ///   channel that only one end lists. Connectivity is not asked for: see ``isConnected``.
  public init(adjacency: [[Int]]) throws(GraphError) {
    let count = adjacency.count
    let sorted = adjacency.map { $0.sorted() }
    for node in 0..<count {
      for (place, neighbour) in sorted[node].enumerated() {
        guard (0..<count).contains(neighbour) else {
          throw .outOfRange(node: node, neighbour: neighbour, participants: count)
        }
        if neighbour == node { throw .selfLoop(node: node) }
        if place > 0 && sorted[node][place - 1] == neighbour {
          throw .repeated(node: node, neighbour: neighbour)
        }
      }
    }
    for node in 0..<count {
      for neighbour in sorted[node] where !Self.contains(sorted[neighbour], node) {
        throw .asymmetric(node: node, neighbour: neighbour)
      }
    }
    self.adjacency = sorted
  }

  /// A graph that is right by construction: `channels` may name a pair twice or in either order,
  /// and pairs of equal ends are left out.
  init(participants: Int, channels: [(Int, Int)]) {
    var lists = [[Int]](repeating: [], count: participants)
    for (a, b) in channels where a != b {
      lists[a].append(b)
      lists[b].append(a)
    }
    adjacency = lists.map { list in
      var unique: [Int] = []
      unique.reserveCapacity(list.count)
      for neighbour in list.sorted() where unique.last != neighbour { unique.append(neighbour) }
      return unique
    }
  }

  /// S, the number of participants.
  public var participants: Int { adjacency.count }

  /// The number of channels.
  public var channels: Int { adjacency.reduce(0) { $0 + $1.count } / 2 }

  /// Who can talk to a node, in ascending order.
  public func neighbours(of node: Int) -> [Int] { adjacency[node] }

  /// The number of a node's neighbours, D_{i,i}.
  public func degree(of node: Int) -> Int { adjacency[node].count }

  /// Whether two nodes have a channel.
  public func hasChannel(_ a: Int, _ b: Int) -> Bool { Self.contains(adjacency[a], b) }

  /// L = D − A, `[S, S]` (CollabDict 2024, Eq. 4). Quadratic in S.
  public var laplacian: SymmetricMatrix {
    let count = participants
    var matrix = SymmetricMatrix(
      order: count, elements: [Double](repeating: 0, count: count * count))
    for node in 0..<count {
      matrix[node, node] = Double(degree(of: node))
      for neighbour in adjacency[node] { matrix[node, neighbour] = -1 }
    }
    return matrix
  }

  /// The same graph with its nodes renamed: participant i stands where `places[i]` stood.
  ///
  /// - Precondition: `places` is a permutation of 0 ..< S.
  public func relabelled(places: [Int]) -> CommunicationGraph {
    precondition(places.count == participants, "\(places.count) places for \(participants) nodes")
    var occupant = [Int](repeating: -1, count: participants)
    for (node, place) in places.enumerated() { occupant[place] = node }
    precondition(!occupant.contains(-1), "places must be a permutation")
    var lists = [[Int]](repeating: [], count: participants)
    for node in 0..<participants {
      lists[node] = adjacency[places[node]].map { occupant[$0] }.sorted()
    }
    return CommunicationGraph(valid: lists)
  }

  /// The same graph with node labels drawn anew for one consensus session, so that each
  /// participant has other peers every time (CollabDict 2024, Sec. 4.2).
  ///
  /// Everybody who knows the seed computes the same graph (Philox; Fisher and Yates). It is
  /// common knowledge and hides nothing from a participant: see ``RandomChunking``.
  public func relabelled(seed: UInt64, session: UInt32) -> CommunicationGraph {
    let stream = RandomStream(seed: seed, round: session, purpose: .nodeLabels)
    return relabelled(places: stream.permutation(participants).map { Int($0) })
  }

  private init(valid lists: [[Int]]) { adjacency = lists }

  /// Binary search, as lists are sorted.
  private static func contains(_ list: [Int], _ node: Int) -> Bool {
    var low = 0
    var high = list.count
    while low < high {
      let middle = (low + high) / 2
      if list[middle] < node { low = middle + 1 } else { high = middle }
    }
    return low < list.count && list[low] == node
  }
}
