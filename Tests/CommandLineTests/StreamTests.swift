import Foundation
import Storage
import Testing

@Suite struct StreamTests {
  /// The test rows of a machine as CSV text.
  private func table(_ workshop: Workshop, _ machine: String) throws -> String {
    let rows = try HDF5File(reading: workshop.directory("fleet.h5"))
      .read("/\(machine)/test", as: Float.self)
    var text = "v1,v2,v3,v4\n"
    for row in 0..<rows.count / 4 {
      text += rows[4 * row..<4 * row + 4].map { "\($0)" }.joined(separator: ",") + "\n"
    }
    return text
  }

  @Test func aStreamGivesTheScoresOfTheBatch() async throws {
    let workshop = try Workshop()
    try await workshop.train(["--rounds", "6"])
    _ = try await workshop.run("score", "model.h5", "fleet.h5", "-o", "scores.h5")
    let file = try HDF5File(reading: workshop.directory("scores.h5"))
    let expected = try file.read("/machine-2/scores", as: Double.self)
    let alarms = try file.read("/machine-2/alarms", as: Double.self)
    try Data(table(workshop, "machine-2").utf8).write(
      to: URL(fileURLWithPath: workshop.directory("rows.csv")))
    let outcome = try await Program.shell(
      "\"$PROGRAM\" score model.h5 --stream --as machine-2 < rows.csv",
      in: workshop.directory.path)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    try #require(lines.count == 121)
    #expect(lines[0] == "row,score,alarm,variable")
    for row in 0..<120 {
      let fields = lines[row + 1].split(separator: ",", omittingEmptySubsequences: false)
      try #require(fields.count == 4)
      #expect(Int(fields[0]) == row)
      #expect(Double(fields[1]) == expected[row])
      #expect(Double(fields[2]) == alarms[row])
      #expect(fields[3].isEmpty == (alarms[row] == 0))
    }
  }

  /// A row's score comes when the row comes, not when the stream ends.
  @Test func aScoreComesWithItsRow() async throws {
    let workshop = try Workshop()
    try await workshop.train()
    let input = Pipe()
    let running = try Program.start(
      ["score", "model.h5", "--stream", "--as", "machine-1"], in: workshop.directory.path,
      input: input.fileHandleForReading)
    for (number, line) in try table(workshop, "machine-1").split(separator: "\n").prefix(5)
      .enumerated()
    {
      try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
      if number == 0 { continue }
      // Not in vain without end.
      let deadline = ContinuousClock.now + .seconds(120)
      while running.isRunning && ContinuousClock.now < deadline {
        if try running.output.split(separator: "\n").count >= number { break }
        try await Task.sleep(for: .milliseconds(10))
      }
    }
    // The last row may still wait for what tells whether another one follows.
    #expect(try running.output.split(separator: "\n").count >= 4)
    try input.fileHandleForWriting.close()
    let outcome = try await running.outcome()
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: "\n").count == 5)
  }

  @Test func namesWithCommasStayOneField() async throws {
    let directory = try TemporaryDirectory()
    var text = "\"flow, inlet\";b\n"
    for row in 0..<80 { text += "\(sin(Double(row)));\(cos(Double(row)))\n" }
    try Data(text.utf8).write(to: URL(fileURLWithPath: directory("m.csv")))
    for line in [
      "import m.csv -o m.h5", "train m.h5 -o model.h5 --rounds 0 --latent 1 --window 1",
    ] {
      let arguments = line.split(separator: " ").map(String.init)
      let outcome = try await Program.run(arguments, in: directory.path)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    let outcome = try await Program.shell(
      "printf 'x,y\\n1000,0\\n1000,0\\n' | \"$PROGRAM\" score model.h5 --stream",
      in: directory.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasSuffix(",1,\"flow, inlet\"\n"), "\(outcome.output)")
  }

  @Test func brokenStreamsEndInOneLine() async throws {
    let workshop = try Workshop()
    try await workshop.train()
    for (rows, word) in [
      ("", "standard input"), ("a,b\\n1,2\\n", "the model has 4"),
      ("a,b,c,d\\n1,2,3,x\\n", "line 2"), ("a,b,c,d\\n1,2,3\\n", "line 2"),
    ] {
      let outcome = try await Program.shell(
        "printf '\(rows)' | \"$PROGRAM\" score model.h5 --stream --as machine-1",
        in: workshop.directory.path)
      #expect(outcome.status == 1, "\(rows)")
      #expect(outcome.hasOneErrorLine && outcome.errors.contains(word), "\(outcome.errors)")
    }
  }
}
