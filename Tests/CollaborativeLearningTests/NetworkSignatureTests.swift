import CollaborativeLearning
import Cryptography
import Testing

@Suite struct NetworkSignatureTests {
  @Test func theFirstVersionNeedsEverybody() throws {
    var network = try sampleNetwork(3, signedBy: [])
    #expect(network.check().missing == ["plant-0", "plant-1", "plant-2"])
    for number in [2, 0, 1] {
      #expect(!network.check().isValid)
      network = try network.signed(by: sampleKeys(number))
    }
    let check = network.check()
    #expect(check.isValid && check.missing.isEmpty && check.problems.isEmpty)
    #expect(check.signed == ["plant-0", "plant-1", "plant-2"])
    #expect(check.description == "valid, signed by plant-0, plant-1, plant-2")
  }

  @Test func aMissingSignatureIsNamed() throws {
    let check = try sampleNetwork(3, signedBy: [0, 2]).check()
    #expect(!check.isValid && check.problems.isEmpty)
    #expect(check.description == "not valid yet; missing: the signature of plant-1")
  }

  @Test func signingTwiceChangesNothing() throws {
    let network = try sampleNetwork(3)
    #expect(try network.signed(by: sampleKeys(1)) == network)
  }

  @Test func signaturesAreNoPartOfTheDigest() throws {
    #expect(try sampleNetwork(3).digest == sampleNetwork(3, signedBy: []).digest)
  }

  @Test func strangersCannotSign() throws {
    let network = try sampleNetwork(3, signedBy: [])
    #expect(
      networkError { _ = try network.signed(by: sampleKeys(7)) }?.problem
        == "the key of plant-7 is no member's")
    // The right signing key with somebody else's transport key.
    let keys = try sampleKeys(1)
    let mixed = try MemberKeys(
      name: keys.name, address: keys.address, signing: keys.signing,
      transport: sampleKeys(2).transport, agreement: keys.agreement)
    #expect(
      networkError { _ = try network.signed(by: mixed) }?.problem.contains("other transport")
        == true)
  }

  @Test func aSignatureUnderAnotherNameIsNone() throws {
    let network = try sampleNetwork(3, signedBy: [0, 1])
    var signatures = network.signatures
    signatures["plant-2"] = signatures["plant-1"]
    let check = try network.forged(signatures: signatures).check()
    #expect(!check.isValid && check.problems.count == 1)
    #expect(check.problems[0].contains("plant-2"))
  }

  @Test func aSignatureOfABareDigestIsNone() throws {
    let network = try sampleNetwork(3, signedBy: [0, 1])
    var signatures = network.signatures
    signatures["plant-2"] = try sampleKeys(2).signing.signature(for: network.digest.bytes)
    #expect(try !network.forged(signatures: signatures).check().problems.isEmpty)
  }

  @Test func aSignatureOfAStrangerIsRefused() throws {
    let network = try sampleNetwork(3)
    var signatures = network.signatures
    signatures["plant-9"] = signatures["plant-1"]
    #expect(networkError { _ = try network.forged(signatures: signatures) }?.key == "signatures")
  }

  @Test func copiesAreMerged() throws {
    let copies = try (0..<3).map { try sampleNetwork(3, signedBy: [$0]) }
    let merged = try copies[2].merged(with: copies[0]).merged(with: copies[1])
    #expect(merged.check().isValid)
    #expect(try merged == sampleNetwork(3))
  }

  @Test func onlyGoodCopiesOfOneFileAreMerged() throws {
    let network = try sampleNetwork(3, signedBy: [0])
    let other = try sampleNetwork(3, signedBy: [1]) { $0.tolerance = 1e-8 }
    #expect(
      networkError { _ = try network.merged(with: other) }?.problem.contains("another file") == true
    )
    let bad = try network.forged(signatures: other.signatures)
    #expect(networkError { _ = try network.merged(with: bad) }?.key == "signatures")
  }

  @Test func membersAreFoundByKey() throws {
    let network = try sampleNetwork(3)
    #expect(try network.index(of: sampleKeys(2).signing.verificationKey) == 2)
    #expect(try network.index(of: sampleKeys(3).signing.verificationKey) == nil)
  }

  @Test func cardsShowWhatWasMixedUp() throws {
    let card = try sampleKeys(0).card
    let other = try sampleKeys(1).card
    #expect(card.isGenuine)
    func mixed(
      name: String? = nil, address: NetworkAddress? = nil, signing: VerificationKey? = nil,
      transport: AgreementPublicKey? = nil, agreement: AgreementPublicKey? = nil
    ) -> MemberCard {
      MemberCard(
        name: name ?? card.name, address: address ?? card.address,
        signingKey: signing ?? card.signingKey, transportKey: transport ?? card.transportKey,
        agreementKey: agreement ?? card.agreementKey, signature: card.signature)
    }
    #expect(mixed().isGenuine)
    #expect(!mixed(name: other.name).isGenuine)
    #expect(!mixed(address: other.address).isGenuine)
    #expect(!mixed(signing: other.signingKey).isGenuine)
    #expect(!mixed(transport: other.transportKey).isGenuine)
    #expect(!mixed(agreement: other.agreementKey).isGenuine)
    #expect(!mixed(transport: card.agreementKey, agreement: card.transportKey).isGenuine)
  }
}
