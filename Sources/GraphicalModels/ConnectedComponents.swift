/// The connected components of a graph whose edges are given one by one (union and find).
struct ConnectedComponents {
  private var parents: [Int]

  init(count: Int) { parents = Array(0..<count) }

  private mutating func root(_ node: Int) -> Int {
    var node = node
    while parents[node] != node {
      parents[node] = parents[parents[node]]
      node = parents[node]
    }
    return node
  }

  mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(a), root(b))
    if a != b { parents[max(a, b)] = min(a, b) }
  }

  /// The components by their first members, each in ascending order.
  mutating func all() -> [[Int]] {
    var places = [Int](repeating: -1, count: parents.count)
    var components: [[Int]] = []
    for node in parents.indices {
      let root = root(node)
      if places[root] < 0 {
        places[root] = components.count
        components.append([])
      }
      components[places[root]].append(node)
    }
    return components
  }
}
