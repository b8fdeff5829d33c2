internal import CVectorMath

/// Signed numbers as elements: v ≥ 0 as v and v < 0 as p + v, so that sums of elements stand for
/// sums of numbers while their magnitudes stay within ``largestMagnitude``.
///
/// Encoding returns the first place that does not fit, whose result and those after it mean
/// nothing, or `nil`.
extension PrimeFieldVectors {
  /// `y` = the integers nearest to `values · scale`, halves to even, in the arithmetic of Float.
  ///
  /// - Parameters:
  ///   - scale: steps per unit; a power of two makes the product exact.
  ///   - bound: the largest magnitude that fits; a NaN never does.
  public static func encode(
    _ values: Span<Float>, scale: Float, bound: Float, into y: inout MutableSpan<UInt32>
  ) -> Int? {
    precondition(values.count == y.count, "\(values.count) numbers for \(y.count) elements")
    precondition(
      scale > 0 && bound >= 0 && bound * scale < 0x1p30, "±\(bound) in steps of 1 / \(scale)")
    let n = y.count
    let place = unsafe values.withUnsafeBufferPointer { v in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe cvm_field_encode_floats(v.baseAddress, scale, bound, y.baseAddress, n)
      }
    }
    return place < n ? place : nil
  }

  /// `values = y / scale`, rounded to Float.
  public static func decode(
    _ y: Span<UInt32>, scale: Float, into values: inout MutableSpan<Float>
  ) {
    precondition(values.count == y.count, "\(y.count) elements for \(values.count) numbers")
    precondition(scale > 0, "steps of 1 / \(scale)")
    let n = y.count
    unsafe y.withUnsafeBufferPointer { y in
      unsafe values.withUnsafeMutableBufferPointer { v in
        unsafe cvm_field_decode_floats(y.baseAddress, scale, v.baseAddress, n)
      }
    }
  }

  /// `y` = `values`, whose magnitudes must not exceed `bound`.
  public static func encode(
    _ values: Span<Int64>, bound: Int64 = largestMagnitude, into y: inout MutableSpan<UInt32>
  ) -> Int? {
    precondition(values.count == y.count, "\(values.count) numbers for \(y.count) elements")
    precondition((0...largestMagnitude).contains(bound), "a bound of \(bound)")
    let n = y.count
    let place = unsafe values.withUnsafeBufferPointer { v in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe cvm_field_encode_integers(v.baseAddress, bound, y.baseAddress, n)
      }
    }
    return place < n ? place : nil
  }

  /// `values` = the numbers that elements stand for.
  public static func decode(_ y: Span<UInt32>, into values: inout MutableSpan<Int64>) {
    precondition(values.count == y.count, "\(y.count) elements for \(values.count) numbers")
    let n = y.count
    unsafe y.withUnsafeBufferPointer { y in
      unsafe values.withUnsafeMutableBufferPointer { v in
        unsafe cvm_field_decode_integers(y.baseAddress, v.baseAddress, n)
      }
    }
  }

  /// Three balanced digits to the base 2¹⁸ of each number, |v| ≤ 2⁵³, as `y`, `[3, count]`:
  /// `v = y₀ + 2¹⁸ y₁ + 2³⁶ y₂`, where y₀ and y₁ are in [-2¹⁷, 2¹⁷) and |y₂| ≤ 2¹⁷.
  public static func encodeDigits(
    _ values: Span<Int64>, into y: inout MutableSpan<UInt32>
  ) -> Int? {
    precondition(3 * values.count == y.count, "\(values.count) numbers for \(y.count) digits")
    let n = values.count
    let place = unsafe values.withUnsafeBufferPointer { v in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe cvm_field_encode_digits(v.baseAddress, y.baseAddress, n)
      }
    }
    return place < n ? place : nil
  }

  /// The numbers of digits or of sums of digits, any words `[3, count]`.
  ///
  /// A place fits where all three words are elements, their magnitudes are at most `bound`, and
  /// the number is one of 64 bits.
  public static func decodeDigits(
    _ y: Span<UInt32>, bound: Int64, into values: inout MutableSpan<Int64>
  ) -> Int? {
    precondition(3 * values.count == y.count, "\(y.count) digits for \(values.count) numbers")
    precondition((0...largestMagnitude).contains(bound), "a bound of \(bound)")
    let n = values.count
    let place = unsafe y.withUnsafeBufferPointer { y in
      unsafe values.withUnsafeMutableBufferPointer { v in
        unsafe cvm_field_decode_digits(y.baseAddress, bound, v.baseAddress, n)
      }
    }
    return place < n ? place : nil
  }
}
