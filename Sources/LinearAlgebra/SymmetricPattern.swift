internal import CVectorMath

/// The places of a sparse symmetric matrix, and what is computed for those alone.
///
/// Dense matrices are `[order, order]`, row-major. Values of a sparse one are in the order of
/// ``members``, each place of the lower triangle once.
public struct SymmetricPattern: Sendable {
  /// The number of rows and of columns.
  public let order: Int
  /// Row j has places at `members[starts[j]..<starts[j + 1]]`; `[order + 1]` when complete.
  public private(set) var starts: [Int32] = [0]
  /// Places in their rows, in ascending order, on the diagonal or left of it.
  public private(set) var members: [Int32] = []
  /// The rows of both triangles, as `starts` and `members`, and where each place has its value.
  private var bothStarts: [Int32] = []
  private var bothColumns: [Int32] = []
  private var sources: [Int32] = []
  private var values: [Double] = []
  private var scratch: [Double]

  public init(order: Int) {
    self.order = order
    scratch = [Double](repeating: 0, count: CVM_SWEEP_COLUMNS * order)
  }

  /// The number of places in the lower triangle.
  public var count: Int { members.count }

  /// Takes all places away, but not their memory.
  public mutating func removeAll() {
    starts.removeAll(keepingCapacity: true)
    starts.append(0)
    members.removeAll(keepingCapacity: true)
  }

  /// Adds a place to the row that is open.
  public mutating func append(_ column: Int) { members.append(Int32(truncatingIfNeeded: column)) }

  /// Ends the row that is open, and opens the next.
  public mutating func endRow() { starts.append(Int32(members.count)) }

  /// Prepares ``multiply(_:_:into:stride:)`` when all rows have ended.
  public mutating func complete() {
    precondition(starts.count == order + 1, "\(starts.count - 1) of \(order) rows")
    var next = [Int32](repeating: 0, count: order + 1)
    for j in 0..<order {
      for place in Int(starts[j])..<Int(starts[j + 1]) {
        let i = Int(members[place])
        next[j + 1] += 1
        if i != j { next[i + 1] += 1 }
      }
    }
    for j in 0..<order { next[j + 1] += next[j] }
    bothStarts = next
    let count = Int(next[order])
    bothColumns = [Int32](repeating: 0, count: count)
    sources = bothColumns
    values = [Double](repeating: 0, count: count)
    for j in 0..<order {
      for place in Int(starts[j])..<Int(starts[j + 1]) {
        let i = Int(members[place])
        let left = Int(next[j])
        bothColumns[left] = Int32(i)
        sources[left] = Int32(place)
        next[j] += 1
        if i != j {
          let right = Int(next[i])
          bothColumns[right] = Int32(j)
          sources[right] = Int32(place)
          next[i] += 1
        }
      }
    }
  }

  /// `result = X B`, of the sparse X with these places.
  ///
  /// - Parameters:
  ///   - x: the values of X, `[count]`.
  ///   - b: `[order, order]`.
  ///   - result: `[order, stride]`.
  public mutating func multiply(
    _ x: Span<Double>, _ b: Span<Double>, into result: inout MutableSpan<Double>, stride: Int
  ) {
    precondition(
      x.count == count && b.count == order * order && stride >= order
        && result.count == order * stride && bothStarts.count == order + 1,
      "\(x.count) values at \(count) places, order \(order), not \(b.count) entries")
    if order == 0 { return }
    for place in values.indices { values[place] = x[Int(sources[place])] }
    let n = order
    unsafe bothStarts.withUnsafeBufferPointer { starts in
      unsafe bothColumns.withUnsafeBufferPointer { columns in
        unsafe values.withUnsafeBufferPointer { values in
          unsafe b.withUnsafeBufferPointer { b in
            unsafe result.withUnsafeMutableBufferPointer { result in
              unsafe cvm_sparse_product(
                starts.baseAddress, columns.baseAddress, values.baseAddress, n, b.baseAddress,
                result.baseAddress, stride)
            }
          }
        }
      }
    }
  }

