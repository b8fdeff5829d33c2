import Datasets

extension SensorFleet {
  /// Reads a sensor HDF5 file: `/<participant>/train`, `test` and `test_labels` by default.
  ///
  /// Data sets of up to `memoryLimit` bytes (as Float) are held in memory, larger ones are read
  /// piece by piece when they are needed.
  ///
  /// - Throws: ``StorageError`` that names the file and the data set.
  public init(
    readingHDF5 path: String, layout: FleetLayout = FleetLayout(), memoryLimit: Int = 1 << 26
  ) throws {
    try layout.validate(file: path)
    let file = try HDF5File(reading: path)
    var names: Set<String> = []
    for object in try file.objects() {
      guard case .dataSet = object.kind else { continue }
      for pattern in layout.values.map({ [$0] }) ?? [layout.train, layout.test] {
        if let name = FleetLayout.participant(of: object.path, by: pattern) { names.insert(name) }
      }
    }
    if let wanted = layout.participants {
      if let missing = wanted.first(where: { !names.contains($0) }) {
        throw StorageError(
          .noSuchObject, "there is no participant named \(missing)",
          at: StorageError.Place(file: path),
          remedy: names.isEmpty
            ? "see `collabdict inspect`" : "it has \(Self.list(names.sorted(by: Self.naturally)))")
      }
      names = Set(wanted)
    }
    guard !names.isEmpty else {
      throw StorageError(
        .noSuchObject,
        "no data set matches \(layout.values ?? "\(layout.train) or \(layout.test)")",
        at: StorageError.Place(file: path),
        remedy: "say where the data stand with --train, --test and --labels")
    }
    var participants: [ParticipantData] = []
    for name in names.sorted(by: Self.naturally) {
      participants.append(try Self.participant(name, in: file, layout, memoryLimit))
    }
    try Self.requireSameColumns(participants, path)
    self.init(
      title: try Self.string("title", file), variables: try Self.strings("variables", file),
      units: try Self.strings("units", file), participants: participants)
    if let first = participants.first, let rows = first.train ?? first.test,
      let names = variables, names.count != rows.columnCount
    {
      throw StorageError(
        .wrongShape, "\(names.count) names for \(rows.columnCount) variables",
        at: StorageError.Place(file: path, object: "attribute variables"),
        remedy: "give one name a column, or remove the attribute")
    }
  }

  private static func participant(
    _ name: String, in file: HDF5File, _ layout: FleetLayout, _ memoryLimit: Int
  ) throws -> ParticipantData {
    if let values = layout.values { return try splitParticipant(name, values, in: file, layout) }
    var data = ParticipantData(name: name)
    data.train = try rows(FleetLayout.path(layout.train, name), in: file, memoryLimit)
    data.test = try rows(FleetLayout.path(layout.test, name), in: file, memoryLimit)
    let labels = FleetLayout.path(layout.labels, name)
    guard let test = data.test, file.exists(labels) else { return data }
    data.testLabels = try readLabels(labels, in: file, count: test.rowCount)
    return data
  }

  /// A participant whose normal and anomalous rows stand in one data set.
  private static func splitParticipant(
    _ name: String, _ pattern: String, in file: HDF5File, _ layout: FleetLayout
  ) throws -> ParticipantData {
    let path = FleetLayout.path(pattern, name)
    guard let all = try rows(path, in: file, .max) else { return ParticipantData(name: name) }
    let labels = try readLabels(
      FleetLayout.path(layout.labels, name), in: file, count: all.rowCount)
    let normal = labels.indices.filter { !labels[$0] }
    let training = normal.prefix(Int(layout.split * Double(normal.count)))
    var isTraining = [Bool](repeating: false, count: labels.count)
    for row in training { isTraining[row] = true }
    let tested = labels.indices.filter { !isTraining[$0] }
    var data = ParticipantData(name: name)
    if !training.isEmpty {
      data.train = SelectedRows(all, parts: training.map { $0..<$0 + 1 })
    }
    if !tested.isEmpty {
      data.test = SelectedRows(all, parts: tested.map { $0..<$0 + 1 })
      data.testLabels = tested.map { labels[$0] }
    }
    // Held in memory: a data set of single rows would be read again and again.
    data.train = try data.train.map {
      MemoryRows(columnCount: $0.columnCount, values: try $0.readAll())
    }
    data.test = try data.test.map {
      MemoryRows(columnCount: $0.columnCount, values: try $0.readAll())
    }
    return data
  }

