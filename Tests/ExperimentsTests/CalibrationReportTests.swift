import Foundation
import MultipartyLearning
import Storage
import Testing

@testable import Experiments

/// Which runs make a table, what stands in the record of them, and what is reported.
@Suite struct CalibrationReportTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "calibration-report-\(UUID())").path

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func curve(_ before: Double, _ after: Double, iterations: Int = 50) -> CalibrationCurve {
    var last = CalibrationCurve.Measurement(iteration: iterations, accuracy: after)
    last.messages.honest = 7
    last.messages.validHonest = 6
    last.messages.bogus = 5
    last.messages.validBogus = 4
    last.messages.searched = 300
    last.seconds = 1.25
    return CalibrationCurve([.init(iteration: 0, accuracy: before), last])
  }

  // MARK: Runs

  /// A run with any other setting is another run.
  @Test func everySettingIsInTheKey() {
    let cell = CalibrationCell(
      .bema, PartyDivision(parties: 20, seed: 1), GeneratedDigits.plan(5, bogus: 0.1))
    let changes: [(inout CalibrationCell) -> Void] = [
      { $0.system = .hmr }, { $0.division.seed = 2 }, { $0.division.split.publicImages = 3 },
      { $0.division.split.parties.removeLast() },
      { $0.division.split.parties[7].kind = .linearSVM },
      { $0.division.split.parties[7].classes = [1, 2] },
      { $0.division.training.epochs = 3 }, { $0.division.training.batchSize = 3 },
      { $0.division.training.learningRate = 3 }, { $0.division.training.weightDecay = 3 },
      { $0.division.training.shift = 3 }, { $0.rules.memberShare = 0.5 },
      { $0.rules.leastScore = 0.5 }, { $0.rules.greatestSpread = 0.5 },
      { $0.rules.learningRate = 0.5 }, { $0.rules.gradientCap = 0.5 },
      { $0.rules.objective = .score }, { $0.rules.scoreRule = .softmax },
      { $0.rules.wrongClass = .agreement }, { $0.rules.blockSize = 3 },
      { $0.rules.predictor = .krumMedoid }, { $0.plan.iterations = 3 }, { $0.plan.messages = 3 },
      { $0.plan.bogusShare = 0.2 }, { $0.plan.bogusClass = .random }, { $0.plan.searchLimit = 3 },
    ]
    var keys: Set = [cell.key]
    for change in changes {
      var other = cell
      change(&other)
      keys.insert(other.key)
    }
    #expect(keys.count == changes.count + 1)
    // But not its name.
    var renamed = cell
    renamed.division.name = "another"
    #expect(renamed.key == cell.key)
  }

  @Test func runsThatAreTheSameRunOnce() {
    var table = ResilienceTable()
    table.parties = [10, 20]
    table.seeds = [1, 2]
    // 1 + 3 + 3 of BEMA, 4 + 4 of HMR, for two numbers and two seeds; 4 to the letter.
    #expect(Set(table.cells.map(\.key)).count == 4 * 15 + 4)
    #expect(table.cell(.literal, parties: 20, share: 0, seed: 1) == nil)
    #expect(table.cell(.literal, parties: 10, share: 0, seed: 2) == nil)
    #expect(
      table.cell(.bemaRandom, parties: 10, share: 0, seed: 1)
        == table.cell(.bemaStrongest, parties: 10, share: 0, seed: 1))
    let twenty = PartyDivision(parties: 20, seed: 1)
    #expect(twenty.split.parties.count == 20 && twenty.split.publicImages == 500)

    let sweep = ParameterSweep()
    for parameter in SweptParameter.allCases {
      #expect(parameter.values.filter { sweep.isDefault(parameter, $0) }.count == 1)
      #expect(zip(parameter.values, parameter.values.dropFirst()).allSatisfy { $0 < $1 })
    }
    let others = SweptParameter.allCases.map { $0.values.count - 1 }.reduce(0, +)
    #expect(Set(sweep.cells.map(\.key)).count == 2 * (others + 1))
    // What is said of a run while it runs tells it from all others, but for the share and the seed.
    let names = sweep.cells.map { sweep.variation($0) }
    #expect(names.prefix(2) == [nil, nil] && Set(names).count == others + 1)
    #expect(sweep.variation(sweep.cell(.delta, 0.3, share: 0, seed: 1)) == "least score δ 0.3")
    #expect(ConvergenceFigure().cells.count == 8)
  }

  // MARK: The record

  @Test func aRecordIsReadBack() throws {
    let path = folder + "/runs.csv"
    var record = try CalibrationRecord(path: path)
    let values = [0.1 + 0.2, 1.0 / 3, 0.25]
    for (number, value) in values.enumerated() {
      try record.enter(curve(value, 1 - value), for: "run \(number), \"quoted\"; x")
      let back = try CalibrationRecord(path: path)
      for (earlier, value) in values.prefix(number + 1).enumerated() {
        #expect(back["run \(earlier), \"quoted\"; x"] == curve(value, 1 - value))
      }
    }
    #expect(try CalibrationRecord(path: path)["run 3, \"quoted\"; x"] == nil)
  }

  /// Runs with other images are other runs, whatever their settings.
  @Test func aRecordBelongsToItsImages() throws {
    let path = folder + "/bound.csv"
    var record = try CalibrationRecord(path: path)
    try record.belong(toImages: "a1")
    try record.enter(curve(0.5, 0.75), for: "run")
    var again = try CalibrationRecord(path: path)
    try again.belong(toImages: "a1")
    #expect(again["run"] == curve(0.5, 0.75))
    let error = #expect(throws: StorageError.self) { try again.belong(toImages: "a2") }
    #expect("\(try #require(error))".contains("other images"))
    // One that does not say of which.
    let silent = folder + "/silent.csv"
    var unbound = try CalibrationRecord(path: silent)
    try unbound.enter(curve(0.5, 0.75), for: "run")
    var read = try CalibrationRecord(path: silent)
    #expect(throws: StorageError.self) { try read.belong(toImages: "a1") }
  }

  @Test(arguments: [
    "a,b\n1,2\n", "run,iteration\nx,1\n",
    "run,iteration,accuracy,honest,bogus,valid_honest,valid_bogus,searched,seconds\n"
      + "x,0,0.5,0,0,,0,0,0\n",
    "run,iteration,accuracy,honest,bogus,valid_honest,valid_bogus,searched,seconds\n"
      + "x,0,0.5,0,0,0,0,-1,0\n",
  ])
  func filesThatAreNoRecord(text: String) throws {
    let path = folder + "/runs.csv"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: StorageError.self) { try CalibrationRecord(path: path) }
    let words = try #require(error).description
    #expect(words.contains("runs.csv") && !words.contains("\n"))
  }

  // MARK: Reports

  @Test func publishedFiguresStandBesideTheMeasuredOnes() throws {
    var table = ResilienceTable()
    table.parties = [10, 50]
    table.seeds = [1, 2]
    table.systems = [.bemaStrongest, .hmr]
    var record = CalibrationRecord()
    for (number, seed) in table.seeds.enumerated() {
      let cell = try #require(table.cell(.bemaStrongest, parties: 10, share: 0.5, seed: seed))
      try record.enter(curve(0.5, 0.8 + 0.1 * Double(number)), for: cell.key)
    }
    let report = table.report(of: record)
    let rows = report.table.rows
    #expect(report.table.header == ["parties: system", "before", "0 %", "10 %", "20 %", "50 %"])
    #expect(
      rows.first == [
        "10: BEMA, strongest wrong class", "0.5000 ± 0.0000", "-", "-", "-", "0.8500 ± 0.0707",
      ])
    #expect(rows[1] == ["10: BEMA, published", "-", "0.8401", "0.8372", "0.8134", "0.7692"])
    #expect(rows[4] == ["50: HMR, published", "-", "0.7587", "0.6945", "0.6120", "0.4162"])
    #expect(report.remarks.last == "30 runs are missing")
    // A share that the paper does not have.
    #expect(ResilienceTable.published(.bema, parties: 10, share: 0.3) == nil)
    #expect(ResilienceTable.published(.bema, parties: 30, share: 0.5) == nil)

    let files = try report.write(into: folder)
    #expect(files.map { $0.suffix(4) } == [".csv", "json", ".svg", ".png", ".svg", ".png"])
    let csv = try CSVTable(
      path: folder + "/bema-table-1.csv", options: CSVOptions(textColumns: ["system"]))
    #expect(csv.rowCount == 2 + 16)
    #expect(Array(csv[row: 1]) == [10, 0.5, 2, 0.5, 0.9, 7, 6, 5, 4, 1.25])
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: folder + "/bema-table-1.json")))
    let runs = try #require((json as? [String: Any])?["runs"] as? [[String: Any]])
    #expect(runs.count == 18)
    #expect((runs[0]["curve"] as? [Any])?.count == 2 && runs[17]["curve"] == nil)
  }

  @Test func aSweepMarksItsDefaultAndComparesItsEnds() throws {
    var sweep = ParameterSweep()
    sweep.parameters = [.delta, .blockSize]
    var record = CalibrationRecord()
    for cell in sweep.cells {
      // As the paper says: more passes with a lower δ, and attacks mislead more.
      let delta = Double(cell.rules.leastScore)
      let after = cell.plan.bogusShare == 0 ? 0.95 : 0.5 + delta / 3
      try record.enter(curve(0.5, after), for: cell.key)
    }
    let report = sweep.report(of: record)
    let marked = report.table.rows.filter { $0[0].hasSuffix("(default)") }.map { $0[0] }
    #expect(marked == ["least score δ: 0.6 (default)", "messages a block: 10 (default)"])
    let words = try #require(report.remarks.first { $0.hasPrefix("the paper: with a lower δ") })
    #expect(words.contains("delta 0 → 0.9"))
    #expect(words.contains("at 50 % bogus") && words.contains("0.5000 → 0.8000"))
    #expect(report.sheet.lines.count == 2 * (6 + 5))
    #expect(report.sheet.lines.filter { $0.numbers[1] == 1 }.count == 4)
    let names = report.charts.map(\.name)
    #expect(names == ["delta", "delta-messages", "block-size", "block-size-messages"])
    for (_, chart) in report.charts { #expect(try chart.png(scale: 0.5).count > 1000) }
  }

  @Test func aFigureHasAChartForEachCase() throws {
    var figure = ConvergenceFigure()
    figure.cases = [.b, .d]
    var record = CalibrationRecord()
    for cell in figure.cells { try record.enter(curve(0.5, 0.75), for: cell.key) }
    try record.enter(curve(0.9925, 0.9925), for: figure.centralised.key)
    let report = figure.report(of: record)
    #expect(report.centralised == 0.9925)
    #expect(report.charts.map(\.name) == ["case-b", "case-d"])
    #expect(report.table.rows.count == 5)
    #expect(report.table.rows[4] == ["centralised LeNet-5", "-", "0.9925", "-"])
    #expect(report.table.rows[3] == ["case D: HMR", "0.5000", "0.7500", "6"])
    #expect(report.sheet.lines.last?.texts == ["all", "centralised-lenet-5"])
  }
}