  /// The entries of B U at these places, where that product is symmetric.
  ///
  /// - Parameters:
  ///   - b: symmetric, `[order, order]`.
  ///   - u: `[order, stride]`.
  ///   - result: `[count]`.
  public mutating func sample(
    _ b: Span<Double>, _ u: Span<Double>, stride: Int, into result: inout MutableSpan<Double>
  ) {
    precondition(
      b.count == order * order && stride >= order && u.count == order * stride
        && result.count == count && starts.count == order + 1,
      "\(result.count) values for \(count) places of order \(order)")
    if order == 0 { return }
    let n = order
    var rows: [Double] = []
    swap(&rows, &scratch)
    unsafe starts.withUnsafeBufferPointer { starts in
      unsafe members.withUnsafeBufferPointer { members in
        unsafe b.withUnsafeBufferPointer { b in
          unsafe u.withUnsafeBufferPointer { u in
            unsafe result.withUnsafeMutableBufferPointer { result in
              unsafe rows.withUnsafeMutableBufferPointer { rows in
                unsafe cvm_sampled_product(
                  starts.baseAddress, members.baseAddress, n, b.baseAddress, u.baseAddress, stride,
                  rows.baseAddress, result.baseAddress)
              }
            }
          }
        }
      }
    }
    swap(&rows, &scratch)
  }

  /// One sweep of coordinate descent over the entries of D at these places, on the Newton model
  /// Tr(G D) + ½ Tr(W D W D) + ρ Σ |Λ + D| of a penalised log-determinant (Hsieh et al. 2014).
  ///
  /// All matrices are `[order, order]`; of G, Λ and D the lower triangle counts.
  ///
  /// - Parameters:
  ///   - covariance: W = Λ⁻¹, both triangles.
  ///   - gradient: G.
  ///   - precision: Λ.
  ///   - penalty: ρ; on the diagonal `diagonalPenalty` stands for it.
  ///   - direction: D.
  ///   - product: D W, `[order, stride]`, which follows D.
  /// - Returns: the sum of the magnitudes of all changes, and of the entries of D.
  public mutating func sweep(
    covariance: Span<Double>, gradient: Span<Double>, precision: Span<Double>, penalty: Double,
    diagonalPenalty: Double, direction: inout MutableSpan<Double>,
    product: inout MutableSpan<Double>, stride: Int
  ) -> (change: Double, size: Double) {
    let square = order * order
    precondition(
      covariance.count == square && gradient.count == square && precision.count == square
        && direction.count == square && stride >= order && product.count == order * stride,
      "matrices of order \(order)")
    precondition(starts.count == order + 1, "\(starts.count - 1) of \(order) rows")
    if order == 0 { return (0, 0) }
    let n = order
    var sums = [0.0, 0.0]
    var rows: [Double] = []
    swap(&rows, &scratch)
    unsafe starts.withUnsafeBufferPointer { starts in
      unsafe members.withUnsafeBufferPointer { members in
        unsafe covariance.withUnsafeBufferPointer { w in
          unsafe gradient.withUnsafeBufferPointer { g in
            unsafe precision.withUnsafeBufferPointer { lambda in
              unsafe direction.withUnsafeMutableBufferPointer { d in
                unsafe product.withUnsafeMutableBufferPointer { u in
                  unsafe rows.withUnsafeMutableBufferPointer { rows in
                    unsafe sums.withUnsafeMutableBufferPointer { sums in
                      unsafe cvm_precision_sweep(
                        starts.baseAddress, members.baseAddress, n, w.baseAddress, g.baseAddress,
                        lambda.baseAddress, penalty, diagonalPenalty, d.baseAddress,
                        u.baseAddress, stride, rows.baseAddress, sums.baseAddress)
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    swap(&rows, &scratch)
    return (sums[0], sums[1])
  }
}
