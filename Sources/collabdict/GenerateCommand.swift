import Datasets
import Storage

/// `collabdict generate`: a synthetic fleet with known faults.
enum GenerateCommand: Command {
  static let name = "generate"
  static let summary = "make a synthetic fleet with known faults"
  static let synopsis = "-o FLEET.h5 [--seed N] [--participants N] …"
  static let options = [
    SharedOptions.output,
    OptionSpecification("seed", "N", "the same number gives the same fleet [0]"),
    OptionSpecification("participants", "N", "machines [4]"),
    OptionSpecification("variables", "N", "sensors of a machine [12]"),
    OptionSpecification("states", "N", "hidden states that drive them [4]"),
    OptionSpecification("train-rows", "N", "rows of normal operation each [2000]"),
    OptionSpecification("test-rows", "N", "rows with faults each [2000]"),
    OptionSpecification("faults", "N", "faults in each machine's test rows [8]"),
    SharedOptions.json,
  ]

  static func run(_ arguments: Arguments) throws {
    _ = try arguments.exactly(0, "options")
    let output = try arguments.output()
    var recipe = SyntheticFleet()
    recipe.seed = UInt64(try arguments.integer("seed", 0...Int.max) ?? 0)
    recipe.participants = try arguments.integer("participants", 1...10_000) ?? recipe.participants
    recipe.variables = try arguments.integer("variables", 2...10_000) ?? recipe.variables
    recipe.states = try arguments.integer("states", 1...1000) ?? recipe.states
    recipe.trainRows = try arguments.integer("train-rows", 16...10_000_000) ?? recipe.trainRows
    recipe.testRows = try arguments.integer("test-rows", 16...10_000_000) ?? recipe.testRows
    recipe.faultsEach = try arguments.integer("faults", 0...10_000) ?? recipe.faultsEach
    if arguments.has("faults"), recipe.testRows < 20 * recipe.faultsEach {
      throw UsageError(
        "\(recipe.faultsEach) faults need \(20 * recipe.faultsEach) test rows or more")
    }
    recipe.faultsEach = min(recipe.faultsEach, recipe.testRows / 20)
    let values = (recipe.trainRows + recipe.testRows) * max(recipe.variables, recipe.states)
    guard values * recipe.participants <= 1_000_000_000 else {
      throw UsageError("the fleet would have more than a thousand million values; make it smaller")
    }
    let machines = recipe.machines()
    let fleet = SensorFleet(
      title: "Synthetic fleet, seed \(recipe.seed)", variables: recipe.variableNames,
      units: recipe.units,
      participants: machines.map {
        ParticipantData(name: $0.name, train: $0.train, test: $0.test, testLabels: $0.labels)
      })
    var attributes: [String: [String: String]] = [:]
    for machine in machines {
      attributes[machine.name] = [
        "faults": machine.faults.map(\.line).joined(separator: "\n")
      ]
    }
    try fleet.writeHDF5(to: output, attributes: attributes)
    let faults = machines.reduce(0) { $0 + $1.faults.count }
    if arguments.has("json") {
      try JSON.object([
        ("file", .text(output)), ("participants", .integer(machines.count)),
        ("variables", .integer(recipe.variables)), ("faults", .integer(faults)),
      ]).print()
    } else {
      Console.print(
        "\(output): \(machines.count) machines, \(recipe.variables) variables, "
          + "\(recipe.trainRows) training and \(recipe.testRows) test rows each, \(faults) faults")
    }
  }
}
