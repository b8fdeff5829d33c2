import Randomness
import Testing

/// The generator against the published vectors and its own contract.
@Suite struct PhiloxTests {
  static func bits(_ stream: RandomStream, _ count: Int) -> [UInt32] {
    var words = [UInt32](repeating: 0, count: count)
    var span = words.mutableSpan
    stream.fillBits(&span)
    return words
  }

  /// Philox4x32-10 as the paper writes it, one block at a time.
  static func block(counter: [UInt32], key: [UInt32]) -> [UInt32] {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let p0 = c[0].multipliedFullWidth(by: 0xD251_1F53)
      let p1 = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = [p1.high ^ c[1] ^ k[0], p1.low, p0.high ^ c[3] ^ k[1], p0.low]
      k[0] &+= 0x9E37_79B9
      k[1] &+= 0xBB67_AE85
    }
    return c
  }

  /// Random123's `kat_vectors`. A stream's counter starts at 0 and its last word is the purpose,
  /// so they check the reference above, and it checks the stream.
  @Test func referenceGivesThePublishedVectors() {
    #expect(
      Self.block(counter: [0, 0, 0, 0], key: [0, 0])
        == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    let ones = UInt32.max
    #expect(
      Self.block(counter: [ones, ones, ones, ones], key: [ones, ones])
        == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
    #expect(
      Self.block(
        counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        key: [0xa409_3822, 0x299f_31d0])
        == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
  }

  /// Word r of block 16 b + l is output 64 b + 16 r + l.
  @Test func streamIsTheReferenceInItsStatedOrder() {
    let seed: UInt64 = 0x299f_31d0_a409_3822
    let stream = RandomStream(
      seed: seed, participant: 0x85a3_08d3, round: 0x1319_8a2e, purpose: .latentNoise)
    let words = Self.bits(stream, 256)
    for counter in 0..<64 {
      let expected = Self.block(
        counter: [
          UInt32(counter), 0x85a3_08d3, 0x1319_8a2e, RandomPurpose.latentNoise.rawValue,
        ], key: [0xa409_3822, 0x299f_31d0])
      let first = 64 * (counter / 16) + counter % 16
      #expect((0..<4).map { words[first + 16 * $0] } == expected, "block \(counter)")
    }
  }

  /// Numbers that must never change: models are reproduced from them.
  @Test func purposesKeepTheirNumbers() {
    let purposes: [(RandomPurpose, UInt32)] = [
      (.initialisation, 1), (.minibatch, 2), (.latentNoise, 3), (.dropout, 4),
      (.validationNoise, 5), (.scoringNoise, 6), (.syntheticData, 7), (.resampling, 8),
    ]
    for (purpose, number) in purposes { #expect(purpose.rawValue == number) }
  }

  @Test(arguments: [0, 1, 5, 16, 63, 64, 65, 100, 128, 200, 999])
  func shorterFillIsAPrefixOfALonger(_ count: Int) {
    let stream = RandomStream(seed: 3, participant: 1, round: 2, purpose: .minibatch)
    #expect(Self.bits(stream, count) == Array(Self.bits(stream, 1000)[..<count]))
    #expect(stream.uniform(count) == Array(stream.uniform(1000)[..<count]))
    #expect(
      stream.normal(count).map(\.bitPattern) == stream.normal(1000)[..<count].map(\.bitPattern))
  }

  @Test func fillsStayInsideTheirSpan() {
    let stream = RandomStream(seed: 3, purpose: .dropout)
    for count in [0, 1, 17, 64, 70] {
      var values = [Float](repeating: 9, count: count + 80)
      var whole = values.mutableSpan
      var part = whole._mutatingExtracting(0..<count)
      stream.fillNormal(&part)
      #expect(values[count...].allSatisfy { $0 == 9 })
    }
  }

  /// Streams that differ in any part of their key share (almost) no words.
  @Test func everyPartOfTheKeyMatters() {
    var streams: [RandomStream] = []
    for seed: UInt64 in [0, 1, 1 << 32, 1 << 63] {
      for participant: UInt32 in [0, 1, 2] {
        for round: UInt32 in [0, 1, 2] {
          for purpose in [RandomPurpose.initialisation, .minibatch, .latentNoise, .resampling] {
            streams.append(
              RandomStream(seed: seed, participant: participant, round: round, purpose: purpose))
          }
        }
      }
    }
    let words = streams.map { Self.bits($0, 64) }
    // 9,216 words of 32 bits: 0.01 collisions are expected by chance.
    #expect(Set(words.joined()).count >= 64 * streams.count - 2)
  }
}
