import Foundation
import Storage
import Testing

@Suite struct WholeJobTests {
  @Test func generateInspectTrainScoreEvaluate() async throws {
    let directory = try TemporaryDirectory()
    func run(_ arguments: String...) async throws -> String {
      let outcome = try await Program.run(arguments, in: directory.path)
      #expect(outcome.status == 0 && !outcome.wasKilled, "\(arguments): \(outcome.errors)")
      return outcome.output
    }
    _ = try await run(
      "generate", "-o", "fleet.h5", "--participants", "2", "--variables", "5", "--states", "2",
      "--train-rows", "200", "--test-rows", "160", "--faults", "4", "--seed", "3")
    let inspection = try await run("inspect", "fleet.h5")
    #expect(inspection.contains("machine-2") && inspection.contains("pressure 1"))
    let training = try await run(
      "train", "fleet.h5", "-o", "model.h5", "--rounds", "10", "--hidden", "4", "--batch-size",
      "16", "--validation-interval", "5")
    #expect(training.contains("machine-1"))
    let scoring = try await run("score", "model.h5", "fleet.h5", "-o", "scores.h5")
    #expect(scoring.contains("alarms"))
    let evaluation = try await run("evaluate", "model.h5", "fleet.h5", "--alone", "--pooled")
    for column in ["together", "start", "all ones", "random", "mahalanobis", "alone", "pooled"] {
      #expect(evaluation.contains(column))
    }
    _ = try await run("inspect", "model.h5")
    #expect(
      try directory.contents.keys.sorted() == ["fleet.h5", "model.h5", "scores.h5"])

    let scores = try HDF5File(reading: directory("scores.h5"))
    for machine in ["machine-1", "machine-2"] {
      #expect(try scores.dataSet("/\(machine)/scores").shape == [160])
      #expect(try scores.dataSet("/\(machine)/variable_scores").shape == [160, 5])
      #expect(try scores.dataSet("/\(machine)/reconstruction").shape == [160, 5])
      let values = try scores.read("/\(machine)/scores", as: Double.self)
      let parts = try scores.read("/\(machine)/variable_scores", as: Double.self)
      let alarms = try scores.read("/\(machine)/alarms", as: Double.self)
      guard case .number(let threshold)? = try scores.attribute("threshold", of: "/\(machine)")
      else { return #expect(Bool(false), "no threshold") }
      for row in 0..<160 {
        #expect(values[row].isFinite)
        #expect((alarms[row] == 1) == (values[row] > threshold))
        let sum = parts[row * 5..<row * 5 + 5].reduce(0, +)
        #expect(abs(sum - values[row]) < 1e-9 * max(1, abs(values[row])))
      }
    }
  }

  @Test func theSameSeedGivesTheSameFiles() async throws {
    let directory = try TemporaryDirectory()
    for name in ["a.h5", "b.h5", "c.h5"] {
      _ = try await Program.run(
        [
          "generate", "-o", name, "--participants", "1", "--train-rows", "50", "--test-rows", "50",
          "--seed", name == "c.h5" ? "2" : "1",
        ], in: directory.path)
    }
    func rows(_ name: String) throws -> [Float] {
      try HDF5File(reading: directory(name)).read("/machine-1/train", as: Float.self)
    }
    #expect(try rows("a.h5") == rows("b.h5"))
    #expect(try rows("a.h5") != rows("c.h5"))
  }

  @Test func threadsDoNotChangeTheModel() async throws {
    let workshop = try Workshop()
    try await workshop.train(["--rounds", "12", "--threads", "1"], output: "one.h5")
    try await workshop.train(["--rounds", "12", "--threads", "3"], output: "three.h5")
    #expect(try workshop.theta(of: "one.h5") == workshop.theta(of: "three.h5"))
  }

  @Test func importedTablesTrainAndScore() async throws {
    let directory = try TemporaryDirectory()
    for (name, phase) in [("valve", 0.0), ("pump", 1.0)] {
      var text = "datetime;flow;pressure;anomaly;changepoint\n"
      for row in 0..<120 {
        let t = Double(row) / 7 + phase
        text += "2020-03-01 10:00:\(row % 60);\(sin(t));\(cos(t) + 0.1 * sin(9 * t));"
        text += "\(row > 100 ? 1 : 0);0\n"
      }
      try Data(text.utf8).write(to: URL(fileURLWithPath: directory("\(name).csv")))
    }
    for arguments in [
      [
        "import", "valve.csv", "pump.csv", "-o", "plant.h5", "--separator", ";", "--time",
        "datetime", "--label", "anomaly", "--drop", "changepoint", "--train-rows", "80",
      ],
      ["train", "plant.h5", "-o", "model.h5", "--rounds", "3"],
      ["score", "model.h5", "plant.h5", "-o", "scores.csv", "--csv"],
      ["score", "model.h5", "plant.h5", "-o", "as.h5", "--as", "pump"],
      ["evaluate", "model.h5", "plant.h5"],
    ] {
      let outcome = try await Program.run(arguments, in: directory.path)
      #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    }
    let lines = try directory.text(of: "scores.csv").split(separator: "\n")
    #expect(lines.count == 1 + 2 * 40)
    #expect(lines[1].split(separator: ",")[1] == "0")
    #expect(lines[0] == "participant,row,alarm,score,part of flow,part of pressure")
  }

  @Test func helpIsThereForEveryCommand() async throws {
    let directory = try TemporaryDirectory()
    let overview = try await Program.run(["--help"], in: directory.path)
    #expect(overview.status == 0)
    for command in ["generate", "import", "inspect", "train", "score", "evaluate", "export"] {
      #expect(overview.output.contains("  \(command)"))
      let outcome = try await Program.run([command, "--help"], in: directory.path)
      #expect(outcome.status == 0 && outcome.output.contains("usage: collabdict \(command)"))
      #expect(outcome.errors.isEmpty)
    }
  }
}
