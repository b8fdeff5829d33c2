import Foundation
import Testing

/// Mistakes with networks: one line, the right exit code, nothing lost.
@Suite struct NetworkRefusalTests {
  @Test func networksThatCannotBe() async throws {
    let place = try await NetworkWorkshop("abc")
    let all = "network init plant-a.pub plant-b.pub plant-c.pub"
    try await place.refuse("\(all)", status: 2, "-o")
    try await place.refuse("network init -o n.json", status: 2, "public key files")
    try await place.refuse("network init plant-a.pub plant-b.pub -o n.json", "sum of two")
    try await place.refuse("\(all) plant-a.pub -o n.json", "plant-a is taken")
    try await place.refuse("\(all) plant-a.key -o n.json", "private key file")
    try await place.refuse("\(all) absent.pub -o n.json", "absent.pub")
    try await place.refuse("\(all) -o plant-a.pub --force", "input")
    for (options, word) in [
      ("--privacy shamir(1,3)", "threshold"), ("--privacy shamir(3,4)", "4 shares"),
      ("--privacy shamir", "shamir(t,n)"), ("--links hypercube", "hypercube"),
      ("--links plant-a:plant-b", "plant-c"), ("--links plant-a:plant-x", "plant-x"),
      ("--links wheel", "ring"), ("--sum exakt", "exact"), ("--tolerance 7", "tolerance"),
      ("--deadline-vote 0", "deadline-vote"), ("--rounds many", "rounds"), ("--ronds 3", "rounds"),
      ("--name a/b", "--name"), ("--variables a,a", "--variables"),
    ] {
      try await place.refuse("\(all) -o n.json \(options)", status: 2, word)
    }
    try place.write("run.json", "{ \"ronds\": 3 }")
    try await place.refuse("\(all) -o n.json --config run.json", "ronds", "rounds")
    try place.write("run.json", "{ \"rounds\": 3 }")
    try await place.run("\(all) -o n.json --config run.json --deadline-vote 7 --variables t,p")
    let text = try place.text("n.json")
    #expect(text.contains("\"rounds\": 3") && text.contains("\"vote\": 7"))
    #expect(text.contains("\"variables\": [\"t\", \"p\"]"))
    try await place.refuse("\(all) -o n.json", "n.json", "--force")
  }

  @Test func signaturesThatCannotBe() async throws {
    let place = try await NetworkWorkshop("abcd")
    try await place.network("abc", signedBy: "ab")
    let good = try place.text("network.json")
    try await place.refuse("network sign network.json", status: 2, "--key")
    try await place.refuse("network sign network.json --key plant-d.key", "no member's")
    try await place.refuse(
      "network sign network.json --key plant-a.pub", "plant-a.pub", "this is a public key file")
    try await place.refuse("network sign network.json --key absent.key", "absent.key")
    try await place.refuse("network sign plant-a.pub --key plant-a.key", "public key file")
    try await place.refuse("network join network.json plant-d.pub -o x.json", "plant-c")
    try place.setMode("plant-c.key", 0o640)
    try await place.refuse("network sign network.json --key plant-c.key", "chmod 600 plant-c.key")
    try place.setMode("plant-c.key", 0o600)

    for (old, new, word) in [
      ("\"rounds\": 500", "\"rounds\": 501", "altered"),
      ("tcp://b.example:47000", "tcp://evil.example:47000", "altered"),
      ("\"rounds\": 500", "\"ronds\": 500", "rounds"),
      ("\"rounds\": 500", "\"rounds\": 500, \"rounds\": 501", "twice"),
      ("\"signatures\"", "\"signature\"", "did you mean signatures?"),
    ] {
      try place.write("network.json", good.replacing(old, with: new))
      try await place.refuse("network sign network.json --key plant-c.key", "network.json", word)
    }
    // Who looks at it is told, too.
    try place.write("network.json", good.replacing("\"rounds\": 500", with: "\"rounds\": 501"))
    let report = try await place.show("network.json")
    #expect(report["valid"] as? Bool == false)
    #expect((report["problems"] as? [String])?.count == 2)
  }

  @Test func changesThatAreTamperedWith() async throws {
    let place = try await NetworkWorkshop("abcd")
    try await place.network("abc")
    try await place.run("network join network.json plant-d.pub -o change.json")
    let text = try place.text("change.json")
    // The change may not bring other settings along; the version that it holds stays as it was.
    let parts = text.components(separatedBy: "\"predecessor\":")
    try #require(parts.count == 2)
    func altered(_ part: String) -> String {
      part.replacing("\"rounds\": 500", with: "\"rounds\": 1")
    }
    try place.write("change.json", altered(parts[0]) + "\"predecessor\":" + parts[1])
    try await place.refuse(
      "network approve change.json --key plant-a.key", "rounds is 1 and was 500")
    try place.write("change.json", parts[0] + "\"predecessor\":" + altered(parts[1]))
    try await place.refuse(
      "network approve change.json --key plant-a.key", "another version before it")
  }

  @Test func commandsOfTwoWords() async throws {
    let place = try await NetworkWorkshop("")
    var output = try await place.run("network --help")
    for name in ["init", "sign", "merge", "show", "join", "leave", "approve"] {
      #expect(output.contains("network \(name) "))
      let help = try await place.run("network \(name) --help")
      #expect(help.contains("usage: collabdict network \(name) "))
    }
    output = try await place.run("--help")
    #expect(output.contains("\n  network ") && output.contains("\n  keygen "))
    try await place.refuse("network sing x.json", status: 2, "did you mean network sign?")
    try await place.refuse("network frobnicate", status: 2, "frobnicate")
    try await place.refuse("netwok show x", status: 2, "did you mean network?")
    try await place.refuse("network sign", status: 2, "one network file")
    try await place.refuse("network leave x.json -o y.json", status: 2, "--member")
  }
}
