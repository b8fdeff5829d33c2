import Foundation
import Testing

/// Mistakes on the command line: exit code 2, one line, no file touched.
@Suite struct BadOptionTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let arguments: [String]
    let words: [String]

    init(_ line: String, _ words: String...) {
      arguments = line.split(separator: " ").map(String.init)
      self.words = words
    }

    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let cases = [
    Case("trian fleet.h5 -o x.h5", "trian", "train"),
    Case("xyzzyplugh", "xyzzyplugh"),
    Case("train", "one sensor file"),
    Case("train fleet.h5", "-o"),
    Case("train fleet.h5 other.h5 -o x.h5", "other.h5"),
    Case("train fleet.h5 -o", "--output"),
    Case("train fleet.h5 -o x.h5 --ronds 5", "--ronds", "--rounds"),
    Case("train fleet.h5 -o x.h5 -r 5", "-r"),
    Case("train fleet.h5 -o x.h5 --rounds", "--rounds"),
    Case("train fleet.h5 -o x.h5 --rounds=many", "many", "whole number"),
    Case("train fleet.h5 -o x.h5 --rounds -1", "-1"),
    Case("train fleet.h5 -o x.h5 --rounds 1e99", "1e99"),
    Case("train fleet.h5 -o x.h5 --learning-rate nan", "nan"),
    Case("train fleet.h5 -o x.h5 --learning-rate inf", "inf"),
    Case("train fleet.h5 -o x.h5 --hidden 4,x", "hidden"),
    Case("train fleet.h5 -o x.h5 --hidden 0", "hidden"),
    Case("train fleet.h5 -o x.h5 --hidden none --linear-path false", "linear-path"),
    Case("train fleet.h5 -o x.h5 --observation poisson", "gaussian"),
    Case("train fleet.h5 -o x.h5 --observation student-t(0)", "student-t"),
    Case("train fleet.h5 -o x.h5 --scale per-varible", "per-variable"),
    Case("train fleet.h5 -o x.h5 --threads 0", "threads"),
    Case("train fleet.h5 -o x.h5 --resume --rounds 5", "--rounds"),
    Case("train fleet.h5 -o x.h5 --resume", "nothing to resume"),
    Case("train fleet.h5 -o x.h5 --resume=yes", "no value"),
    Case("train fleet.h5 -o x.h5 --split 2", "split"),
    Case("generate -o x.h5 --participants 0", "participants"),
    Case("generate -o x.h5 fleet.h5", "fleet.h5"),
    Case("generate -o x.h5 --faults 100 --test-rows 50", "test rows"),
    Case("generate -o x.h5 --train-rows 10000000 --variables 10000", "smaller"),
    Case("import -o x.h5", "CSV"),
    Case("import a.csv -o x.h5 --separator ab", "one character"),
    Case("score model.h5", "data file"),
    Case("score model.h5 fleet.h5", "-o"),
    Case("score model.h5 --stream --json --as machine-1", "--json"),
    Case("score model.h5 --stream", "--as"),
    Case("score model.h5 fleet.h5 -o x.h5 --threshold high", "threshold"),
    Case("score model.h5 fleet.h5 -o x.h5 --false-alarm-rate 2", "false-alarm-rate"),
    Case("score model.h5 fleet.h5 -o x.h5 --threshold-rule magic", "conformal"),
    Case("evaluate model.h5", "data file"),
    Case("evaluate model.h5 fleet.h5 --jsno", "--json"),
    Case("export model.h5", "-o"),
  ]

  @Test func aMistakeGetsOneLine() async throws {
    let workshop = try Workshop()
    try Data("a,b\n1,2\n".utf8).write(to: URL(fileURLWithPath: workshop.directory("a.csv")))
    try await workshop.train()
    for mistake in Self.cases {
      try await workshop.expectRefusal(mistake.arguments, status: 2, saying: mistake.words)
    }
  }

  @Test func lineBreaksInWordsMakeNoLines() async throws {
    let workshop = try Workshop()
    try await workshop.expectRefusal(["train", "fleet.h5", "--no\nway"], status: 2)
    try await workshop.expectRefusal(["tr\nain"], status: 2)
    try await workshop.expectRefusal(["inspect", "no\nfile.h5"], status: 1)
  }

  @Test func configurationFiles() async throws {
    let workshop = try Workshop()
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: workshop.directory(name)))
    }
    try write("list.json", "[1, 2]")
    try write("broken.json", "{ \"rounds\": ")
    try write("unknown.json", "{ \"ronds\": 5 }")
    try write("wrong.json", "{ \"rounds\": \"many\" }")
    try write("null.json", "{ \"rounds\": null }")
    try write("good.json", "{ \"rounds\": 2, \"hidden\": [4, 3], \"linear-path\": true }")
    let cases = [
      ("absent", ["absent.json"]), ("list", ["object"]), ("broken", ["object"]),
      ("unknown", ["ronds", "rounds"]), ("wrong", ["many"]), ("null", ["null"]),
    ]
    for (name, words) in cases {
      try await workshop.expectRefusal(
        ["train", "fleet.h5", "-o", "x.h5", "--config", "\(name).json"], status: 1, saying: words)
    }
    let outcome = try await workshop.run(
      "train", "fleet.h5", "-o", "x.h5", "--config", "good.json", "--json", "--seed", "7")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("\"hidden\" : \"4,3\""))
    #expect(outcome.output.contains("\"seed\" : \"7\""))
  }
}
