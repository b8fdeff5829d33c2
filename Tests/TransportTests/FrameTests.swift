import Testing

@testable import Transport

@Suite struct FrameTests {
  static let header = FrameHeader(
    kind: .sealed, hops: 3, network: 0x0102_0304_0506_0708, origin: 0x1112_1314,
    destination: 0x2122_2324, incarnation: 0x3132_3334_3536_3738, number: 0x4142_4344_4546_4748,
    payloadByteCount: 0)

  @Test func theLayoutIsAsWritten() {
    let expected: [UInt8] = [
      0x43, 0x44, 0x43, 0x54, 1, 1, 3, 0, 8, 7, 6, 5, 4, 3, 2, 1,
      0x14, 0x13, 0x12, 0x11, 0x24, 0x23, 0x22, 0x21,
      0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31, 0x48, 0x47, 0x46, 0x45, 0x44, 0x43, 0x42,
      0x41,
      2, 0, 0, 0, 0, 0, 0, 0, 9, 8,
    ]
    #expect(Frame(Self.header, payload: [9, 8]).encode() == expected)
  }

  @Test(arguments: [0, 1, 47, 48, 1000, 70_000]) func decodingUndoesEncoding(count: Int) throws {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for kind in FrameKind.allCases {
      var header = Self.header
      header.kind = kind
      let frame = Frame(header, payload: payload)
      let decoded = try Frame.decode(frame.encode())
      #expect(decoded == frame)
      #expect(decoded.payload == payload)
      #expect(decoded.header.payloadByteCount == UInt32(count))
    }
  }

  @Test func everyDamageHasItsError() {
    let good = Frame(Self.header, payload: [1, 2, 3]).encode()
    func damaged(_ place: Int, _ value: UInt8) -> [UInt8] {
      var bytes = good
      bytes[place] = value
      return bytes
    }
    for count in 0..<48 { expect(Array(good[..<count]), .tooShort(count)) }
    for place in 0..<4 { expect(damaged(place, 0), .wrongMagic) }
    expect(damaged(4, 2), .wrongVersion(2))
    expect(damaged(5, 4), .wrongKind(4))
    expect(damaged(5, 255), .wrongKind(255))
    expect(damaged(7, 1), .wrongReserve)
    for place in 44..<48 { expect(damaged(place, 1), .wrongReserve) }
    expect(damaged(40, 4), .lengthMismatch(declared: 4, actual: 3))
    expect(damaged(43, 255), .lengthMismatch(declared: 0xFF00_0003, actual: 3))
    expect(good + [0], .lengthMismatch(declared: 3, actual: 4))
    expect(Array(good[..<50]), .lengthMismatch(declared: 3, actual: 2))
    expect(good, .oversized(3), maximum: 2)
    expect(damaged(40, 0), .oversized(3), maximum: 2)
  }

  private func expect(_ bytes: [UInt8], _ error: FrameError, maximum: Int = 1 << 20) {
    #expect(throws: error) { try Frame.decode(bytes, maximumPayloadBytes: maximum) }
  }
}
