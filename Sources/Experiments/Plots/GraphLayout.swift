import Foundation

/// Where the variables of a graph stand.
public enum GraphLayout: String, Sendable, Hashable, CaseIterable {
  /// In a circle, in their order: the drawings of several patterns can be compared.
  case circle
  /// Neighbours near to one another (Fruchterman and Reingold 1991).
  case force

  /// Places within -1...1 in both directions.
  func places(of graph: DependencyGraph) -> [Point] {
    let count = graph.names.count
    let circle = (0..<count).map { i in
      let angle = 2 * Double.pi * (Double(i) / Double(max(1, count)) - 0.25)
      return Point(cos(angle), sin(angle))
    }
    guard self == .force, count > 2 else { return circle }
    // Rings of different size: forces of a perfect circle could cancel for ever.
    var places = circle.enumerated().map { i, place in
      let radius = 0.7 + 0.3 * Double(i * 7 % 10) / 10
      return Point(radius * place.x, radius * place.y)
    }
    let distance = 1.5 / Double(count).squareRoot()
    let rounds = 400
    for round in 0..<rounds {
      var forces = [Point](repeating: Point(0, 0), count: count)
      func push(_ i: Int, _ j: Int, _ strength: (Double) -> Double) {
        let (dx, dy) = (places[i].x - places[j].x, places[i].y - places[j].y)
        let length = max((dx * dx + dy * dy).squareRoot(), 1e-6)
        let force = strength(length) / length
        forces[i] = Point(forces[i].x + force * dx, forces[i].y + force * dy)
        forces[j] = Point(forces[j].x - force * dx, forces[j].y - force * dy)
      }
      for i in 0..<count {
        for j in 0..<i { push(i, j) { distance * distance / $0 } }
      }
      for edge in graph.edges {
        let weight = 0.3 + 1.2 * min(edge.partialCorrelation.magnitude, 1)
        push(edge.i, edge.j) { -weight * $0 * $0 / distance }
      }
      let step = 0.1 * (1 - Double(round) / Double(rounds))
      for i in 0..<count {
        // A pull to the middle keeps what nothing holds from drifting away.
        let force = Point(forces[i].x - 0.8 * places[i].x, forces[i].y - 0.8 * places[i].y)
        let length = max((force.x * force.x + force.y * force.y).squareRoot(), 1e-9)
        let move = min(length, step) / length
        places[i] = Point(places[i].x + move * force.x, places[i].y + move * force.y)
      }
    }
    return Self.spread(places)
  }

  /// Stretches places to fill -1...1 both ways.
  private static func spread(_ places: [Point]) -> [Point] {
    func stretched(_ values: [Double]) -> [Double] {
      guard let low = values.min(), let high = values.max(), high > low else {
        return values.map { _ in 0 }
      }
      return values.map { 2 * ($0 - low) / (high - low) - 1 }
    }
    let (x, y) = (stretched(places.map(\.x)), stretched(places.map(\.y)))
    return zip(x, y).map { Point($0, $1) }
  }
}
