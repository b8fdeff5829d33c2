import Foundation
import Storage
import Testing

/// Files that cannot be worked with: exit code 1, one line, no file touched.
@Suite struct BadFileTests {
  private static let rows: [Float] = (0..<160).map { Float(($0 * 37) % 101) }

  /// Writes a sensor file with one machine of two variables, changed by `body`.
  private func write(
    _ name: String, in workshop: Workshop,
    _ body: (borrowing HDF5Writer) throws -> Void
  ) throws {
    let writer = try HDF5Writer(replacing: workshop.directory(name))
    try body(writer)
    try writer.commit()
  }

  private func refuse(
    _ workshop: Workshop, _ file: String, saying words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await workshop.expectRefusal(
      ["train", file, "-o", "out.h5", "--rounds", "1"], status: 1, saying: [file] + words,
      sourceLocation: sourceLocation)
  }

  @Test func filesThatAreNoSensorFiles() async throws {
    let workshop = try Workshop()
    let directory = workshop.directory
    try Data("hello\n".utf8).write(to: URL(fileURLWithPath: directory("text.h5")))
    try Data().write(to: URL(fileURLWithPath: directory("empty.h5")))
    let whole = try Data(contentsOf: URL(fileURLWithPath: directory("fleet.h5")))
    for share in [0.02, 0.5, 0.99] {
      let part = whole.prefix(Int(share * Double(whole.count)))
      try part.write(to: URL(fileURLWithPath: directory("part\(share).h5")))
      for command in [["inspect"], ["train", "-o", "out.h5"], ["score", "-o", "o", "fleet.h5"]] {
        try await workshop.expectRefusal(
          command + ["part\(share).h5"], status: 1,
          saying: command[0] == "score" ? [] : ["part\(share).h5"])
      }
    }
    try FileManager.default.createDirectory(
      atPath: directory("folder.h5"), withIntermediateDirectories: false)
    for name in ["absent.h5", "text.h5", "empty.h5", "folder.h5"] {
      try await refuse(workshop, name)
      try await workshop.expectRefusal(["inspect", name], status: 1, saying: [name])
      try await workshop.expectRefusal(
        ["score", name, "fleet.h5", "-o", "out.h5"], status: 1, saying: [name])
    }
  }

  @Test func rowsOfTheWrongKind() async throws {
    let workshop = try Workshop()
    let rows = Self.rows
    try write("rank.h5", in: workshop) { try $0.write(rows, shape: [160], to: "/a/train") }
    try write("deep.h5", in: workshop) { try $0.write(rows, shape: [8, 10, 2], to: "/a/train") }
    try write("norows.h5", in: workshop) { try $0.write([Float](), shape: [0, 2], to: "/a/train") }
    try write("few.h5", in: workshop) {
      try $0.write(Array(rows[..<30]), shape: [15, 2], to: "/a/train")
    }
    try write("still.h5", in: workshop) {
      try $0.write([Float](repeating: 3, count: 160), shape: [80, 2], to: "/a/train")
    }
    try write("infinite.h5", in: workshop) {
      var broken = rows
      broken[17] = .infinity
      try $0.write(broken, shape: [80, 2], to: "/a/train")
    }
    try write("widths.h5", in: workshop) {
      try $0.write(rows, shape: [80, 2], to: "/a/train")
      try $0.write(rows, shape: [40, 4], to: "/b/train")
    }
    try write("nothing.h5", in: workshop) { try $0.createGroup("/a/train") }
    try write("names.h5", in: workshop) {
      try $0.write(rows, shape: [80, 2], to: "/a/train")
      try $0.setAttribute("variables", to: .strings(["one", "two", "three"]))
    }
    try await refuse(workshop, "rank.h5", saying: "/a/train", "rank 1")
    try await refuse(workshop, "deep.h5", saying: "/a/train", "rank 3")
    try await refuse(workshop, "norows.h5", saying: "no training rows")
    try await refuse(workshop, "few.h5", saying: "15 training rows")
    try await refuse(workshop, "still.h5", saying: "constant")
    try await refuse(workshop, "infinite.h5", saying: "infinite", "column 2")
    try await refuse(workshop, "widths.h5", saying: "a has 2 variables and b has 4")
    try await refuse(workshop, "nothing.h5", saying: "train")
    try await refuse(workshop, "names.h5", saying: "3 names for 2 variables")
  }

  @Test func labelsOutsideZeroAndOne() async throws {
    let workshop = try Workshop()
    let rows = Self.rows
    for (name, label) in [("two", 2.0), ("half", 0.5), ("nan", Double.nan), ("minus", -1)] {
      try write("\(name).h5", in: workshop) {
        var labels = [Double](repeating: 0, count: 80)
        labels[3] = label
        try $0.write(rows, shape: [80, 2], to: "/a/train")
        try $0.write(rows, shape: [80, 2], to: "/a/test")
        try $0.write(labels, shape: [80], to: "/a/test_labels")
      }
      try await refuse(workshop, "\(name).h5", saying: "row 3", "neither 0 nor 1")
    }
    try write("short.h5", in: workshop) {
      try $0.write(rows, shape: [80, 2], to: "/a/test")
      try $0.write([1.0, 0], shape: [2], to: "/a/test_labels")
    }
    try await refuse(workshop, "short.h5", saying: "2 labels for 80 rows")
  }

