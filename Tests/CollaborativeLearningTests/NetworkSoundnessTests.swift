import CollaborativeLearning
import Cryptography
import Testing

@Suite struct NetworkSoundnessTests {
  private func error(
    _ numbers: [Int] = [0, 1, 2, 3], name: String = "steel",
    members change: (inout [Network.Member]) throws -> Void = { _ in }
  ) throws -> NetworkError? {
    var members = try numbers.map(sampleMember)
    try change(&members)
    let terms = NetworkTerms(members: members.count)
    return networkError { _ = try Network(name: name, members: members, terms: terms) }
  }

  /// The error of so many members with these terms.
  private func error(
    of count: Int = 4, _ change: (inout NetworkTerms) -> Void
  ) -> NetworkError? {
    networkError { _ = try sampleNetwork(count, signedBy: [], change) }
  }

  private func member(
    _ number: Int, name: String? = nil, address: Int? = nil, signing: VerificationKey? = nil,
    transport: AgreementPublicKey? = nil, hasLeft: Bool = false
  ) throws -> Network.Member {
    let own = try sampleMember(number)
    return Network.Member(
      name: name ?? own.name, address: try sampleMember(address ?? number).address,
      signingKey: signing ?? own.signingKey, transportKey: transport ?? own.transportKey,
      agreementKey: own.agreementKey, hasLeft: hasLeft)
  }

  @Test func fewerThanThreeMembers() throws {
    #expect(try error([0, 1, 2]) == nil)
    for numbers in [[], [0], [0, 1]] {
      let error = try error(numbers)
      #expect(error?.key == "members")
      #expect(error?.problem.contains("the sum of two tells each what the other has") == true)
    }
  }

  @Test func duplicates() throws {
    func key(_ replacement: Network.Member) throws -> String? {
      try error(members: { $0[2] = replacement })?.key
    }
    #expect(try key(member(2, name: "plant-0")) == "members[2].name")
    #expect(try key(member(2, name: "Plant-0")) == "members[2].name")
    #expect(try key(member(2, address: 1)) == "members[2].address")
    #expect(try key(member(2, signing: sampleMember(0).signingKey)) == "members[2].signing-key")
    #expect(
      try key(member(2, transport: sampleMember(0).transportKey)) == "members[2].transport-key")
    // One key for two purposes.
    #expect(
      try key(member(2, transport: sampleMember(2).agreementKey)) == "members[2].agreement-key")
    #expect(try key(member(2, hasLeft: true)) == "members[2].state")
  }

  @Test func keysThatKeepNoSecret() throws {
    let zero = AgreementPublicKey(bytes: [UInt8](repeating: 0, count: 32))
    let error = try error(members: { $0[1] = try member(1, transport: zero) })
    #expect(error?.key == "members[1].transport-key")
    #expect(error?.problem.contains("everybody") == true)
  }

  @Test(arguments: ["", "-a", ".a", "a b", "a/b", "a,b", "a:b", "ä", "a\n", "a\u{301}"])
  func badNames(name: String) throws {
    #expect(try error(name: name)?.key == "name")
    #expect(try error(members: { $0[1] = try member(1, name: name) })?.key == "members[1].name")
  }

  @Test func goodNames() {
    for name in ["a", "9", "plant-a", "Plant_7.north", String(repeating: "x", count: 64)] {
      #expect(NetworkName.isValid(name))
    }
    #expect(!NetworkName.isValid(String(repeating: "x", count: 65)))
  }

  @Test func privacyThatCannotBe() throws {
    func key(_ privacy: NetworkPrivacy) -> String? { error { $0.privacy = privacy }?.key }
    for (threshold, count) in [(1, 3), (0, 3), (4, 3), (2, 5), (5, 5), (-1, -1)] {
      #expect(key(.shamir(threshold: threshold, count: count)) == "privacy")
    }
    for (threshold, count) in [(2, 2), (2, 4), (4, 4), (2, 3)] {
      #expect(key(.shamir(threshold: threshold, count: count)) == nil)
    }
    #expect(key(.chunks(1)) == "privacy")
    #expect(key(.chunks(1025)) == "privacy")
    for privacy in [NetworkPrivacy.masks, .none, .chunks(2)] { #expect(key(privacy) == nil) }
  }

  @Test func theUsualPrivacy() {
    #expect(NetworkPrivacy.usual(members: 3) == .shamir(threshold: 2, count: 3))
    #expect(NetworkPrivacy.usual(members: 4) == .shamir(threshold: 3, count: 4))
    #expect(NetworkPrivacy.usual(members: 5) == .shamir(threshold: 3, count: 5))
    #expect(NetworkPrivacy.usual(members: 50) == .shamir(threshold: 3, count: 5))
  }

  @Test func termsThatCannotBe() throws {
    for (change, key) in [
      ({ $0.tolerance = 0 }, "tolerance"), ({ $0.tolerance = .nan }, "tolerance"),
      ({ $0.deadlines.vote = 0 }, "deadlines.vote"),
      ({ $0.deadlines.return = .infinity }, "deadlines.return"),
      ({ $0.variables = .count(0) }, "variables"),
      ({ $0.variables = .names(["a", "a"]) }, "variables"),
      ({ $0.variables = .names(["a\u{1B}[2J"]) }, "variables"),
      ({ ($0.training.linearPath, $0.training.hidden) = (false, []) }, "training"),
      // No setting can say this.
      ({ $0.training.optimiser = .adam(beta1: 0.5) }, "training"),
    ] as [((inout NetworkTerms) -> Void, String)] {
      #expect(error(of: 3, change)?.key == key)
    }
  }

  @Test func linksThatCannotBe() throws {
    func key(_ links: NetworkLinks) -> String? { error { $0.links = links }?.key }
    func pairs(_ text: String) -> NetworkLinks? {
      NetworkLinks(
        text.split(separator: " ").map { pair in
          pair.split(separator: "-").map { "plant-\($0)" }.joined(separator: ":")
        }.joined(separator: ","))
    }
    for good in ["0-1 1-2 2-3", "3-0 0-2 1-3"] {
      #expect(try key(#require(pairs(good))) == nil)
    }
    for (bad, place) in [
      ("0-1 2-3", "links"), ("0-1 1-2", "links"), ("0-1 1-2 2-3 3-2", "links[3]"),
      ("0-1 1-1", "links[1]"), ("0-1 1-7", "links[1]"),
    ] {
      #expect(try key(#require(pairs(bad))) == place)
    }
    #expect(key(.hypercube) == nil)
    #expect(error(of: 3) { $0.links = .hypercube }?.key == "links")
    #expect(key(.randomRegular(degree: 3)) == nil)
    for degree in [1, 4, -2] { #expect(key(.randomRegular(degree: degree)) == "links") }
    // Five members with three neighbours each would be 7.5 links.
    #expect(error(of: 5) { $0.links = .randomRegular(degree: 3) }?.key == "links")
  }

  @Test func partsThatGoTogether() throws {
    let first = try sampleNetwork(4)
    let change = try first.leaving("plant-1")
    #expect(networkError { _ = try change.forged(sequence: 0) }?.key == "change")
    #expect(networkError { _ = try first.forged(sequence: 1) }?.key == "change")
    #expect(networkError { _ = try first.forged(sequence: -1) }?.key == "sequence")
    #expect(networkError { _ = try change.forged(sequence: 65) }?.key == "sequence")
    #expect(networkError { _ = try first.forged(predecessor: first) }?.key == "predecessor")
  }
}
