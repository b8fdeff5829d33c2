import LinearAlgebra

/// Numbers as elements of the prime field of p = 2³¹ - 1, so that their sum over participants is
/// exact and no order of adding can change it.
///
/// A vector has many narrow numbers, one element each, and then a few wide ones, three each
/// (``Digits``).
public enum FieldVector {
  /// Steps of a narrow number in 1: 2⁻²⁴ is the precision of a Float near 1.
  public static let stepsPerUnit: Float = 0x1p24
  /// Narrow numbers whose sums over all participants may come up to this magnitude are never wrapped
  /// around: a half of what an element can stand for.
  public static let narrowLimit: Float = 32

  /// The number of elements.
  public static func count(narrow: Int, wide: Int) -> Int { narrow + Digits.count * wide }

  /// Puts a contribution together.
  ///
  /// - Parameters:
  ///   - narrow: numbers that are rounded to multiples of 2⁻²⁴.
  ///   - bound: what each of them must not exceed in magnitude. The bounds of all participants
  ///     together must not exceed twice ``narrowLimit``.
  ///   - wide: integers up to 2⁵³ in magnitude.
  ///   - elements: gets them; its memory is used again.
  /// - Throws: ``ExactSumError/outOfRange(value:index:limit:)``.
  public static func encode(
    narrow: Span<Float>, bound: Float, wide: [Int64], into elements: inout [UInt32]
  ) throws(ExactSumError) {
    let count = count(narrow: narrow.count, wide: wide.count)
    if elements.count != count { elements = [UInt32](repeating: 0, count: count) }
    var all = elements.mutableSpan
    var front = all._mutatingExtracting(0..<narrow.count)
    if let place = PrimeFieldVectors.encode(
      narrow, scale: stepsPerUnit, bound: min(bound, 2 * narrowLimit.nextDown), into: &front)
    {
      throw .outOfRange(value: Double(narrow[place]), index: place, limit: Double(bound))
    }
    var back = all._mutatingExtracting(narrow.count..<count)
    do {
      try Digits.encode(wide.span, into: &back)
    } catch {
      guard case .outOfRange(let value, let index) = error else { return }
      throw .outOfRange(
        value: Double(value), index: narrow.count + index,
        limit: Double(Digits.largestMagnitude))
    }
  }

  /// A contribution of wide numbers alone.
  public static func encode(wide: [Int64]) throws(ExactSumError) -> [UInt32] {
    var elements: [UInt32] = []
    let none: [Float] = []
    try encode(narrow: none.span, bound: 0, wide: wide, into: &elements)
    return elements
  }

  /// The sums of the narrow numbers.
  public static func decodeNarrow(_ sum: [UInt32], into values: inout MutableSpan<Float>) {
    precondition(values.count <= sum.count, "\(values.count) numbers of \(sum.count) elements")
    PrimeFieldVectors.decode(
      sum.span.extracting(0..<values.count), scale: stepsPerUnit, into: &values)
  }

  /// The sums of the wide numbers behind the narrow ones.
  ///
  /// - Throws: ``ExactSumError/notASum(participants:)``: somebody summed something else.
  public static func decodeWide(
    _ sum: [UInt32], narrow: Int, participants: Int
  ) throws(ExactSumError) -> [Int64] {
    let digits = sum.count - narrow
    guard digits >= 0, digits % Digits.count == 0 else {
      throw .notASum(participants: participants)
    }
    var values = [Int64](repeating: 0, count: digits / Digits.count)
    var span = values.mutableSpan
    do {
      try Digits.decode(
        sum.span.extracting(narrow..<sum.count), summands: participants, into: &span)
    } catch {
      throw .notASum(participants: participants)
    }
    return values
  }
}
