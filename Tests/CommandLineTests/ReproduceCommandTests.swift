import Foundation
import Testing

/// `collabdict reproduce`: what is wrong with its words is said in one line. Whole runs take minutes;
/// the experiments have tests of their own.
@Suite struct ReproduceCommandTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func helpNamesTheExperiments() async throws {
    let outcome = try await Program.run(["reproduce", "--help"], in: directory.path)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("reproduce cleansing"))
    #expect(outcome.output.contains("reproduce detection"))
    let one = try await Program.run(["reproduce", "detection", "--help"], in: directory.path)
    #expect(one.status == 0 && one.output.contains("--data FOLDER"))
  }

  @Test(arguments: [
    ["reproduce"], ["reproduce", "detecton"],
    ["reproduce", "cleansing", "--data", "d", "--sets", "skap"],
    ["reproduce", "cleansing", "--data", "d", "--seeds", "0"],
    ["reproduce", "cleansing", "--data", "d", "extra"],
    ["reproduce", "bema-table-1", "--data", "d", "--parties", "15"],
    ["reproduce", "bema-table-1", "--data", "d", "--bogus", "2"],
    ["reproduce", "bema-table-1", "--data", "d", "--systems", "bem"],
    ["reproduce", "bema-table-1", "--data", "d", "--scale", "large"],
    ["reproduce", "bema-figure-6", "--data", "d", "--cases", "E"],
    ["reproduce", "bema-sweeps", "--data", "d", "--only", "delt"],
    ["reproduce", "bema-sweeps", "--data", "d", "--only", "delta,centralised"],
  ])
  func mistakesOnTheCommandLine(words: [String]) async throws {
    let outcome = try await Program.run(words, in: directory.path)
    #expect(outcome.status == 2)
    #expect(words.count == 1 || outcome.hasOneErrorLine)
  }

  @Test func dataThatAreNotThere() async throws {
    for set in ["tep", "skab", "asd"] {
      let outcome = try await Program.run(
        ["reproduce", "detection", "--data", "nowhere", "--sets", set, "-o", "out"],
        in: directory.path)
      #expect(outcome.status == 1)
      #expect(outcome.hasOneErrorLine)
      #expect(outcome.errors.contains("nowhere/"))
    }
  }

  @Test(arguments: ["bema-table-1", "bema-figure-6", "bema-sweeps"])
  func digitsThatAreNotThere(experiment: String) async throws {
    let outcome = try await Program.run(
      ["reproduce", experiment, "--data", "nowhere.h5", "-o", "out"], in: directory.path)
    #expect(outcome.status == 1)
    #expect(outcome.hasOneErrorLine)
    #expect(outcome.errors.contains("nowhere.h5"))
  }

  @Test func aFolderThatCannotBeMade() async throws {
    try Data().write(to: URL(fileURLWithPath: directory("file")))
    let outcome = try await Program.run(
      ["reproduce", "detection", "--data", "nowhere", "-o", "file/out"], in: directory.path)
    #expect(outcome.status == 1)
    #expect(outcome.hasOneErrorLine)
  }
}
