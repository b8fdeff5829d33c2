internal import COpenBLAS
internal import CVectorMath

/// How a factor of a product is read.
public enum Transposition: Sendable {
  case none, transposed
}

/// Whether our own product makes `[rows, inner] · [inner, columns]`: the layers of small networks,
/// where it is faster than OpenBLAS.
///
/// It must not ask for the number of rows, as a row's result does not depend on that number.
private func isSmallProduct(columns: Int, inner: Int) -> Bool {
  columns <= 256 && inner <= 4096 && hasFastProduct
}

private let hasFastProduct = cvm_product_is_fast() != 0

/// `result = scale · op(left) · op(right) + keep · result`.
///
/// A row of the result depends on its row of op(left) and on `right`, but not on the number of rows
/// nor on its place among them, to the last bit where our own product runs.
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
        if isSmallProduct(columns: columns, inner: inner) {
          unsafe cvm_product(
            a.baseAddress, leftOrder == .none ? 0 : 1, b.baseAddress, rightOrder == .none ? 0 : 1,
            c.baseAddress, rows, columns, inner, scale, keep, nil, 0)
          return
        }
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

extension LayerKernels {
  /// `result = f(x · weight + keep · result + bias)`: a layer in one pass where our own product runs.
  ///
  /// - Parameters:
  ///   - x: `[rows, inputs]`.
  ///   - weight: `[inputs, outputs]`.
  ///   - bias: `[outputs]`.
  ///   - result: `[rows, outputs]`; with `keep` 0 its old content is not read.
  public static func affine(
    _ x: Span<Float>, _ weight: Span<Float>, _ bias: Span<Float>, _ activation: Activation,
    into result: inout MutableSpan<Float>, rows: Int, outputs: Int, inputs: Int, keep: Float = 0
  ) {
    guard isSmallProduct(columns: outputs, inner: inputs) && inputs > 0 else {
      multiply(
        x, .none, weight, .none, into: &result, rows: rows, columns: outputs, inner: inputs,
        keep: keep)
      addBias(bias, thenApply: activation, to: &result, rows: rows, columns: outputs)
      return
    }
    precondition(
      x.count == rows * inputs && weight.count == inputs * outputs && bias.count == outputs
        && result.count == rows * outputs,
      "[\(rows), \(inputs)] · [\(inputs), \(outputs)], not \(x.count) and \(weight.count) elements")
    unsafe x.withUnsafeBufferPointer { x in
      unsafe weight.withUnsafeBufferPointer { weight in
        unsafe bias.withUnsafeBufferPointer { bias in
          unsafe result.withUnsafeMutableBufferPointer { result in
            unsafe cvm_product(
              x.baseAddress, 0, weight.baseAddress, 0, result.baseAddress, rows, outputs, inputs, 1,
              keep, bias.baseAddress, Int32(activation.rawValue))
          }
        }
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

/// `result = left[·, columns from `start` on] · right` in double precision: the columns before
/// `start` would meet rows of zeros.
///
/// - Parameters:
///   - left: `[rows, width]`.
///   - right: `[width - start, columns]`.
///   - result: `[rows, columns]`.
public func multiply(
  _ left: Span<Double>, columnsFrom start: Int, of width: Int, _ right: Span<Double>,
  into result: inout MutableSpan<Double>, rows: Int, columns: Int
) {
  precondition(
    start >= 0 && start < width && left.count == rows * width
      && right.count == (width - start) * columns && result.count == rows * columns,
    "a product [\(rows), \(width) - \(start)] · [\(width - start), \(columns)] of \(left.count) and "
      + "\(right.count) elements into \(result.count)")
  precondition(OpenBLAS.prepared)
  if rows == 0 || columns == 0 { return }
  unsafe left.withUnsafeBufferPointer { a in
    unsafe right.withUnsafeBufferPointer { b in
      unsafe result.withUnsafeMutableBufferPointer { c in
        unsafe cblas_dgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns),
          blasint(width - start), 1, a.baseAddress.map { unsafe $0 + start }, blasint(width),
          b.baseAddress, blasint(columns), 0, c.baseAddress, blasint(columns))
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
