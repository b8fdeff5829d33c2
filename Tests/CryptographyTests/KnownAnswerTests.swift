import Testing

@testable import Cryptography

/// Published vectors: FIPS 180-4, RFC 8032, RFC 7748 and RFC 8439.
@Suite struct KnownAnswerTests {
  @Test func sha256OfThePublishedMessages() {
    #expect(
      SHA256.hash(Array("abc".utf8)).description
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.hash([]).description
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func hashingInPartsIsHashingTheWhole() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    var hash = SHA256()
    hash.update(Array(bytes[..<13]))
    let rest = Array(bytes[13...])
    hash.update(memoryOf: rest.span)
    #expect(hash.finalise() == SHA256.hash(bytes))
  }

  @Test func ed25519OfRFC8032Test2() throws {
    let seed = try #require(
      Hexadecimal.bytes(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", count: 32))
    let key = SigningKey(seed: seed)
    #expect(
      key.verificationKey.description
        == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    let signature = key.signature(for: [0x72])
    #expect(
      Hexadecimal.text(signature.bytes)
        == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
    #expect(key.verificationKey.isValid(signature, for: [0x72]))
    #expect(!key.verificationKey.isValid(signature, for: [0x73]))
  }

  @Test func x25519OfRFC7748() throws {
    let alice = AgreementKey(
      secret: try #require(
        Hexadecimal.bytes(
          "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", count: 32)))
    let bob = AgreementKey(
      secret: try #require(
        Hexadecimal.bytes(
          "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb", count: 32)))
    #expect(
      alice.publicKey.description
        == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
    #expect(
      bob.publicKey.description
        == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
    let a = try #require(alice.sharedKey(with: bob.publicKey))
    let b = try #require(bob.sharedKey(with: alice.publicKey))
    #expect(a.bytes == b.bytes)
    #expect(alice.sharedKey(with: AgreementPublicKey(bytes: .init(repeating: 0, count: 32))) == nil)
  }

  @Test func keyStreamOfZeroKeyAndNonce() {
    // The first words of ChaCha20 for an all-zero key, nonce and counter.
    var words = [UInt32](repeating: 0, count: 16)
    var stream = KeyStream(key: SymmetricKey(bytes: .init(repeating: 0, count: 32)), nonce: 0)
    var span = words.mutableSpan
    stream.fill(&span)
    #expect(words[0] == 0xade0_b876 && words[1] == 0x903d_f1a0)
  }
}

@Suite struct SealingTests {
  @Test func whatIsSealedOpensOnlyAsItWasSealed() {
    let key = SymmetricKey.random()
    let message: [UInt8] = Array("a share".utf8)
    let sealed = key.seal(message, number: 7, context: [1, 2])
    #expect(sealed.count == message.count + SymmetricKey.sealOverhead)
    #expect(key.open(sealed, number: 7, context: [1, 2]) == message)
    #expect(key.open(sealed, number: 8, context: [1, 2]) == nil)
    #expect(key.open(sealed, number: 7, context: [1, 3]) == nil)
    #expect(SymmetricKey.random().open(sealed, number: 7, context: [1, 2]) == nil)
    for i in sealed.indices {
      var damaged = sealed
      damaged[i] ^= 1
      #expect(key.open(damaged, number: 7, context: [1, 2]) == nil)
    }
    #expect(key.open([], number: 7, context: []) == nil)
    #expect(key.open(key.seal([], number: 1, context: []), number: 1, context: []) == [])
  }

  @Test func derivedKeysDifferByLabel() {
    let key = SymmetricKey(bytes: .init(repeating: 5, count: 32))
    #expect(key.derived(for: [1]).bytes == key.derived(for: [1]).bytes)
    #expect(key.derived(for: [1]).bytes != key.derived(for: [2]).bytes)
    #expect(key.derived(for: []).bytes != key.bytes)
  }

  @Test func streamsOfDifferentNoncesDiffer() {
    let key = SymmetricKey.random()
    var one = KeyStream(key: key, nonce: 1)
    var two = KeyStream(key: key, nonce: 2)
    #expect(one.next() != two.next())
    #expect(one.next() != one.next())
  }

  @Test func hexadecimalTakesNothingElse() {
    #expect(Hexadecimal.bytes("00fF", count: 2) == [0, 255])
    #expect(Hexadecimal.bytes("00f", count: 2) == nil)
    #expect(Hexadecimal.bytes("00fg", count: 2) == nil)
  }
}