  @Test func layoutsThatTheFileHasNot() async throws {
    let workshop = try Workshop()
    let train = ["train", "fleet.h5", "-o", "out.h5"]
    try await workshop.expectRefusal(
      train + ["--train", "/machine-1/train"], status: 1, saying: ["{participant}"])
    try await workshop.expectRefusal(
      train + ["--train", "/{participant}/x", "--test", "/{participant}/y"], status: 1,
      saying: ["no data set matches"])
    try await workshop.expectRefusal(
      train + ["--participants", "machine-7"], status: 1, saying: ["machine-7", "machine-1"])
    try await workshop.expectRefusal(
      train + ["--latent", "50"], status: 1, saying: ["50 latent variables"])
  }

  /// An infinite reading in rows to score is no reason to fall over.
  @Test func infiniteReadingsInTestRowsAreScored() async throws {
    let workshop = try Workshop()
    try write("infinite.h5", in: workshop) {
      var rows = Self.rows
      for place in stride(from: 5, to: 160, by: 23) {
        rows[place] = place % 2 == 0 ? .infinity : -.infinity
      }
      try $0.write(Self.rows, shape: [80, 2], to: "/a/train")
      try $0.write(rows, shape: [80, 2], to: "/a/test")
      try $0.write((0..<80).map { $0 % 9 == 0 ? 1.0 : 0 }, shape: [80], to: "/a/test_labels")
    }
    for arguments in [
      ["train", "infinite.h5", "-o", "model.h5", "--rounds", "0", "--latent", "1"],
      ["score", "model.h5", "infinite.h5", "-o", "scores.h5"],
      ["evaluate", "model.h5", "infinite.h5"],
    ] {
      let outcome = try await Program.run(arguments, in: workshop.directory.path)
      #expect(outcome.status == 0 && !outcome.wasKilled, "\(arguments): \(outcome.errors)")
    }
    let scores = try HDF5File(reading: workshop.directory("scores.h5"))
      .read("/a/scores", as: Double.self)
    #expect(scores.allSatisfy { $0.isFinite })
  }

  /// Sensor files of other programs may have an attribute `format`.
  @Test func aForeignFormatAttributeDoesNotMatter() async throws {
    let workshop = try Workshop()
    try write("plant.h5", in: workshop) {
      try $0.setAttribute("format", to: .string("plant export 3"))
      try $0.write(Self.rows, shape: [80, 2], to: "/a/train")
    }
    let outcome = try await workshop.run("inspect", "plant.h5")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func outputsThatWouldOverwriteInputs() async throws {
    let workshop = try Workshop()
    let directory = workshop.directory
    try await workshop.train()
    let files = FileManager.default
    try files.createSymbolicLink(
      atPath: directory("link.h5"), withDestinationPath: directory("fleet.h5"))
    try files.linkItem(atPath: directory("fleet.h5"), toPath: directory("hard.h5"))
    try files.linkItem(atPath: directory("fleet.h5"), toPath: directory("next.h5.checkpoint"))
    try Data("x,y\n1,2\n".utf8).write(to: URL(fileURLWithPath: directory("a.csv")))
    try Data("{}".utf8).write(to: URL(fileURLWithPath: directory("run.json")))
    for arguments in [
      ["train", "fleet.h5", "-o", "fleet.h5"],
      ["train", "fleet.h5", "-o", "link.h5"],
      ["train", "link.h5", "-o", "./fleet.h5"],
      ["train", "fleet.h5", "-o", "hard.h5"],
      ["train", "next.h5.checkpoint", "-o", "next.h5", "--rounds", "1"],
      ["train", "fleet.h5", "--config", "run.json", "-o", "run.json"],
      ["score", "model.h5", "fleet.h5", "-o", "fleet.h5"],
      ["score", "model.h5", "fleet.h5", "-o", "model.h5"],
      ["score", "model.h5", "fleet.h5", "-o", "link.h5", "--csv"],
      ["import", "a.csv", "-o", "a.csv"],
      ["export", "model.h5", "-o", "model.h5"],
    ] {
      try await workshop.expectRefusal(arguments, status: 1, saying: ["the same file"])
    }
  }

  @Test func outputsThatCannotBeWritten() async throws {
    let workshop = try Workshop()
    try await workshop.train()
    // Before training, not after it: so many rounds would take hours.
    for output in ["nowhere/out.h5", ".", "/dev/null", "fleet.h5/out.h5"] {
      try await workshop.expectRefusal(
        ["train", "fleet.h5", "-o", output, "--rounds", "100000000", "--patience", "1000000"],
        status: 1)
      try await workshop.expectRefusal(
        ["score", "model.h5", "fleet.h5", "-o", output], status: 1)
    }
  }
}
