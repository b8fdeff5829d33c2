import AnomalyDetection
import CollaborativeLearning
import Datasets
import GraphicalModels
import Storage

/// Whether the variables at fault are those whose parts in the score grow most.
enum NamedFaults {
  /// A fault whose variables are known.
  struct Fault {
    let rows: Range<Int>
    let variables: Set<Int>
  }

  /// Faults at whose head, or under whose first three names, a variable at fault stands.
  private struct Hits {
    var faults = 0
    var first = 0
    var firstThree = 0
    /// Of as many names as there are variables at fault, those that are, summed over faults.
    var shares = 0.0

    mutating func add(_ fault: Fault, _ order: [Int]) {
      faults += 1
      if fault.variables.contains(order[0]) { first += 1 }
      if order.prefix(3).contains(where: fault.variables.contains) { firstThree += 1 }
      let named = order.prefix(fault.variables.count).count { fault.variables.contains($0) }
      shares += Double(named) / Double(fault.variables.count)
    }

    var text: String {
      let n = Double(faults)
      return "first \(GraphicalDetection.text(Double(first) / n)), of three "
        + "\(GraphicalDetection.text(Double(firstThree) / n)), of as many "
        + GraphicalDetection.text(shares / n)
    }
  }

  /// Faults planted in generated fleets, one fleet a seed.
  static func synthetic(_ trainings: [GraphicalTraining]) throws {
    var hits: [MixtureScore: Hits] = [:]
    for training in trainings {
      var recipe = SyntheticFleet()
      recipe.seed = training.configuration.seed
      let machines = recipe.machines()
      let series = machines.map {
        Series(name: $0.name, train: $0.train, test: $0.test, labels: $0.labels)
      }
      let faults = machines.map { machine in
        machine.faults.map { Fault(rows: $0.rows, variables: Set($0.variables)) }
      }
      try count(training, series, faults, &hits)
    }
    print("generated fleets, variables at fault named: \(text(hits))")
  }

  /// The faults of the Application Server Dataset, as its authors explain them.
  static func applicationServers(
    _ protocols: Protocols, _ trainings: [GraphicalTraining]
  ) throws {
    let file = try HDF5File(reading: "\(protocols.folder)/asd.h5")
    let series = try protocols.fleet("asd")
    let faults = try series.map { one in
      guard case .string(let lines)? = try file.attribute("interpretation", of: one.name) else {
        throw ConfigurationError("\(one.name) explains no faults")
      }
      return try lines.split(separator: "\n").map { line in
        let parts = line.split(separator: ":").map { $0.split { "-,".contains($0) } }
        let numbers = parts.map { $0.compactMap { Int($0) } }
        guard numbers.count == 2, numbers[0].count == 2, !numbers[1].isEmpty,
          numbers[0][0] <= numbers[0][1], numbers[0][1] < one.test.rowCount
        else { throw ConfigurationError("\(one.name): \(line) explains no fault") }
        return Fault(
          rows: numbers[0][0]..<numbers[0][1] + 1, variables: Set(numbers[1].map { $0 - 1 }))
      }
    }
    var hits: [MixtureScore: Hits] = [:]
    for training in trainings { try count(training, series, faults, &hits) }
    print("ASD, variables at fault named: \(text(hits))")
  }

  private static func count(
    _ training: GraphicalTraining, _ series: [Series], _ faults: [[Fault]],
    _ hits: inout [MixtureScore: Hits]
  ) throws {
    let model = try training.train(series)
    for (i, one) in series.enumerated() {
      for kind in MixtureScore.allCases {
        // A row's own parts: a mean would carry those of rows before the fault.
        var scorer = try model.scorer(for: model.participants[i], kind, smoothing: 1)
        let usual = try meanParts(&scorer, one.train, in: 0..<one.train.rowCount)
        for fault in faults[i] {
          let parts = try meanParts(&scorer, one.test, in: fault.rows)
          let order = parts.indices.sorted {
            (parts[$1] - usual[$1], $0) < (parts[$0] - usual[$0], $1)
          }
          hits[kind, default: Hits()].add(fault, order)
        }
      }
    }
  }

  /// The mean part of each variable over some rows, `[variables]`.
  private static func meanParts(
    _ scorer: inout GraphicalScorer, _ rows: any RowSource, in range: Range<Int>
  ) throws -> [Double] {
    // The rows that the first window reaches back to.
    let first = max(0, range.lowerBound - 16)
    let part = SelectedRows(rows, parts: [first..<range.upperBound])
    let variables = scorer.variables
    var sums = [Double](repeating: 0, count: variables)
    try scorer.forEachScoredPiece(of: part) { piece, scored in
      for (row, number) in piece.enumerated() where first + number >= range.lowerBound {
        for v in 0..<variables { sums[v] += scored.parts[row * variables + v] }
      }
    }
    return sums.map { $0 / Double(range.count) }
  }

  private static func text(_ hits: [MixtureScore: Hits]) -> String {
    MixtureScore.allCases.map { "\($0.rawValue) \(hits[$0, default: Hits()].text)" }
      .joined(separator: "; ")
  }
}
