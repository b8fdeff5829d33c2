/// Which maps of a layer each map of the next one sees.
public struct ConnectionTable: Sendable, Hashable {
  /// The number of maps that are seen.
  public let inputs: Int
  /// For each map that sees, the maps that it sees, ascending.
  public let sources: [[Int]]
  /// For each pair [output, input], the place of their kernel among all that exist, which stand in
  /// the order of `sources`; the number of kernels itself where there is none.
  let places: [Int32]

  /// - Precondition: each map sees at least one, each of them once.
  public init(inputs: Int, sources: [[Int]]) {
    let count = sources.reduce(0) { $0 + $1.count }
    var places = [Int32](repeating: Int32(count), count: sources.count * inputs)
    var next: Int32 = 0
    for (output, maps) in sources.enumerated() {
      precondition(
        !maps.isEmpty && maps == Set(maps).sorted() && maps[0] >= 0
          && maps[maps.count - 1] < inputs,
        "map \(output) sees the maps \(maps) of \(inputs)")
      for input in maps {
        places[output * inputs + input] = next
        next += 1
      }
    }
    self.inputs = inputs
    self.sources = sources
    self.places = places
  }

  /// Every map sees every map.
  public init(inputs: Int, outputs: Int) {
    self.init(inputs: inputs, sources: [[Int]](repeating: Array(0..<inputs), count: outputs))
  }

  /// The number of maps that see.
  public var outputs: Int { sources.count }
  /// The number of pairs.
  public var count: Int { sources.reduce(0) { $0 + $1.count } }
  /// Whether every map sees every map.
  public var isFull: Bool { count == inputs * outputs }

  /// From S2 to C3 of LeNet-5: Table I of LeCun et al. 1998.
  public static let leNet5 = ConnectionTable(
    inputs: 6,
    sources: [
      [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
      [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
      [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
      [0, 1, 2, 3, 4, 5],
    ])

  /// From the 8 first subsampling maps of LeNet-4 to its 16 second-level maps: 60 kernels.
  ///
  /// See ``LeNet4`` for what is known of it. Maps m and m + 4 come from the same first-level map.
  static let leNet4SecondLevel = ConnectionTable(
    inputs: 8,
    sources: (0..<8).map { i in (0..<4).map { (i + $0) % 8 }.sorted() }
      + (0..<4).map { i in [i, i + 1, i + 4, i + 5].map { $0 % 8 }.sorted() }
      + (0..<4).map { i in [i, i + 3, i + 6].map { $0 % 8 }.sorted() })

  /// From the 16 second subsampling maps of LeNet-4 to its 120 units: 4 or 5 neighbours each.
  static let leNet4Units = ConnectionTable(
    inputs: 16,
    sources: (0..<120).map { i in
      (0..<(i % 3 == 0 ? 4 : 5)).map { (i + $0) % 16 }.sorted()
    })
}
