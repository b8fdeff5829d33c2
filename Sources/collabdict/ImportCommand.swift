import Datasets
import Foundation
import Storage

/// `collabdict import`: CSV files, one a participant, to one sensor file.
enum ImportCommand: Command {
  static let name = "import"
  static let summary = "turn CSV files, one a participant, into one sensor file"
  static let synopsis = "FILE.csv … -o FLEET.h5 [--train-rows N] …"
  static let options = [
    SharedOptions.output,
    OptionSpecification("separator", "C", "between fields [found out]"),
    OptionSpecification("decimal", "C", "decimal mark, . or , [found out]"),
    OptionSpecification("comment", "C", "lines that start with this are skipped"),
    OptionSpecification("no-header", nil, "the first line has values, not names"),
    OptionSpecification("time", "COLUMN", "a column of time stamps, left out"),
    OptionSpecification("label", "COLUMN", "0 or 1: whether a row is anomalous"),
    OptionSpecification("drop", "COLUMNS", "columns to leave out, separated by commas"),
    OptionSpecification("missing", "TEXTS", "more texts that stand for a missing value"),
    OptionSpecification("train-rows", "N", "the first N rows train, the rest tests [all train]"),
    OptionSpecification("title", "TEXT", "a title for the file"),
    SharedOptions.json,
  ]

  static func run(_ arguments: Arguments) throws {
    let output = try arguments.output()
    guard !arguments.positional.isEmpty else { throw UsageError("missing: CSV files") }
    try AtomicFile.refuseOverwriting(output: output, inputs: arguments.positional)
    let trainRows = try arguments.integer("train-rows", 1...Int.max)
    var participants: [ParticipantData] = []
    var columns: [String]?
    for path in arguments.positional {
      let (data, names) = try participant(path, arguments, trainRows)
      if let columns, columns != names {
        throw UsageError(
          "\(path) has columns \(names.joined(separator: ", ")); the first file has "
            + columns.joined(separator: ", "))
      }
      columns = names
      if let twin = participants.first(where: { $0.name == data.name }) {
        throw UsageError("two files would both become the participant \(twin.name)")
      }
      participants.append(data)
    }
    participants.sort { SensorFleet.naturally($0.name, $1.name) }
    let fleet = SensorFleet(
      title: arguments["title"], variables: columns, participants: participants)
    try fleet.writeHDF5(to: output)
    let rows = participants.reduce(0) { $0 + ($1.train?.rowCount ?? 0) + ($1.test?.rowCount ?? 0) }
    if arguments.has("json") {
      try JSON.object([
        ("file", .text(output)), ("participants", .integer(participants.count)),
        ("variables", .list((columns ?? []).map { .text($0) })), ("rows", .integer(rows)),
      ]).print()
    } else {
      Console.print(
        "\(output): \(participants.count) participants, \(columns?.count ?? 0) variables, "
          + "\(rows) rows")
    }
  }

  private static func participant(
    _ path: String, _ arguments: Arguments, _ trainRows: Int?
  ) throws -> (ParticipantData, [String]) {
    var options = CSVOptions()
    if let text = arguments["separator"] { options.separator = try byte(text, "--separator") }
    if let text = arguments["decimal"] { options.decimalMark = try byte(text, "--decimal") }
    if let text = arguments["comment"] { options.commentMark = try byte(text, "--comment") }
    if arguments.has("no-header") { options.hasHeader = false }
    if let more = arguments.list("missing") { options.missingValues.formUnion(more) }
    let time = arguments["time"]
    options.textColumns = time.map { [$0] } ?? []
    let table = try CSVTable(path: path, options: options)
    let label = arguments["label"]
    let dropped = Set(arguments.list("drop") ?? [])
    for name in dropped.union(label.map { [$0] } ?? []) where !table.columns.contains(name) {
      throw StorageError(
        .noSuchObject, "there is no column \(name)", at: StorageError.Place(file: path),
        remedy: "its columns are \(table.columns.joined(separator: ", "))")
    }
    let kept = table.columns.indices.filter {
      table.columns[$0] != label && !dropped.contains(table.columns[$0])
    }
    guard !kept.isEmpty, table.rowCount > 0 else {
      throw StorageError(
        .wrongShape, kept.isEmpty ? "no columns are left" : "there are no rows",
        at: StorageError.Place(file: path), remedy: "check the file and --drop")
    }
    let labelColumn = label.flatMap { table.columns.firstIndex(of: $0) }
    var values: [Float] = []
    values.reserveCapacity(table.rowCount * kept.count)
    var labels: [Bool] = []
    for r in 0..<table.rowCount {
      let row = table[row: r]
      for c in kept { values.append(Float(row[row.startIndex + c])) }
      if let labelColumn {
        let value = row[row.startIndex + labelColumn]
        guard value == 0 || value == 1 else {
          throw StorageError(
            .malformed, "label \(value) in row \(r + 1) is neither 0 nor 1",
            at: StorageError.Place(file: path, column: label),
            remedy: "write 1 for anomalous rows and 0 for normal ones")
        }
        labels.append(value == 1)
      }
    }
    let cut = min(trainRows ?? table.rowCount, table.rowCount) * kept.count
    var data = ParticipantData(
      name: URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent)
    data.train = MemoryRows(columnCount: kept.count, values: Array(values[..<cut]))
    if cut < values.count {
      data.test = MemoryRows(columnCount: kept.count, values: Array(values[cut...]))
      if !labels.isEmpty { data.testLabels = Array(labels[(cut / kept.count)...]) }
    }
    return (data, kept.map { table.columns[$0] })
  }

  private static func byte(_ text: String, _ option: String) throws(UsageError) -> Character {
    if text == "tab" || text == "\\t" { return "\t" }
    guard text.count == 1, let character = text.first, character.isASCII else {
      throw UsageError("\(option) takes one character, or tab")
    }
    return character
  }
}
