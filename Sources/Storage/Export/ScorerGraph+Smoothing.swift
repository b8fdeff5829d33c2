extension ScorerGraph {
  /// The mean over the last `length` rows, over as many as there are at the start.
  ///
  /// Sums over 1, 2, 4, … rows are each the sum of two of half as many; those whose numbers of rows
  /// add up to `length` make the sum. No running sum carries the rounding of rows long past.
  ///
  /// - Parameters:
  ///   - x: `[rows, columns]`, of double precision.
  ///   - index: 0, 1, …, `[rows]`.
  mutating func causalMean(_ x: Value, _ index: Value, length: Int) -> Value {
    if length == 1 { return x }
    var power = x
    var size = 1
    var sum: Value?
    var summed = 0
    while true {
      if length & size != 0 {
        sum = sum.map { graph.append("Add", $0, shift(power, by: summed)) } ?? power
        summed += size
      }
      if 2 * size > length { break }
      power = graph.append("Add", power, shift(power, by: size))
      size *= 2
    }
    let number = graph.append("Add", index, graph.scalar(Int64(1)))
    let count = graph.cast(
      graph.append("Min", number, graph.scalar(Int64(length))), to: .double)
    return graph.append(
      "Div", sum ?? x, graph.append("Unsqueeze", count, graph.integers(1)))
  }

  /// The rows `lag` steps later, with zeros before them.
  private mutating func shift(_ x: Value, by lag: Int) -> Value {
    let padded = graph.append("Pad", x, graph.integers(lag, 0, 0, 0), graph.scalar(Double(0)))
    return graph.slice(padded, axis: 0, from: 0, to: -lag)
  }
}
