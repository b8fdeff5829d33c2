internal import COpenBLAS

/// A dense symmetric matrix in double precision, both triangles stored, row-major.
public struct SymmetricMatrix: Sendable, Equatable {
  /// The number of rows and of columns.
  public let order: Int
  /// The entries, `[order, order]`.
  public var elements: [Double]

  /// - Precondition: `elements` holds `order²` entries.
  public init(order: Int, elements: [Double]) {
    precondition(
      elements.count == order * order,
      "a symmetric matrix of order \(order) has \(order * order) entries, not \(elements.count)")
    self.order = order
    self.elements = elements
  }

  /// The identity.
  public init(identityOfOrder order: Int) {
    self.init(order: order, elements: [Double](repeating: 0, count: order * order))
    for i in 0..<order { elements[i * order + i] = 1 }
  }

  public subscript(row: Int, column: Int) -> Double {
    get { elements[row * order + column] }
    set { elements[row * order + column] = newValue }
  }

  /// The diagonal, `[order]`.
  public var diagonal: [Double] { (0..<order).map { self[$0, $0] } }

  /// Eigenvalues in ascending order, and the eigenvector of the i-th in row i of `vectors`.
  ///
  /// `nil` when an entry is not finite or LAPACK's `dsyevd` does not converge.
  public func eigendecomposition() -> (values: [Double], vectors: [Double])? {
    guard elements.allSatisfy(\.isFinite) else { return nil }
    precondition(OpenBLAS.prepared)
    var vectors = elements
    var values = [Double](repeating: 0, count: order)
    if order == 0 { return (values, vectors) }
    // Column-major and row-major agree on a symmetric matrix; column-major eigenvectors are
    // rows here, without LAPACKE's transposing copy.
    let status = unsafe vectors.withUnsafeMutableBufferPointer { a in
      unsafe values.withUnsafeMutableBufferPointer { w in
        unsafe LAPACKE_dsyevd(
          LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), Int32(order),
          a.baseAddress, Int32(order), w.baseAddress)
      }
    }
    return status == 0 ? (values, vectors) : nil
  }

  /// The lower Cholesky factor, or `nil` when the matrix is not positive definite.
  public func choleskyFactor() -> CholeskyFactor? {
    precondition(OpenBLAS.prepared)
    var factor = elements
    if order == 0 { return CholeskyFactor(order: 0, elements: []) }
    // The lower triangle in row-major order is the upper one in column-major order.
    let status = unsafe factor.withUnsafeMutableBufferPointer { a in
      unsafe LAPACKE_dpotrf(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), Int32(order), a.baseAddress,
        Int32(order))
    }
    guard status == 0 else { return nil }
    for i in 0..<order {
      for j in (i + 1)..<max(order, i + 1) { factor[i * order + j] = 0 }
    }
    return CholeskyFactor(order: order, elements: factor)
  }
}

/// The factor L of A = L Lᵀ; row-major, zeros above the diagonal.
public struct CholeskyFactor: Sendable {
  /// The number of rows and of columns.
  public let order: Int
  /// The entries, `[order, order]`.
  public let elements: [Double]

  /// ln |A|.
  public var logDeterminant: Double {
    var sum = 0.0
    for i in 0..<order { sum += elements[i * order + i].logarithm }
    return 2 * sum
  }

  /// L⁻¹ x for each row of `rows`, in place: afterwards a row's squared norm is xᵀ A⁻¹ x.
  ///
  /// - Parameter rows: `[count, order]`, row-major.
  public func whiten(_ rows: inout [Double]) {
    precondition(
      order > 0 && rows.count % order == 0, "rows of \(order) entries, not \(rows.count) in all")
    let count = rows.count / order
    if count == 0 { return }
    unsafe rows.withUnsafeMutableBufferPointer { b in
      unsafe elements.withUnsafeBufferPointer { a in
        // Rows are columns of the transposed problem: Y L⁻ᵀ = (L⁻¹ Yᵀ)ᵀ.
        unsafe cblas_dtrsm(
          CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, blasint(count),
          blasint(order), 1, a.baseAddress, blasint(order), b.baseAddress, blasint(order))
      }
    }
  }

  /// A⁻¹.
  public func inverse() -> SymmetricMatrix {
    var whitened = SymmetricMatrix(identityOfOrder: order).elements
    if order == 0 { return SymmetricMatrix(order: 0, elements: []) }
    whiten(&whitened)  // row i is L⁻¹ eᵢ, so A⁻¹ = W Wᵀ
    var result = [Double](repeating: 0, count: order * order)
    var span = result.mutableSpan
    multiply(
      whitened.span, .none, whitened.span, .transposed, into: &span, rows: order, columns: order,
      inner: order)
    return SymmetricMatrix(order: order, elements: result)
  }
}
