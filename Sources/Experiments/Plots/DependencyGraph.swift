import GraphicalModels

/// Which variables depend on one another when all others are known, and how much.
public struct DependencyGraph: Sendable, Hashable {
  /// Two variables with Λᵢⱼ ≠ 0.
  public struct Edge: Sendable, Hashable {
    /// i < j, counted from 0.
    public var i: Int
    public var j: Int
    /// In [-1, 1].
    public var partialCorrelation: Double

    public init(_ i: Int, _ j: Int, partialCorrelation: Double) {
      self.i = i
      self.j = j
      self.partialCorrelation = partialCorrelation
    }
  }

  /// The variables' names.
  public var names: [String]
  public var edges: [Edge]

  /// - Precondition: edges join two different variables.
  public init(names: [String], edges: [Edge]) {
    let fits = edges.allSatisfy { $0.i >= 0 && $0.i < $0.j && $0.j < names.count }
    precondition(fits, "an edge that does not join two of \(names.count) variables, i < j")
    self.names = names
    self.edges = edges
  }

  /// The graph of a pattern (CollabDict 2018, Sec. IV-B: zeros of Λ are independences).
  ///
  /// - Parameters:
  ///   - names: the variables' names, as many as the pattern has.
  ///   - threshold: edges with a smaller |partial correlation| are left out.
  public init(_ pattern: GaussianPattern, names: [String], threshold: Double = 0) {
    precondition(
      names.count == pattern.variables,
      "\(names.count) names for a pattern of \(pattern.variables) variables")
    self.init(
      names: names,
      edges: pattern.edges.map { i, j in
        Edge(i, j, partialCorrelation: pattern.partialCorrelation(i, j))
      }.filter { $0.partialCorrelation.magnitude >= threshold })
  }
}
