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

  @Test func aFolderThatCannotBeMade() async throws {
    try Data().write(to: URL(fileURLWithPath: directory("file")))
    let outcome = try await Program.run(
      ["reproduce", "detection", "--data", "nowhere", "-o", "file/out"], in: directory.path)
    #expect(outcome.status == 1)
    #expect(outcome.hasOneErrorLine)
  }
}
