import LinearAlgebra

/// The weights W of one round of averaging, x(t + 1) = W x(t): symmetric, rows adding up to one,
/// zero where there is no channel (CollabDict 2024, Eq. 4).
public struct AveragingMatrix: Sendable {
  /// How weights follow from the graph.
  public enum Weights: Sendable, Hashable {
    /// W = I − L/S: the paper's step (CollabDict 2024, Eqs. 3 and 4). Its rounds grow with S even
    /// on an expander; it is the reference.
    case paperStep
    /// W_{i,j} = 1 / (1 + max(dᵢ, dⱼ)) for a channel: a node needs to know only its own degree
    /// and those of its neighbours (Xiao, Boyd and Lall, "A scheme for robust distributed sensor
    /// fusion based on average consensus", 2005).
    case metropolis
  }

  public let graph: CommunicationGraph
  /// W_{i,i}, `[S]`.
  public let selfWeights: [Double]
  /// W_{i,j} of a node's neighbours, in the order of `graph.adjacency`, `[S][degree]`.
  public let neighbourWeights: [[Double]]

  public init(graph: CommunicationGraph, weights: Weights) {
    self.graph = graph
    let count = graph.participants
    neighbourWeights = (0..<count).map { node in
      let degree = graph.degree(of: node)
      return graph.neighbours(of: node).map { neighbour in
        switch weights {
        case .paperStep: 1 / Double(count)
        case .metropolis: 1 / Double(1 + max(degree, graph.degree(of: neighbour)))
        }
      }
    }
    selfWeights = neighbourWeights.map { 1 - $0.reduce(0, +) }
  }

  /// W x.
  ///
  /// - Parameter x: `[S]`.
  public func applied(to x: [Double]) -> [Double] {
    precondition(
      x.count == graph.participants, "\(x.count) values for \(graph.participants) nodes")
    var result = [Double](repeating: 0, count: x.count)
    for node in x.indices {
      var sum = selfWeights[node] * x[node]
      let neighbours = graph.adjacency[node]
      let weights = neighbourWeights[node]
      for place in neighbours.indices { sum += weights[place] * x[neighbours[place]] }
      result[node] = sum
    }
    return result
  }

  /// W with its zeros, `[S, S]`.
  public var dense: SymmetricMatrix {
    let count = graph.participants
    var matrix = SymmetricMatrix(
      order: count, elements: [Double](repeating: 0, count: count * count))
    for node in 0..<count {
      matrix[node, node] = selfWeights[node]
      for (place, neighbour) in graph.adjacency[node].enumerated() {
        matrix[node, neighbour] = neighbourWeights[node][place]
      }
    }
    return matrix
  }
}
