import Datasets
import Testing

@Suite struct SyntheticFleetTests {
  private let recipe: SyntheticFleet = {
    var recipe = SyntheticFleet()
    recipe.participants = 3
    recipe.trainRows = 400
    recipe.testRows = 400
    recipe.faultsEach = 10
    return recipe
  }()

  @Test func isAFunctionOfItsSeed() {
    let first = recipe.machines()
    for (a, b) in zip(first, recipe.machines()) {
      #expect(a.train == b.train && a.test == b.test && a.faults == b.faults)
    }
    var other = recipe
    other.seed = 1
    #expect(other.machines()[0].train != first[0].train)
    #expect(first[0].train != first[1].train)
    // More machines leave the first ones as they are.
    var more = recipe
    more.participants = 5
    #expect(more.machines()[2].test == first[2].test)
  }

  @Test func shapesAndNames() {
    let machines = recipe.machines()
    #expect(machines.map(\.name) == ["machine-1", "machine-2", "machine-3"])
    #expect(recipe.variableNames.count == 12 && Set(recipe.variableNames).count == 12)
    #expect(recipe.units.count == 12)
    for machine in machines {
      #expect(machine.train.rowCount == 400 && machine.test.rowCount == 400)
      #expect(machine.train.columnCount == 12 && machine.labels.count == 400)
      #expect((machine.train.values + machine.test.values).allSatisfy { $0.isFinite })
    }
    var many = recipe
    many.participants = 12
    many.trainRows = 20
    many.testRows = 20
    let names = many.machines().map(\.name)
    #expect(names == names.sorted())
  }

  @Test func labelsAreTheFaultsRows() {
    for machine in recipe.machines() {
      #expect(machine.faults.count == 10)
      #expect(Set(machine.faults.map(\.kind)).count == PlantedFault.Kind.allCases.count)
      for row in 0..<400 {
        #expect(machine.labels[row] == machine.faults.contains { $0.rows.contains(row) })
      }
      for (a, b) in zip(machine.faults, machine.faults.dropFirst()) {
        #expect(a.rows.upperBound < b.rows.lowerBound)
      }
      for fault in machine.faults {
        #expect(!fault.rows.isEmpty && fault.rows.upperBound <= 400)
        #expect(!fault.variables.isEmpty && fault.variables.allSatisfy { (0..<12).contains($0) })
      }
    }
  }

  /// The same fleet without faults differs in the faulty places, and only there.
  @Test func faultsChangeTheirRowsAndVariablesOnly() {
    var healthy = recipe
    healthy.faultsEach = 0
    for (faulty, clean) in zip(recipe.machines(), healthy.machines()) {
      #expect(faulty.train == clean.train)
      #expect(!clean.labels.contains(true) && clean.faults.isEmpty)
      for place in faulty.test.values.indices {
        let (row, variable) = (place / 12, place % 12)
        let isFaulty = faulty.faults.contains {
          $0.rows.contains(row) && $0.variables.contains(variable)
        }
        if !isFaulty { #expect(faulty.test.values[place] == clean.test.values[place]) }
      }
      for fault in faulty.faults {
        for variable in fault.variables {
          var change = 0.0
          for row in fault.rows {
            let place = row * 12 + variable
            change += Double((faulty.test.values[place] - clean.test.values[place]).magnitude)
          }
          #expect(change / Double(fault.rows.count) > 0.2, "\(fault.line)")
        }
      }
    }
  }

  @Test func faultsReadAsLines() {
    for fault in recipe.machines()[0].faults {
      let numbers = fault.variables.map { "\($0 + 1)" }.joined(separator: ",")
      #expect(
        fault.line
          == "\(fault.rows.lowerBound)-\(fault.rows.upperBound - 1):\(numbers) \(fault.kind)")
    }
  }
}
