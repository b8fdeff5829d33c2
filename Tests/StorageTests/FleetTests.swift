import CollaborativeLearning
import Datasets
import Storage
import Testing

@Suite struct FleetTests {
  let directory = try! TemporaryDirectory()

  private func write(
    _ name: String = "fleet.h5", _ body: (borrowing HDF5Writer) throws -> Void
  ) throws -> String {
    let writer = try HDF5Writer(replacing: directory(name))
    try body(writer)
    try writer.commit()
    return directory(name)
  }

  private func rows(_ count: Int, from first: Int = 0) -> [Float] {
    (first..<first + count).map { Float($0) }
  }

  private func error(_ path: String, _ layout: FleetLayout = FleetLayout()) -> StorageError? {
    storageError { _ = try SensorFleet(readingHDF5: path, layout: layout) }
  }

  @Test func roundTrip() throws {
    let recipe = SyntheticFleet()
    let machines = recipe.machines()
    let fleet = SensorFleet(
      title: "A fleet", variables: recipe.variableNames, units: recipe.units,
      participants: machines.map {
        ParticipantData(name: $0.name, train: $0.train, test: $0.test, testLabels: $0.labels)
      })
    try fleet.writeHDF5(
      to: directory("fleet.h5"), attributes: ["machine-2": ["faults": "1-5:3 bias"]])
    let read = try SensorFleet(readingHDF5: directory("fleet.h5"))
    #expect(read.title == "A fleet")
    #expect(read.variables == recipe.variableNames && read.units == recipe.units)
    #expect(read.participants.map(\.name) == machines.map(\.name))
    for (participant, machine) in zip(read.participants, machines) {
      #expect(try participant.train?.readAll() == machine.train.values)
      #expect(try participant.test?.readAll() == machine.test.values)
      #expect(participant.testLabels == machine.labels)
    }
    let file = try HDF5File(reading: directory("fleet.h5"))
    #expect(try file.attribute("faults", of: "/machine-2") == .string("1-5:3 bias"))
    #expect(try directory.contents == ["fleet.h5"])
  }

  @Test func partsMayBeAbsent() throws {
    let path = try write {
      try $0.write(rows(6), shape: [3, 2], to: "/m10/train")
      try $0.write(rows(8), shape: [4, 2], to: "/m9/test")
      try $0.write(rows(2), shape: [1, 2], to: "/other")
      try $0.createGroup("/m8")
    }
    let fleet = try SensorFleet(readingHDF5: path)
    #expect(fleet.participants.map(\.name) == ["m9", "m10"])
    #expect(fleet["m9"]?.train == nil && fleet["m9"]?.test?.rowCount == 4)
    #expect(fleet["m10"]?.test == nil && fleet["m10"]?.train?.rowCount == 3)
    #expect(fleet.title == nil && fleet.variables == nil && fleet.units == nil)
    #expect(fleet.variableName(1) == "variable 2")
  }

  @Test func otherLayouts() throws {
    let path = try write {
      try $0.write(rows(6), shape: [3, 2], to: "/data/normal/press 1.x")
      try $0.write(rows(8), shape: [4, 2], to: "/data/check/press 1.y")
      try $0.write([0, 1, 0, 1] as [UInt8], shape: [4], to: "/truth/press 1")
      try $0.write(rows(6), shape: [3, 2], to: "/data/normal/deep/er.x")
    }
    var layout = FleetLayout()
    layout.train = "data/normal/{participant}.x"
    layout.test = "/data/check/{participant}.y"
    layout.labels = "/truth/{participant}"
    let fleet = try SensorFleet(readingHDF5: path, layout: layout)
    #expect(fleet.participants.map(\.name) == ["press 1"])
    #expect(try fleet["press 1"]?.train?.readAll() == rows(6))
    #expect(fleet["press 1"]?.testLabels == [false, true, false, true])
  }

  @Test func chosenParticipants() throws {
    let path = try write {
      for name in ["a", "b", "c"] { try $0.write(rows(6), shape: [3, 2], to: "/\(name)/train") }
      try $0.write(rows(9), shape: [3, 3], to: "/wide/train")
    }
    var layout = FleetLayout()
    layout.participants = ["c", "a"]
    let fleet = try SensorFleet(readingHDF5: path, layout: layout)
    #expect(fleet.participants.map(\.name) == ["a", "c"])
    layout.participants = ["a", "z"]
    let absent = error(path, layout)
    #expect(absent?.code == .noSuchObject && absent?.problem.contains("z") == true)
    let different = error(path)
    #expect(different?.code == .wrongShape)
    #expect(different?.problem == "a has 2 variables and wide has 3")
  }

