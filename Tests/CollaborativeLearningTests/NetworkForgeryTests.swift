import CollaborativeLearning
import Cryptography
import Testing

/// What a forger or a mistake could do to a signed network, and that it does not hold then.
@Suite struct NetworkForgeryTests {
  private func altered(_ member: Network.Member, _ part: String) throws -> Network.Member {
    let other = try sampleMember(8)
    return Network.Member(
      name: part == "name" ? other.name : member.name,
      address: part == "address" ? other.address : member.address,
      signingKey: part == "signing" ? other.signingKey : member.signingKey,
      transportKey: part == "transport" ? other.transportKey : member.transportKey,
      agreementKey: part == "agreement" ? other.agreementKey : member.agreementKey,
      hasLeft: part == "state")
  }

  static let parts = ["address", "signing", "transport", "agreement"]

  @Test(arguments: parts) func anAlteredMemberOfTheFirstVersion(part: String) throws {
    let network = try sampleNetwork(4)
    var members = network.members
    members[2] = try altered(members[2], part)
    let check = try network.forged(members: members).check()
    #expect(!check.isValid && check.problems.count == 4)
    #expect(check.signed.isEmpty)
  }

  @Test func otherwiseAlteredFirstVersions() throws {
    let network = try sampleNetwork(4)
    var terms = network.terms
    var forgeries = [
      try network.forged(name: "iron"), try network.forged(members: network.members.reversed()),
    ]
    terms.tolerance = 1e-8
    forgeries.append(try network.forged(terms: terms))
    let changes: [(inout NetworkTerms) -> Void] = [
      { $0.training.rounds = 1 }, { $0.training.seed = 1 }, { $0.variables = .count(4) },
      { $0.variables = .names(["a"]) }, { $0.links = .ring }, { $0.sum = .metropolis },
      { $0.privacy = .none }, { $0.deadlines.vote = 6 },
      { $0.privacy = .shamir(threshold: 2, count: 4) },
      {
        $0.links = .pairs([
          .init("plant-0", "plant-1"), .init("plant-1", "plant-2"), .init("plant-2", "plant-3"),
        ])
      },
    ]
    for change in changes {
      var terms = network.terms
      change(&terms)
      forgeries.append(try network.forged(terms: terms))
    }
    for forgery in forgeries {
      #expect(!forgery.check().isValid)
      #expect(networkError { _ = try forgery.signed(by: sampleKeys(0)) } != nil)
    }
    #expect(Set(forgeries.map(\.digest)).count == forgeries.count)
    #expect(!forgeries.map(\.digest).contains(network.digest))
  }

  /// Even when everybody signs it blindly: nothing but the change may differ.
  @Test(arguments: parts + ["name"]) func aChangeThatAltersAnotherMember(part: String) throws {
    let change = try sampleNetwork(4).joining(sampleMember(4))
    var members = change.members
    members[2] = try altered(members[2], part)
    let forged = try change.forged(members: members).signedBlindly(by: [0, 1, 3, 4])
    #expect(!forged.check().isValid)
    #expect(forged.check().problems.contains { $0.contains("plant-2") })
  }

  @Test func aChangeThatAltersATerm() throws {
    let change = try sampleNetwork(4).joining(sampleMember(4))
    let changes: [((inout NetworkTerms) -> Void, String)] = [
      ({ $0.training.rounds = 1 }, "rounds is 1 and was 1000"),
      ({ $0.variables = .count(4) }, "variables"), ({ $0.links = .ring }, "links"),
      ({ $0.sum = .paper }, "sum is paper"), ({ $0.privacy = .none }, "privacy is none"),
      ({ $0.tolerance = 1e-3 }, "tolerance"), ({ $0.deadlines.assembly = 1 }, "assembly"),
    ]
    for (alter, word) in changes {
      var terms = change.terms
      alter(&terms)
      let forged = try change.forged(terms: terms).signedBlindly(by: [0, 1, 2, 3, 4])
      #expect(!forged.check().isValid)
      #expect(forged.check().problems.contains { $0.contains(word) }, "\(forged.check())")
      #expect(networkError { _ = try forged.signed(by: sampleKeys(0)) }?.key == "network")
    }
  }

  @Test func aChangeOfTwoThings() throws {
    let network = try sampleNetwork(5)
    // More than enough, and none of whom the forgeries leave out.
    let everybody = [0, 1, 2, 3]
    let leave = try network.leaving("plant-1")
    let two = leave.members.map { member in
      member.name != "plant-2"
        ? member
        : Network.Member(
          name: member.name, address: member.address, signingKey: member.signingKey,
          transportKey: member.transportKey, agreementKey: member.agreementKey, hasLeft: true)
    }
    let join = leave.members + [try sampleMember(6)]
    for members in [two, join, network.members, leave.members.dropLast()] {
      let forged = try leave.forged(members: Array(members)).signedBlindly(by: everybody)
      #expect(!forged.check().isValid)
    }
    #expect(try !leave.forged(name: "iron").signedBlindly(by: everybody).check().isValid)
    #expect(try !leave.forged(sequence: 2).signedBlindly(by: everybody).check().isValid)
    for change in [Network.Change.leave("plant-2"), .leave("ghost"), .join("plant-1")] {
      #expect(try !leave.forged(change: change).signedBlindly(by: everybody).check().isValid)
    }
  }

  @Test func aWrongPredecessor() throws {
    let network = try sampleNetwork(4)
    let other = try sampleNetwork(4) { $0.training.rounds = 7 }
    let change = try network.joining(sampleMember(4)).signed(by: [0, 1, 2, 4])
    #expect(try !change.forged(predecessor: other).check().isValid)
    #expect(try !change.forged(predecessorDigest: other.digest).check().isValid)
    let unsigned = try sampleNetwork(4, signedBy: [0, 1])
    let check = try change.forged(predecessor: unsigned).check()
    #expect(!check.isValid)
    #expect(check.problems.contains { $0.contains("the version before it, number 0") })
  }

  @Test func signaturesOfTheVersionBefore() throws {
    let network = try sampleNetwork(4)
    let change = try network.leaving("plant-1")
    #expect(try !change.forged(signatures: network.signatures).check().isValid)
  }

  @Test func joiningWithoutTheNewcomersWord() throws {
    let change = try sampleNetwork(4).joining(sampleMember(4)).signed(by: [0, 1, 2, 3])
    #expect(change.check().missing == ["plant-4"])
    var signatures = change.signatures
    signatures["plant-4"] = signatures["plant-0"]
    #expect(try !change.forged(signatures: signatures).check().isValid)
  }
}
