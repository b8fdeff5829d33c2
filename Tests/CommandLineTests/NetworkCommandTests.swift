import Foundation
import Testing

/// Keys and networks through the built program.
@Suite struct NetworkCommandTests {
  @Test func keys() async throws {
    let place = try await NetworkWorkshop("a")
    #expect(try place.mode("plant-a.key") == 0o600)
    #expect(try place.text("plant-a.pub").contains("\"name\": \"plant-a\""))
    try await place.refuse("keygen -o plant-a.key", "plant-a.key", "--force")
    let before = try place.text("plant-a.key")
    try place.setMode("plant-a.key", 0o644)
    try await place.run("keygen -o plant-a.key --name other --force")
    #expect(try place.mode("plant-a.key") == 0o600)
    #expect(try place.text("plant-a.key") != before)
    #expect(try place.text("plant-a.pub").contains("\"name\": \"other\""))
    try await place.refuse("keygen", status: 2, "-o")
    try await place.refuse("keygen -o x.pub", status: 2, "x.pub")
    try await place.refuse("keygen -o x.key --name a/b", status: 2, "a/b", "letters")
    try await place.refuse("keygen -o x.key --address plant:1", status: 2, "tcp://host:port")
    try await place.refuse("keygen -o x.key --address tcp://a:65536", status: 2, "65535")
    try await place.refuse("keygen -o no/x.key", "no such file")
  }

  @Test func everybodySignsTheSameFile() async throws {
    let place = try await NetworkWorkshop()
    try await place.network(signedBy: "")
    var output = try await place.run("network sign network.json --key plant-a.key")
    for words in [
      "rounds 500", "shamir(2,3)", "assembly 60 s", "plant-b", "signed by plant-a",
      "missing: the signature of plant-b, plant-c",
    ] {
      #expect(output.contains(words), "\(words) in \(output)")
    }
    try await place.run("network sign network.json --key plant-b.key")
    #expect(try await place.show("network.json")["valid"] as? Bool == false)
    try await place.run("network sign network.json --key plant-c.key")
    output = try await place.run("network show network.json")
    #expect(output.contains("valid, signed by plant-a, plant-b, plant-c"))
    #expect(try await place.show("network.json")["valid"] as? Bool == true)
    let before = try place.text("network.json")
    output = try await place.run("network sign network.json --key plant-c.key")
    #expect(output.contains("has signed this before"))
    #expect(try place.text("network.json") == before)
    #expect(!before.contains("secret"))
  }

  @Test func copiesAreMerged() async throws {
    let place = try await NetworkWorkshop()
    try await place.network(signedBy: "")
    for plant in "abc" {
      try place.write("\(plant).json", place.text("network.json"))
      try await place.run("network sign \(plant).json --key plant-\(plant).key")
    }
    try await place.run("network merge a.json b.json c.json -o all.json")
    #expect(try await place.show("all.json")["valid"] as? Bool == true)
    try await place.run("network merge network.json all.json -o network.json")
    #expect(try place.text("network.json") == place.text("all.json"))
    try await place.run("network init plant-a.pub plant-b.pub plant-c.pub -o other.json")
    try await place.refuse("network merge a.json other.json -o x.json", "other.json", "digest")
    try await place.refuse("network merge a.json b.json -o c.json", "c.json", "--force")
    try await place.refuse("network merge a.json -o x.json", status: 2, "two copies")
  }

  @Test func joiningAndLeaving() async throws {
    let place = try await NetworkWorkshop("abcd")
    try await place.network("abc")
    try await place.run("network join network.json plant-d.pub -o change.json --key plant-a.key")
    var output = try await place.run("network approve change.json --key plant-b.key")
    #expect(output.contains("missing: the signature of plant-d"))
    output = try await place.run("network approve change.json --key plant-d.key")
    #expect(output.contains("valid, signed by plant-a, plant-b, plant-d"))

    try await place.run(
      "network leave change.json --member plant-b -o left.json --key plant-b.key")
    output = try await place.run("network approve left.json --key plant-c.key")
    #expect(output.contains("missing: 1 more approval, from plant-a, plant-d"))
    try await place.run("network approve left.json --key plant-a.key")
    let report = try await place.show("left.json")
    #expect(report["valid"] as? Bool == true && report["sequence"] as? Int == 2)
    let states = (report["members"] as? [[String: Any]])?.map { $0["state"] as? String }
    #expect(states == ["member", "left", "member", "member"])

    // Against its will, and it has no say afterwards.
    try await place.run("keygen -o plant-e.key --address tcp://e.example:1")
    try await place.run("network join left.json plant-e.pub -o grown.json")
    try await place.refuse("network approve grown.json --key plant-b.key", "plant-b has left")
    try await place.refuse("network leave left.json --member plant-a -o x.json", "sum of two")
    try await place.refuse("network leave left.json --member plant-x -o x.json", "did you mean")
    try await place.refuse("network join grown.json plant-b.pub -o x.json", "not valid yet")
    try await place.refuse("network join left.json plant-b.pub -o x.json", "plant-b is taken")
    try await place.refuse("network approve network.json --key plant-a.key", "network sign")
  }

  @Test func membersAreReachedSomewhere() async throws {
    let place = try await NetworkWorkshop("ab")
    try await place.run("keygen -o plant-c.key")
    let line = "network init plant-a.pub plant-b.pub plant-c.pub -o n.json"
    try await place.refuse(line, "plant-c.pub", "--address plant-c=tcp://host:port")
    try await place.refuse("\(line) --address plant-x=tcp://c:1", "plant-c.pub")
    try await place.refuse("\(line) --address tcp://c:1", status: 2, "NAME=")
    try await place.refuse(
      "\(line) --address plant-c=tcp://c:1 --address plant-d=tcp://c:2", status: 2, "plant-d")
    try await place.run("\(line) --address plant-c=tcp://[::1]:1")
    #expect(try place.text("n.json").contains("tcp://[::1]:1"))
  }
}
