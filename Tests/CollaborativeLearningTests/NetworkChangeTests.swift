import CollaborativeLearning
import Testing

@Suite struct NetworkChangeTests {
  @Test func joiningNeedsAQuorumAndTheNewcomer() throws {
    let change = try sampleNetwork(4).joining(sampleMember(4))
    #expect(change.sequence == 1 && change.change == .join("plant-4"))
    #expect(change.presentMembers == [0, 1, 2, 3, 4])
    // Half is not enough, and the newcomer has no vote on itself.
    for signers in [[], [0, 1, 2], [0, 1, 2, 3], [4], [0, 4], [0, 1, 4]] {
      #expect(try !change.signed(by: signers).check().isValid, "\(signers)")
    }
    for signers in [[0, 1, 2, 4], [1, 2, 3, 4], [0, 1, 2, 3, 4]] {
      #expect(try change.signed(by: signers).check().isValid, "\(signers)")
    }
    let check = try change.signed(by: [1]).check()
    #expect(check.approvalsMissing == 2 && check.missing == ["plant-4"])
    #expect(check.undecided == ["plant-0", "plant-2", "plant-3"])
    #expect(
      check.description == "not valid yet; missing: the signature of plant-4 and 2 more approvals, "
        + "from plant-0, plant-2, plant-3")
  }

  @Test func leavingMarksAndKeepsIndices() throws {
    let change = try sampleNetwork(4).leaving("plant-1").signed(by: [1, 0, 2])
    #expect(change.check().isValid)
    #expect(change.presentMembers == [0, 2, 3])
    #expect(change.members.count == 4 && change.members[1].hasLeft)
    #expect(try change.index(of: sampleKeys(3).signing.verificationKey) == 3)
    #expect(change.quorum == 2)
  }

  @Test func leavingByOneselfNeedsAQuorum() throws {
    let change = try sampleNetwork(4).leaving("plant-1")
    for signers in [[1], [1, 0], [0, 2]] {
      #expect(try !change.signed(by: signers).check().isValid, "\(signers)")
    }
  }

  @Test func evictionNeedsAQuorumOfTheOthers() throws {
    let change = try sampleNetwork(5).leaving("plant-1")
    #expect(try !change.signed(by: [0, 2]).check().isValid)
    #expect(try change.signed(by: [0, 2, 4]).check().isValid)
  }

  @Test func twoChangesOfOneVersionCannotBothHold() throws {
    // Any two quorums of four share a member.
    let network = try sampleNetwork(4)
    for quorum in [[0, 1], [2, 3], [0, 3]] {
      #expect(try !network.leaving("plant-2").signed(by: quorum).check().isValid)
    }
  }

  @Test func whoLeftHasNoSayAnyMore() throws {
    let small = try sampleNetwork(5).leaving("plant-1").signed(by: [0, 2, 3])
    let change = try small.joining(sampleMember(6))
    let error = networkError { _ = try change.signed(by: sampleKeys(1)) }
    #expect(error?.problem == "plant-1 has left and has no say any more")
    let forged = try change.signedBlindly(by: [0, 1, 6])
    #expect(!forged.check().isValid)
    #expect(forged.check().problems.contains { $0.contains("plant-1 signed, but had left") })
    #expect(try change.signed(by: [0, 2, 3, 6]).check().isValid)
  }

  @Test func changesFollowOneAnother() throws {
    let first = try sampleNetwork(3)
    let second = try first.joining(sampleMember(3)).signed(by: [0, 1, 3])
    let third = try second.leaving("plant-0").signed(by: [0, 1, 3])
    let fourth = try third.joining(sampleMember(4)).signed(by: [2, 3, 4])
    #expect(fourth.check().isValid)
    #expect(fourth.presentMembers == [1, 2, 3, 4] && fourth.sequence == 3)
    #expect(fourth.predecessor?.predecessor?.predecessor == first)
    #expect(Set([first, second, third, fourth].map(\.digest)).count == 4)
  }

  @Test func anUnsignedNetworkCannotChange() throws {
    let network = try sampleNetwork(4, signedBy: [0, 1, 2])
    #expect(networkError { _ = try network.leaving("plant-1") }?.key == "signatures")
    #expect(networkError { _ = try network.joining(sampleMember(5)) }?.key == "signatures")
  }

  @Test func whatCannotChange() throws {
    let network = try sampleNetwork(4)
    #expect(
      networkError { _ = try network.leaving("plant-9") }?.problem
        == "there is no member of that name")
    #expect(networkError { _ = try network.joining(sampleMember(1)) } != nil)
    let three = try sampleNetwork(3)
    #expect(
      networkError { _ = try three.leaving("plant-1") }?.problem.contains("sum of two") == true)
    let gone = try network.leaving("plant-1").signed(by: [0, 2, 3])
    #expect(
      networkError { _ = try gone.leaving("plant-1") }?.problem == "plant-1 has left already")
    // Its name and keys stay its own, its address does not.
    #expect(networkError { _ = try gone.joining(sampleMember(1)) } != nil)
    let heir = try MemberKeys.random(
      name: "heir", address: sampleMember(1).address)
    #expect(try gone.joining(heir.card.member()).presentMembers.count == 4)
  }

  @Test func thresholdsStayWhenMembersLeave() throws {
    let five = try sampleNetwork(5)
    #expect(five.shares?.threshold == 3 && five.shares?.count == 5)
    let four = try five.leaving("plant-0").signed(by: [1, 2, 3])
    #expect(four.shares?.threshold == 3 && four.shares?.count == 4)
    let all = try sampleNetwork(4) { $0.privacy = .shamir(threshold: 4, count: 4) }
    #expect(networkError { _ = try all.leaving("plant-0") }?.key == "privacy")
  }

  @Test func listedLinksGrowWithTheirMembers() throws {
    func pair(_ a: Int, _ b: Int) -> NetworkLinks.Pair { .init("plant-\(a)", "plant-\(b)") }
    let star = try sampleNetwork(4) { $0.links = .pairs([pair(0, 1), pair(0, 2), pair(0, 3)]) }
    // Without plant-0 the others are apart, unless they are linked anew.
    #expect(networkError { _ = try star.leaving("plant-0") }?.key == "links")
    let ring = try star.leaving("plant-0", links: [pair(1, 2), pair(2, 3)]).signed(by: [1, 2, 3])
    #expect(ring.check().isValid)
    #expect(networkError { _ = try star.joining(sampleMember(4)) }?.key == "links")
    let grown = try star.joining(sampleMember(4), links: [pair(4, 2)]).signed(by: [0, 1, 2, 4])
    #expect(grown.check().isValid)
    // New links that are not the newcomer's.
    #expect(
      networkError { _ = try star.joining(sampleMember(4), links: [pair(4, 2), pair(1, 2)]) }?.key
        == "links")
    #expect(
      networkError { _ = try sampleNetwork(4).joining(sampleMember(4), links: [pair(4, 2)]) }?.key
        == "links")
  }

  @Test func mergedChangesKeepWhatTheyHold() throws {
    let change = try sampleNetwork(4).leaving("plant-1")
    let merged = try change.signed(by: [0, 2]).merged(with: change.signed(by: [3]))
    #expect(merged.check().isValid)
  }
}
