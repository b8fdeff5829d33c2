import Cryptography
import Testing

@testable import Consensus

@Suite struct CertificateTests {
  private let keys = (0..<5).map { SigningKey(seed: [UInt8](repeating: UInt8($0 + 1), count: 32)) }
  private let network = SHA256.hash(Array("one network".utf8))
  private let other = SHA256.hash(Array("another network".utf8))
  private let slot = Slot(epoch: 1, round: 2, attempt: 0)
  private let decision = Decision(
    contributors: MemberSet([0, 1, 2]), next: MemberSet([0, 1, 2, 4]), nextRound: 3)

  private var electorate: Electorate { Electorate(keys: keys.map(\.verificationKey)) }

  private func certificate(_ signers: [Int], network: Digest? = nil) -> Certificate {
    let statement = Statement.lock(
      network: network ?? self.network, slot: slot, ballot: 1, decision: decision)
    return Certificate(
      slot: slot, ballot: 1, decision: decision,
      signatures: signers.map {
        MemberSignature(member: $0, signature: keys[$0].signature(for: statement))
      })
  }

  private func isValid(_ certificate: Certificate, _ electorate: Electorate? = nil) -> Bool {
    certificate.isValid(network: network, electorate: electorate ?? self.electorate)
  }

  @Test func aMajorityOfDifferentMembersCertifies() {
    #expect(electorate.majority == 3)
    for signers in [[0, 1, 2], [4, 2, 0], [0, 1, 2, 3, 4]] {
      #expect(isValid(certificate(signers)))
    }
    for signers in [[], [0], [0, 1], [0, 0, 0], [0, 1, 1, 1], [0, 1, 0, 1, 0]] as [[Int]] {
      #expect(!isValid(certificate(signers)))
    }
  }

  @Test func aCertificateIsOfOneNetworkOneSlotOneBallotAndOneDecision() {
    let signers = [0, 1, 2]
    #expect(!isValid(certificate(signers, network: other)))
    let changes: [(inout Certificate) -> Void] = [
      { $0.slot.epoch += 1 }, { $0.slot.round += 1 }, { $0.slot.attempt += 1 },
      { $0.ballot += 1 }, { $0.ballot = 0 }, { $0.decision.nextRound += 1 },
      { $0.decision.contributors.insert(3) }, { $0.decision.contributors.remove(2) },
      { $0.decision.givesUp = true }, { $0.decision.next.remove(4) },
      { $0.decision.contributors = MemberSet() },
      // What stood in one set must not count in the other.
      { swap(&$0.decision.contributors, &$0.decision.next) },
    ]
    for change in changes {
      var changed = certificate(signers)
      change(&changed)
      #expect(!isValid(changed))
    }
  }

  @Test func signaturesOfOthersOrUnderOthersNamesDoNotCount() {
    var forged = certificate([0, 1, 2])
    forged.signatures[2].member = 3
    #expect(!isValid(forged))
    for stranger in [5, 65535, -1, Int.max] {
      forged.signatures[2].member = stranger
      #expect(!isValid(forged))
    }
    forged = certificate([0, 1, 2])
    var bytes = forged.signatures[1].signature.bytes
    bytes[0] ^= 1
    forged.signatures[1].signature = Signature(bytes: bytes)
    #expect(!isValid(forged))
    // One bad signature among enough good ones takes nothing away.
    forged.signatures.append(contentsOf: certificate([3]).signatures)
    #expect(isValid(forged))
  }

  @Test func whoHasLeftNeitherSignsNorCounts() {
    var fewer = electorate
    fewer.keys[3] = nil
    fewer.keys[4] = nil
    #expect(fewer.count == 3 && fewer.majority == 2)
    #expect(isValid(certificate([0, 1]), fewer))
    #expect(!isValid(certificate([0, 3, 4]), fewer))
  }

  @Test func aLockOfNothingCertifiesNothing() {
    let statement = Statement.lock(network: network, slot: slot, ballot: 1, decision: nil)
    var empty = certificate([])
    empty.decision = Decision(contributors: MemberSet(), next: MemberSet(), nextRound: 0)
    empty.signatures = (0..<5).map {
      MemberSignature(member: $0, signature: keys[$0].signature(for: statement))
    }
    #expect(!isValid(empty))
  }

  @Test func theEndOfARunIsCertifiedLikewise() {
    func finish(_ signers: [Int], _ network: Digest, round: UInt32 = 7) -> FinishCertificate {
      let statement = Statement.finish(network: network, round: round, state: other)
      return FinishCertificate(
        round: 7, state: other,
        signatures: signers.map {
          MemberSignature(member: $0, signature: keys[$0].signature(for: statement))
        })
    }
    #expect(finish([0, 2, 4], network).isValid(network: network, electorate: electorate))
    for false_ in [
      finish([0, 2], network), finish([0, 2, 2], network), finish([0, 2, 4], other),
      finish([0, 2, 4], network, round: 6),
    ] {
      #expect(!false_.isValid(network: network, electorate: electorate))
    }
    var moved = finish([0, 2, 4], network)
    moved.state = network
    #expect(!moved.isValid(network: network, electorate: electorate))
    // A signature under a lock is none under an end, though both are under the same network.
    moved = finish([0, 2, 4], network)
    moved.signatures = certificate([0, 2, 4]).signatures
    #expect(!moved.isValid(network: network, electorate: electorate))
  }
}