  /// The rows of a data set, or `nil` when the file has none of that path.
  private static func rows(
    _ path: String, in file: HDF5File, _ memoryLimit: Int
  ) throws -> (any RowSource)? {
    guard file.exists(path) else { return nil }
    let place = StorageError.Place(file: file.path, object: "data set \(path)")
    let dataSet = try file.dataSet(path)
    let shape = dataSet.shape
    guard shape.count == 2 else {
      throw StorageError(
        .wrongShape, "rank \(shape.count) instead of 2 (rows, variables)", at: place,
        remedy: "store one row a time step")
    }
    guard shape[1] > 0 else {
      throw StorageError(.wrongShape, "rows without any variable", at: place, remedy: "remove it")
    }
    guard dataSet.elementType.isNumeric else {
      throw StorageError(
        .wrongType, "its values are not numbers", at: place, remedy: "store floats or integers")
    }
    if shape[0] * shape[1] * 4 > memoryLimit { return try HDF5Rows(file, path) }
    return MemoryRows(columnCount: shape[1], values: try file.read(path, as: Float.self))
  }

  /// Labels as stored by `--labels`: one number a row, 0 or 1.
  static func readLabels(_ path: String, in file: HDF5File, count: Int) throws -> [Bool] {
    let place = StorageError.Place(file: file.path, object: "data set \(path)")
    let values = try file.read(path, as: Double.self)
    guard values.count == count else {
      throw StorageError(
        .wrongShape, "\(values.count) labels for \(count) rows", at: place,
        remedy: "give one label a row of the test data")
    }
    return try values.enumerated().map { row, value in
      guard value == 0 || value == 1 else {
        throw StorageError(
          .malformed, "label \(value) in row \(row) is neither 0 nor 1", at: place,
          remedy: "store 1 for anomalous rows and 0 for normal ones")
      }
      return value == 1
    }
  }

  private static func requireSameColumns(_ participants: [ParticipantData], _ file: String) throws {
    var first: (name: String, columns: Int)?
    for participant in participants {
      for rows in [participant.train, participant.test] {
        guard let rows else { continue }
        if let first, first.columns != rows.columnCount {
          throw StorageError(
            .wrongShape,
            "\(first.name) has \(first.columns) variables and \(participant.name) has "
              + "\(rows.columnCount)", at: StorageError.Place(file: file),
            remedy: "choose participants of one kind with --participants")
        }
        first = first ?? (participant.name, rows.columnCount)
      }
    }
  }

  private static func string(_ name: String, _ file: HDF5File) throws -> String? {
    switch try file.attribute(name) {
    case .string(let text): text
    case .strings(let texts): texts.first
    default: nil
    }
  }

  /// A list of names, as an array of strings or as one string with commas or line breaks.
  private static func strings(_ name: String, _ file: HDF5File) throws -> [String]? {
    switch try file.attribute(name) {
    case .strings(let texts): texts
    case .string(let text):
      text.split(whereSeparator: { $0 == "," || $0.isNewline }).map {
        String($0.drop(while: \.isWhitespace))
      }
    default: nil
    }
  }

  private static func list(_ names: [String]) -> String {
    names.count <= 8
      ? names.joined(separator: ", ")
      : names.prefix(8).joined(separator: ", ") + ", … (\(names.count) in all)"
  }
}
