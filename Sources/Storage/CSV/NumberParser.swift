/// Reads decimal numbers from bytes, correctly rounded.
struct NumberParser {
  /// The decimal mark, `.` or `,`; zero until the first number with a mark decides.
  var decimalMark: UInt8

  /// The number that `range` of `bytes` spells, with blanks around it; `nil` if it spells none.
  mutating func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
    var index = range.lowerBound
    var end = range.upperBound
    while index < end && Self.isBlank(bytes[index]) { index += 1 }
    while index < end && Self.isBlank(bytes[end - 1]) { end -= 1 }
    let start = index
    guard index < end else { return nil }

    let isNegative = bytes[index] == UInt8(ascii: "-")
    if isNegative || bytes[index] == UInt8(ascii: "+") { index += 1 }

    // The number is significand * 10^exponent as long as 19 digits hold the significand.
    var significand: UInt64 = 0
    var exponent = 0
    var digits = 0
    var significantDigits = 0
    var markIndex = -1
    while index < end {
      let byte = bytes[index]
      let digit = byte &- UInt8(ascii: "0")
      if digit < 10 {
        digits += 1
        if significantDigits > 0 || digit > 0 { significantDigits += 1 }
        if significantDigits <= 19 { significand = significand &* 10 &+ UInt64(digit) }
        if markIndex >= 0 { exponent -= 1 }
      } else if markIndex < 0 && accepts(mark: byte) {
        markIndex = index
      } else {
        break
      }
      index += 1
    }
    guard digits > 0 else { return Self.infinity(bytes, index..<end, isNegative) }
    if index < end {
      guard let power = Self.power(bytes, index..<end) else { return nil }
      exponent += power
    }
    if markIndex >= 0 { decimalMark = bytes[markIndex] }

    // Both factors are exact, so that one rounding remains (Clinger 1990).
    if significantDigits <= 19 && significand <= 1 << 53 && (-22...22).contains(exponent) {
      let magnitude = Double(significand)
      let value =
        exponent < 0
        ? magnitude / Self.powersOfTen[-exponent] : magnitude * Self.powersOfTen[exponent]
      return isNegative ? -value : value
    }
    if significantDigits <= 19 && significand > 0 && (-19 ... -1).contains(exponent) {
      let magnitude = Self.quotient(significand, powerOfTen: -exponent)
      return isNegative ? -magnitude : magnitude
    }
    return Self.parseSlowly(bytes, start..<end, markIndex: markIndex)
  }

  private func accepts(mark byte: UInt8) -> Bool {
    decimalMark == 0
      ? byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") : byte == decimalMark
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// The value of `e-12`, clamped to what no number of a file exceeds.
  private static func power(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    guard bytes[index] | 0x20 == UInt8(ascii: "e") else { return nil }
    index += 1
    guard index < range.upperBound else { return nil }
    let isNegative = bytes[index] == UInt8(ascii: "-")
    if isNegative || bytes[index] == UInt8(ascii: "+") { index += 1 }
    guard index < range.upperBound else { return nil }
    var power = 0
    while index < range.upperBound {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      power = min(power * 10 + Int(digit), 1_000_000)
      index += 1
    }
    return isNegative ? -power : power
  }

  private static func infinity(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ isNegative: Bool
  ) -> Double? {
    guard range.count == 3 || range.count == 8 else { return nil }
    let word = String(decoding: range.map { bytes[$0] | 0x20 }, as: UTF8.self)
    guard word == "inf" || word == "infinity" else { return nil }
    return isNegative ? -.infinity : .infinity
  }

  /// The Double nearest to `significand` / 10^`power`, for powers of at most 19.
  ///
  /// A quotient of 63 bits or more, with its last bit set if there is a remainder, rounds as the
  /// true quotient does.
  private static func quotient(_ significand: UInt64, powerOfTen power: Int) -> Double {
    let divisor = integerPowersOfTen[power]
    let numeratorShift = significand.leadingZeroBitCount
    let divisorShift = divisor.leadingZeroBitCount
    let numerator = significand << numeratorShift
    let (quotient, remainder) = (divisor << divisorShift).dividingFullWidth(
      (numerator >> 1, numerator << 63))
    let exponent = divisorShift - numeratorShift - 63
    let scale = Double(bitPattern: UInt64(1023 + exponent) << 52)
    return Double(remainder == 0 ? quotient : quotient | 1) * scale
  }

  private static func parseSlowly(
    _ bytes: Span<UInt8>, _ range: Range<Int>, markIndex: Int
  ) -> Double? {
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    for index in range { text.append(index == markIndex ? UInt8(ascii: ".") : bytes[index]) }
    return Double(String(decoding: text, as: UTF8.self))
  }

  /// The powers of ten that 64 bits hold.
  private static let integerPowersOfTen: [UInt64] = (0...19).map { power in
    (0..<power).reduce(1) { product, _ in product * 10 }
  }

  /// The powers of ten that a Double holds exactly.
  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]
}
