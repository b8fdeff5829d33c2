internal import COpenBLAS
internal import CVectorMath

/// Factorisation and inversion of symmetric matrices in the memory of an iteration.
///
/// Spans are `[order, order]`, row-major.
public enum SymmetricInPlace {
  /// Replaces the lower triangle of A by that of its Cholesky factor; the rest is not touched.
  ///
  /// - Returns: ln |A|, or `nil` when A is not positive definite, which leaves the triangle spoilt.
  public static func factor(_ a: inout MutableSpan<Double>, order: Int) -> Double? {
    precondition(a.count == order * order, "order \(order) with \(a.count) entries")
    precondition(OpenBLAS.prepared)
    if order == 0 { return 0 }
    // The lower triangle in row-major order is the upper one in column-major order.
    let status = unsafe a.withUnsafeMutableBufferPointer { a in
      unsafe LAPACKE_dpotrf(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), Int32(order), a.baseAddress, Int32(order))
    }
    guard status == 0 else { return nil }
    var sum = 0.0
    for i in 0..<order {
      let pivot = a[i * order + i]
      guard pivot.isFinite && pivot > 0 else { return nil }
      sum += pivot.logarithm
    }
    return 2 * sum
  }

  /// Replaces the Cholesky factor of A, as ``factor(_:order:)`` leaves it, by both triangles of A⁻¹.
  public static func invert(factor a: inout MutableSpan<Double>, order: Int) {
    precondition(a.count == order * order, "order \(order) with \(a.count) entries")
    precondition(OpenBLAS.prepared)
    if order == 0 { return }
    let status = unsafe a.withUnsafeMutableBufferPointer { a in
      unsafe LAPACKE_dpotri(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), Int32(order), a.baseAddress, Int32(order))
    }
    precondition(status == 0, "a factor with a zero on its diagonal")
    mirror(&a, order: order)
  }

  /// Copies the lower triangle to the upper one.
  public static func mirror(_ a: inout MutableSpan<Double>, order: Int) {
    precondition(a.count == order * order, "order \(order) with \(a.count) entries")
    let block = 16
    unsafe a.withUnsafeMutableBufferPointer { a in
      // In tiles, so that lines of the cache are used as a whole.
      for top in stride(from: 0, to: order, by: block) {
        for left in stride(from: 0, through: top, by: block) {
          for i in top..<min(top + block, order) {
            for j in left..<min(left + block, i + 1) {
              unsafe a[j &* order &+ i] = a[i &* order &+ j]
            }
          }
        }
      }
    }
  }

  /// One sweep over the columns of W, which maximises ln |W| where |W - S| <= ρ off the diagonal
  /// (Friedman, Hastie and Tibshirani 2008).
  ///
  /// - Parameters:
  ///   - moments: S, both triangles.
  ///   - penalty: ρ.
  ///   - accuracy: how far a column's own descent goes, as a share of its largest movement.
  ///   - coefficients: row j holds βⱼ, the regression of column j on the others, with βⱼⱼ = 0.
  ///   - covariance: W, positive definite, both triangles.
  ///   - scratch: `[order, 2 order + 4]`.
  ///   - members: `[2, order]`.
  public static func sweepColumns(
    order: Int, moments: Span<Double>, penalty: Double, accuracy: Double,
    coefficients: inout MutableSpan<Double>, covariance: inout MutableSpan<Double>,
    scratch: inout MutableSpan<Double>, members: inout MutableSpan<Int32>
  ) {
    let square = order * order
    precondition(
      moments.count == square && coefficients.count == square && covariance.count == square
        && scratch.count >= 2 * square + 4 * order && members.count >= 2 * order,
      "matrices of order \(order)")
    unsafe moments.withUnsafeBufferPointer { s in
      unsafe coefficients.withUnsafeMutableBufferPointer { betas in
        unsafe covariance.withUnsafeMutableBufferPointer { w in
          unsafe scratch.withUnsafeMutableBufferPointer { scratch in
            unsafe members.withUnsafeMutableBufferPointer { members in
              unsafe cvm_column_sweep(
                order, s.baseAddress, penalty, accuracy, betas.baseAddress, w.baseAddress,
                scratch.baseAddress, members.baseAddress)
            }
          }
        }
      }
    }
  }
}
