import Consensus

/// What a coalition can find out about a consensus over a known graph: it records the values of
/// its members and of their neighbours in each round. Each is a known linear combination of all
/// start values, and least squares solves for these.
struct ObservabilityAttack {
  /// Whom the coalition sees: itself and its neighbours.
  let visible: [Int]
  private let factor: HouseholderQR

  init(plan: ConsensusPlan, coalition: Set<Int>, rounds: Int) throws {
    visible = coalition.union(coalition.flatMap { plan.graph.neighbours(of: $0) }).sorted()
    let visible = visible
    let count = plan.participants
    // The combinations, by running the protocol on unit vectors: any linear method will do.
    let units = (0..<count).map { i in (0..<count).map { $0 == i ? 1.0 : 0 } }
    var combinations: [[Double]] = []
    _ = try run(plan, values: units, rounds: rounds) { _, sent in
      combinations.append(contentsOf: visible.map { sent[$0] })
    }
    factor = HouseholderQR(rows: combinations)
  }

  /// Everybody's start values, `[participants][count]`, from what was heard.
  func startValues(from heard: [[Double]]) -> [[Double]] { factor.solve(heard) }

  /// A session, and what the coalition makes of it.
  func attack(_ plan: ConsensusPlan, values: [[Double]], rounds: Int) throws -> [[Double]] {
    var heard: [[Double]] = []
    _ = try run(plan, values: values, rounds: rounds) { _, sent in
      heard.append(contentsOf: visible.map { sent[$0] })
    }
    return startValues(from: heard)
  }
}

/// min ‖A X − B‖ by Householder reflections with column pivoting.
struct HouseholderQR {
  /// R above the diagonal, the reflections' vectors on and below it; by columns.
  private var columns: [[Double]]
  /// The diagonal of R.
  private var diagonal: [Double] = []
  /// Which unknown a column stands for.
  private var order: [Int]

  init(rows: [[Double]]) {
    order = Array(rows[0].indices)
    columns = order.map { j in rows.map { $0[j] } }
    for k in order.indices {
      let rest = columns.map { $0[k...].reduce(0) { $0 + $1 * $1 } }
      let pivot = (k..<order.count).max { rest[$0] < rest[$1] } ?? k
      order.swapAt(k, pivot)
      columns.swapAt(k, pivot)
      let norm = rest[pivot].squareRoot()
      diagonal.append(columns[k][k] > 0 ? -norm : norm)
      columns[k][k] -= diagonal[k]
      for j in columns.indices where j > k { columns[j] = reflected(columns[j], by: k) }
    }
  }

  private func reflected(_ x: [Double], by k: Int) -> [Double] {
    var (product, square) = (0.0, 0.0)
    for i in k..<x.count {
      product += columns[k][i] * x[i]
      square += columns[k][i] * columns[k][i]
    }
    if square == 0 { return x }
    var result = x
    for i in k..<x.count { result[i] -= 2 * product / square * columns[k][i] }
    return result
  }

  /// - Parameter b: `[rows][count]`.
  /// - Returns: `[unknowns][count]`.
  func solve(_ b: [[Double]]) -> [[Double]] {
    var result = [[Double]](repeating: [], count: order.count)
    for column in b[0].indices {
      var x = b.map { $0[column] }
      for k in order.indices { x = reflected(x, by: k) }
      for k in order.indices.reversed() {
        for j in (k + 1)..<max(order.count, k + 1) { x[k] -= columns[j][k] * x[j] }
        x[k] /= diagonal[k]
      }
      for k in order.indices { result[order[k]].append(x[k]) }
    }
    return result
  }
}
