import Cryptography
import Testing

@testable import Consensus

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct MessageCodingTests {
  private static func slot(_ random: inout TestRandom) -> Slot {
    Slot(epoch: .random(in: 0 ... .max, using: &random), round: 7, attempt: UInt32(random.below(9)))
  }

  private static func decision(_ random: inout TestRandom) -> Decision {
    Decision(
      contributors: random.set(below: 5), next: random.set(below: 130),
      nextRound: UInt32(random.below(1000)), givesUp: random.happens(3))
  }

  private static func signatures(_ random: inout TestRandom) -> [MemberSignature] {
    (0..<random.below(4)).map { _ in
      MemberSignature(member: random.below(65536), signature: random.signature())
    }
  }

  /// One message of every kind.
  static func messages(_ random: inout TestRandom) -> [RoundMessage] {
    let slot = slot(&random)
    let decision = decision(&random)
    let certificate = Certificate(
      slot: slot, ballot: 3, decision: decision, signatures: signatures(&random))
    return [
      .hello(
        .init(epoch: 1, round: .max, state: random.digest(), open: random.set(below: 70))),
      .running(slot),
      .deal(
        slot,
        .init(
          seed: random.bytes(SymmetricKey.byteCount), shares: random.elements(random.below(6)))),
      .acknowledgement(slot, returning: random.set(below: 70)),
      .vote(slot, ballot: 1, proposal: decision, report: random.set(below: 5)),
      .lock(
        slot, ballot: 0, decision: random.happens(2) ? nil : decision,
        signature: random.signature(), report: random.set(below: 5)),
      .certificate(certificate),
      .reveal(slot, slice: 1, holder: 2, share: random.elements(random.below(6))),
      .slice(slot, slice: .max, elements: random.elements(random.below(6))),
      .ask(slot, slices: random.set(below: 16)),
      .offer(
        .init(
          slot: slot, state: random.digest(), wasCounted: random.happens(2),
          isUndone: random.happens(2), isFinished: random.happens(2))),
      .stateRequest(slot),
      .state(slot, bytes: random.bytes(random.below(9))),
      .finish(
        .init(
          round: 4, state: random.digest(), signature: random.signature(), isCertified: true,
          knowsReceiver: false)),
    ]
  }

  static func entries(_ random: inout TestRandom) -> [RunEntry] {
    [
      .decided(
        Certificate(
          slot: slot(&random), ballot: 3, decision: decision(&random),
          signatures: signatures(&random))),
      .finished(
        FinishCertificate(round: 9, state: random.digest(), signatures: signatures(&random))),
      .sum(
        RoundSum(
          round: 2, contributors: random.set(below: 9), elements: random.elements(random.below(5)),
          wasCounted: random.happens(2))),
    ]
  }

  /// What the decoder makes of some bytes, encoded again; `nil` if it refuses them.
  private static func messageAgain(_ bytes: [UInt8]) -> [UInt8]? {
    (try? RoundMessage(decoding: bytes))?.encoded
  }
  private static func entryAgain(_ bytes: [UInt8]) -> [UInt8]? {
    (try? RunEntry(decoding: bytes))?.encoded
  }

  private func expectSoundness(_ bytes: [UInt8], _ again: ([UInt8]) -> [UInt8]?) {
    #expect(again(bytes) == bytes)
    // Counts stand before what is counted: no part of a message is a message.
    for count in bytes.indices { #expect(again(Array(bytes[..<count])) == nil) }
    #expect(again(bytes + [0]) == nil)
    var damaged = bytes
    for place in bytes.indices {
      for bit in 0..<8 as Range<UInt8> {
        damaged[place] ^= 1 << bit
        if let other = again(damaged) { #expect(other == damaged) }
        damaged[place] ^= 1 << bit
      }
    }
  }

  @Test func everyMessageSurvivesAndNoDamagedOneIsTakenForAnother() throws {
    var random = TestRandom(3)
    for _ in 0..<12 {
      let messages = Self.messages(&random)
      #expect(Set(messages.map { $0.encoded[0] }).count == 14)
      for message in messages {
        #expect(try RoundMessage(decoding: message.encoded) == message)
        expectSoundness(message.encoded, Self.messageAgain)
      }
    }
  }

  @Test func everyEntryOfARecordSurvivesAndNoDamagedOneIsTakenForAnother() throws {
    var random = TestRandom(4)
    for _ in 0..<12 {
      for entry in Self.entries(&random) {
        switch (entry, try RunEntry(decoding: entry.encoded)) {
        case (.decided(let a), .decided(let b)): #expect(a == b)
        case (.finished(let a), .finished(let b)): #expect(a == b)
        case (.sum(let a), .sum(let b)):
          #expect(a.round == b.round && a.contributors == b.contributors)
          #expect(a.elements == b.elements && a.wasCounted == b.wasCounted)
        default: Issue.record("an entry of another kind")
        }
        expectSoundness(entry.encoded, Self.entryAgain)
      }
    }
  }

  @Test func randomBytesAreRefusedOrCanonical() {
    var random = TestRandom(5)
    for turn in 0..<50_000 {
      var bytes = random.bytes(random.below(90))
      // Mostly zeros: small counts, so that some do decode.
      for place in bytes.indices where turn % 2 == 0 && !random.happens(4) { bytes[place] = 0 }
      if !bytes.isEmpty { bytes[0] = UInt8(random.below(16)) }
      if let again = Self.messageAgain(bytes) { #expect(again == bytes) }
      if let again = Self.entryAgain(bytes) { #expect(again == bytes) }
    }
  }

  /// The words of zero that other encodings of a set could end with, and bytes that are neither no
  /// nor yes.
  @Test func thereIsOneEncodingOnly() {
    let slot: [UInt8] = [1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
    let empty: [UInt8] = [0, 1] + [UInt8](repeating: 0, count: 8)
    #expect(throws: MessageError.malformed("set")) {
      try RoundMessage(decoding: [4] + slot + empty)
    }
    let digest = [UInt8](repeating: 0, count: 32)
    #expect(throws: MessageError.malformed("offer")) {
      try RoundMessage(decoding: [11] + slot + digest + [2, 0, 0])
    }
    #expect(throws: MessageError.malformed("field element")) {
      try RoundMessage(decoding: [9] + slot + [0, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 127])
    }
  }

  #if canImport(Glibc)
    /// The most address space that the process ever had, in kilobytes.
    fileprivate static func peak() -> Int {
      guard let file = fopen("/proc/self/status", "r") else { return 0 }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 256)
      while fgets(&line, 256, file) != nil {
        let text = String(
          decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.hasPrefix("VmPeak:") { return Int(text.filter(\.isNumber)) ?? 0 }
      }
      return 0
    }

    /// What is promised here would take 16 to 300 gigabytes.
    /// Nothing else takes memory in a process of its own.
    @Test func countsThatPromiseMoreThanThereIsTakeNoMemory() async {
      await #expect(processExitsWith: .success) {
        let slot = [UInt8](repeating: 0, count: 12)
        let many = [UInt8](repeating: 255, count: 4)
        let seed = [UInt8](repeating: 1, count: 32)
        let rest = [UInt8](repeating: 0, count: 200)
        let before = MessageCodingTests.peak()
        for promise in [
          [3] + slot + seed + many, [4] + slot + [255, 255], [10] + slot + [4, 1],
          [7] + slot + [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0] + many,
          [8] + slot + [0, 0, 0, 0, 0, 0, 0, 0] + many, [9] + slot + [0, 0, 0, 0] + many,
          [13] + slot + many,
        ] as [[UInt8]] {
          for bytes in [promise, promise + rest] {
            #expect(throws: MessageError.self) { try RoundMessage(decoding: bytes) }
          }
        }
        for promise in [
          [1, 7] + slot + [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0] + many,
          [2, 0, 0, 0, 0] + seed + many, [3, 0, 0, 0, 0, 1, 0, 0] + many,
        ] as [[UInt8]] {
          #expect(throws: MessageError.self) { try RunEntry(decoding: promise + rest) }
        }
        #expect(MessageCodingTests.peak() - before < 100_000)
      }
    }
  #endif
}