  @Test func labelledRowsInOneDataSet() throws {
    let labels: [UInt8] = [0, 1, 0, 0, 1, 0, 0]
    let path = try write {
      try $0.write(rows(14), shape: [7, 2], to: "/set/a/x")
      try $0.write(labels, shape: [7], to: "/set/a/y")
    }
    var layout = FleetLayout()
    layout.values = "/set/{participant}/x"
    layout.labels = "/set/{participant}/y"
    // Of the normal rows 0, 2, 3, 5, 6 the first share trains; all others test, in order.
    for (split, training) in [(0.0, []), (0.4, [0, 2]), (0.5, [0, 2]), (1.0, [0, 2, 3, 5, 6])] {
      layout.split = split
      let data = try #require(try SensorFleet(readingHDF5: path, layout: layout)["a"])
      let tested = (0..<7).filter { !training.contains($0) }
      func values(_ rows: [Int]) -> [Float] { rows.flatMap { [Float(2 * $0), Float(2 * $0 + 1)] } }
      #expect(try data.train?.readAll() ?? [] == values(training))
      #expect(try data.test?.readAll() ?? [] == values(tested))
      #expect(data.testLabels == tested.map { labels[$0] == 1 })
    }
    layout.labels = "/set/{participant}/z"
    #expect(error(path, layout)?.code == .noSuchObject)
  }

  @Test(arguments: [2.0, 0.5, -1, .nan, .infinity]) func labelsAreZeroOrOne(label: Double) throws {
    let path = try write {
      try $0.write(rows(6), shape: [3, 2], to: "/a/test")
      try $0.write([0, 1, label], shape: [3], to: "/a/test_labels")
    }
    let error = error(path)
    #expect(error?.code == .malformed)
    #expect(error?.place.object == "data set /a/test_labels")
    #expect(error?.problem == "label \(label) in row 2 is neither 0 nor 1")
  }

  @Test func shapesThatAreNoRows() throws {
    let cases: [(shape: [Int], code: StorageError.Code)] = [
      ([6], .wrongShape), ([1, 2, 3], .wrongShape), ([6, 0], .wrongShape),
    ]
    for (shape, code) in cases {
      let path = try write {
        try $0.write(rows(shape.reduce(1, *)), shape: shape, to: "/a/train")
      }
      let error = error(path)
      #expect(error?.code == code, "\(shape)")
      #expect(error?.place.object == "data set /a/train")
    }
    let texts = try write { try $0.write(strings: ["x", "y"], to: "/a/train") }
    #expect(error(texts) != nil)
    let few = try write {
      try $0.write(rows(6), shape: [3, 2], to: "/a/test")
      try $0.write([1.0], shape: [1], to: "/a/test_labels")
    }
    #expect(error(few)?.problem == "1 labels for 3 rows")
    let names = try write {
      try $0.write(rows(6), shape: [3, 2], to: "/a/train")
      try $0.setAttribute("variables", to: .string("flow, speed, current"))
    }
    #expect(error(names)?.problem == "3 names for 2 variables")
  }

  @Test func noRowsAreReadButNotLearnedFrom() throws {
    let path = try write { try $0.write([Float](), shape: [0, 2], to: "/a/train") }
    let fleet = try SensorFleet(readingHDF5: path)
    #expect(fleet["a"]?.train?.rowCount == 0)
    let error = #expect(throws: ParticipantError.self) {
      _ = try FleetTraining<VAEParticipant>(fleet, TrainingConfiguration(), threads: 1)
    }
    #expect(error?.name == "a")
  }

  @Test func patternsNameTheirParticipant() throws {
    let path = try write { try $0.write(rows(6), shape: [3, 2], to: "/a/train") }
    for change in [\FleetLayout.train, \.test, \.labels] as [WritableKeyPath<FleetLayout, String>] {
      var layout = FleetLayout()
      layout[keyPath: change] = "/a/train"
      #expect(error(path, layout)?.problem.contains("{participant}") == true)
    }
    var layout = FleetLayout()
    layout.values = "/a"
    #expect(error(path, layout)?.problem.contains("--values") == true)
  }

  /// Rows that stay in the file are the rows that would be in memory.
  @Test(arguments: [0, 100, 1 << 26]) func streamingEqualsMemory(memoryLimit: Int) throws {
    let machine = SyntheticFleet().machines()[0]
    try SensorFleet(participants: [ParticipantData(name: "a", train: machine.train)])
      .writeHDF5(to: directory("a.h5"))
    let fleet = try SensorFleet(readingHDF5: directory("a.h5"), memoryLimit: memoryLimit)
    let rows = try #require(fleet["a"]?.train)
    #expect((rows is MemoryRows) == (memoryLimit > 100))
    #expect(try rows.readAll() == machine.train.values)
    var buffer: [Float] = []
    for range in [0..<1, 1999..<2000, 17..<1300, 5..<5, 300..<302] {
      try rows.read(range, into: &buffer)
      let expected = machine.train.values[range.lowerBound * 12..<range.upperBound * 12]
      #expect(Array(buffer.prefix(range.count * 12)) == Array(expected))
    }
  }

  @Test func aStreamedFleetGivesTheSameModel() throws {
    var recipe = SyntheticFleet()
    recipe.participants = 2
    recipe.variables = 3
    recipe.trainRows = 100
    try SensorFleet(
      participants: recipe.machines().map { ParticipantData(name: $0.name, train: $0.train) }
    ).writeHDF5(to: directory("f.h5"))
    var configuration = TrainingConfiguration()
    configuration.rounds = 4
    configuration.hidden = [3]
    configuration.batchSize = 8
    let models = try [0, 1 << 26].map { limit in
      let training = try FleetTraining<VAEParticipant>(
        SensorFleet(readingHDF5: directory("f.h5"), memoryLimit: limit), configuration, threads: 2)
      try training.run()
      return try training.trainedModel()
    }
    #expect(models[0] == models[1])
  }
}
