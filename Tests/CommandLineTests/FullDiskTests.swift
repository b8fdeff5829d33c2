import Foundation
import Testing

/// Places where nothing more can be written.
@Suite struct FullDiskTests {
  /// A limit on the size of files stands for a full disk.
  @Test(arguments: [
    "generate -o new.h5", "import big.csv -o new.h5", "train fleet.h5 -o new.h5 --rounds 2",
    "score model.h5 fleet.h5 -o new.h5", "score model.h5 fleet.h5 -o new.csv --csv",
    "score model.h5 fleet.h5 -o kept.h5",
  ])
  func aFullDiskLeavesEverythingAsItWas(command: String) async throws {
    let workshop = try Workshop()
    try await workshop.train()
    try Data("kept".utf8).write(to: URL(fileURLWithPath: workshop.directory("kept.h5")))
    var text = "a,b,c,d\n"
    for row in 0..<2000 { text += "\(row),\(sin(Double(row))),\(cos(Double(row))),1\n" }
    try Data(text.utf8).write(to: URL(fileURLWithPath: workshop.directory("big.csv")))
    let before = try workshop.directory.contents
    // In blocks of 512 bytes, or of 1024 where the shell counts so.
    let outcome = try await Program.shell(
      "ulimit -f 4; exec \"$PROGRAM\" \(command)", in: workshop.directory.path)
    #expect(outcome.status == 1 && !outcome.wasKilled, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.hasOneErrorLine, "\(outcome.errors)")
    #expect(outcome.errors.contains("limit on the size of a file"), "\(outcome.errors)")
    #expect(try workshop.directory.contents == before)
  }

  /// `/dev/full` takes nothing: results that nobody got are no success.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullStandardOutputIsAnError() async throws {
    let workshop = try Workshop()
    for command in ["inspect fleet.h5", "inspect fleet.h5 --json", "--help", "train --help"] {
      let outcome = try await Program.shell(
        "\"$PROGRAM\" \(command) > /dev/full", in: workshop.directory.path)
      #expect(outcome.status == 1 && outcome.hasOneErrorLine, "\(command): \(outcome.errors)")
    }
  }

  /// Whoever reads the other end may go at any time: no crash, and the work is done.
  @Test(arguments: ["", "trap '' PIPE; "])
  func aClosedPipeIsNoCrash(trap: String) async throws {
    let workshop = try Workshop()
    for command in [
      "inspect fleet.h5", "inspect absent.h5 2>&1", "train fleet.h5 -o model.h5 --rounds 2 2>&1",
      "nonsense 2>&1", "score model.h5 fleet.h5 -o scores.h5",
    ] {
      let outcome = try await Program.shell(
        "\(trap)exec 3>status; { sleep 0.05; \"$PROGRAM\" \(command); echo $? >&3; } | true; cat status",
        in: workshop.directory.path)
      let status = outcome.output.split(separator: "\n").first.flatMap { Int($0) }
      // 128 + SIGPIPE is how a program usually ends for want of readers.
      #expect(status.map { $0 < 3 || $0 == 128 + 13 } == true, "\(command): \(outcome)")
      #expect(!outcome.errors.contains("Illegal"), "\(outcome.errors)")
    }
    #expect(FileManager.default.fileExists(atPath: workshop.directory("model.h5")))
    #expect(FileManager.default.fileExists(atPath: workshop.directory("scores.h5")))
    let names = try workshop.directory.contents.keys
    #expect(!names.contains { $0.contains("partial") })
  }

  @Test func aDirectoryThatMayNotBeWritten() async throws {
    let workshop = try Workshop()
    try FileManager.default.createDirectory(
      atPath: workshop.directory("locked"), withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o555])
    // The superuser may write everywhere.
    if getuid() == 0 { return }
    try await workshop.expectRefusal(
      ["generate", "-o", "locked/new.h5"], status: 1, saying: ["not permitted"])
  }
}
