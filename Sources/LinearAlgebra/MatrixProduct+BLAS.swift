internal import COpenBLAS

/// How a factor of a product is read.
public enum Transposition: Sendable {
  case none, transposed
}

/// `result = scale · op(left) · op(right) + keep · result`.
///
/// - Parameters:
///   - left: `[rows, inner]`, or `[inner, rows]` when transposed; row-major and dense.
///   - right: `[inner, columns]`, or `[columns, inner]` when transposed.
///   - result: `[rows, columns]`; with `keep` 0 its old content is not read.
public func multiply(
  _ left: Span<Float>, _ leftOrder: Transposition,
  _ right: Span<Float>, _ rightOrder: Transposition,
  into result: inout MutableSpan<Float>, rows: Int, columns: Int, inner: Int,
  scale: Float = 1, keep: Float = 0
) {
  precondition(
    left.count == rows * inner && right.count == inner * columns && result.count == rows * columns,
    "a product [\(rows), \(inner)] · [\(inner), \(columns)] needs factors of \(rows * inner) and "
      + "\(inner * columns) elements, not \(left.count) and \(right.count)")
  precondition(OpenBLAS.prepared)
  if rows == 0 || columns == 0 { return }
  unsafe left.withUnsafeBufferPointer { a in
    unsafe right.withUnsafeBufferPointer { b in
      unsafe result.withUnsafeMutableBufferPointer { c in
        unsafe cblas_sgemm(
          CblasRowMajor, leftOrder == .none ? CblasNoTrans : CblasTrans,
          rightOrder == .none ? CblasNoTrans : CblasTrans,
          blasint(rows), blasint(columns), blasint(inner), scale, a.baseAddress,
          blasint(max(1, leftOrder == .none ? inner : rows)), b.baseAddress,
          blasint(max(1, rightOrder == .none ? columns : inner)), keep, c.baseAddress,
          blasint(columns))
      }
    }
  }
}

/// `result = scale · op(left) · op(right) + keep · result` in double precision.
///
/// Shapes as in the single-precision form.
public func multiply(
  _ left: Span<Double>, _ leftOrder: Transposition,
  _ right: Span<Double>, _ rightOrder: Transposition,
  into result: inout MutableSpan<Double>, rows: Int, columns: Int, inner: Int,
  scale: Double = 1, keep: Double = 0
) {
  precondition(
    left.count == rows * inner && right.count == inner * columns && result.count == rows * columns,
    "a product [\(rows), \(inner)] · [\(inner), \(columns)] needs factors of \(rows * inner) and "
      + "\(inner * columns) elements, not \(left.count) and \(right.count)")
  precondition(OpenBLAS.prepared)
  if rows == 0 || columns == 0 { return }
  unsafe left.withUnsafeBufferPointer { a in
    unsafe right.withUnsafeBufferPointer { b in
      unsafe result.withUnsafeMutableBufferPointer { c in
        unsafe cblas_dgemm(
          CblasRowMajor, leftOrder == .none ? CblasNoTrans : CblasTrans,
          rightOrder == .none ? CblasNoTrans : CblasTrans,
          blasint(rows), blasint(columns), blasint(inner), scale, a.baseAddress,
          blasint(max(1, leftOrder == .none ? inner : rows)), b.baseAddress,
          blasint(max(1, rightOrder == .none ? columns : inner)), keep, c.baseAddress,
          blasint(columns))
      }
    }
  }
}

/// Adds `rowsᵀ · rows` to the symmetric matrix `moments` (`[columns, columns]`, both triangles).
///
/// - Parameter rows: `[count, columns]`, row-major.
public func addOuterProducts(
  of rows: Span<Double>, count: Int, columns: Int, to moments: inout MutableSpan<Double>
) {
  multiply(
    rows, .transposed, rows, .none, into: &moments, rows: columns, columns: columns, inner: count,
    keep: 1)
}
