/// Paths: who reaches whom, how far, and over whom.
extension CommunicationGraph {
  /// Whether everybody can reach everybody.
  public var isConnected: Bool { participants == 0 || reachable(from: 0) == participants }

  /// The number of nodes that a node can reach, itself among them.
  public func reachable(from node: Int) -> Int {
    distances(from: node).reduce(0) { $0 + ($1 == nil ? 0 : 1) }
  }

  /// The number of channels on a shortest path from a node to each, `[S]`; `nil` where there is
  /// no path.
  public func distances(from node: Int) -> [Int?] {
    var distance = [Int?](repeating: nil, count: participants)
    distance[node] = 0
    var queue = [node]
    var head = 0
    while head < queue.count {
      let here = queue[head]
      let next = (distance[here] ?? 0) + 1
      head += 1
      for neighbour in adjacency[here] where distance[neighbour] == nil {
        distance[neighbour] = next
        queue.append(neighbour)
      }
    }
    return distance
  }

  /// The longest of the shortest paths; `nil` for a graph that is not connected.
  public var diameter: Int? {
    var longest = 0
    for node in 0..<participants {
      for distance in distances(from: node) {
        guard let distance else { return nil }
        longest = max(longest, distance)
      }
    }
    return longest
  }

  /// To whom each node hands on a message for `destination` on a shortest path, `[S]`; the
  /// smallest number among equals, so that everybody computes the same; `nil` at the destination
  /// itself and where there is no path.
  public func nextHops(to destination: Int) -> [Int?] {
    let distance = distances(from: destination)
    return (0..<participants).map { node in
      guard let here = distance[node], here > 0 else { return nil }
      return adjacency[node].first { distance[$0] == here - 1 }
    }
  }

  /// The next node on a shortest path; `nil` if there is none.
  public func nextHop(from node: Int, to destination: Int) -> Int? {
    nextHops(to: destination)[node]
  }

  /// What is left connected when some nodes are taken away: sets of nodes in ascending order.
  ///
  /// For a graph of pairwise masks and a coalition, these are the sets of honest participants of
  /// whom the coalition learns a sum, and nothing finer: see ``PairwiseMasks``.
  public func components(without removed: Set<Int> = []) -> [[Int]] {
    var seen = (0..<participants).map { removed.contains($0) }
    var components: [[Int]] = []
    for start in 0..<participants where !seen[start] {
      var component = [start]
      seen[start] = true
      var head = 0
      while head < component.count {
        for neighbour in adjacency[component[head]] where !seen[neighbour] {
          seen[neighbour] = true
          component.append(neighbour)
        }
        head += 1
      }
      components.append(component.sorted())
    }
    return components
  }
}
