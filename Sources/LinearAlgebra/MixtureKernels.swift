internal import CVectorMath

/// The loops of Gaussian mixtures, in double precision. A row's results do not depend on the others.
public enum MixtureKernels {
  /// `sums[r, k]` += the sum of squares of the k-th segment of row r.
  ///
  /// - Parameters:
  ///   - rows: `[count, segments · width]`.
  ///   - sums: `[count, segments]`.
  public static func addSegmentSquareSums(
    of rows: Span<Double>, count: Int, segments: Int, width: Int, to sums: inout MutableSpan<Double>
  ) {
    precondition(
      rows.count == count * segments * width && sums.count == count * segments,
      "\(rows.count) and \(sums.count) numbers for [\(count), \(segments) · \(width)]")
    unsafe rows.withUnsafeBufferPointer { x in
      unsafe sums.withUnsafeMutableBufferPointer { y in
        unsafe cvm_add_segment_square_sums(x.baseAddress, y.baseAddress, count, segments, width)
      }
    }
  }

  /// Turns the logarithms of a row's terms into their shares of its sum, and tells the logarithm of
  /// the sum. A sum of nothing has the logarithm -∞, and its shares are zero.
  ///
  /// - Parameters:
  ///   - terms: `[count, segments]`.
  ///   - logSums: gets ln Σₖ exp(terms), `[count]`.
  public static func normalise(
    _ terms: inout MutableSpan<Double>, logSums: inout MutableSpan<Double>, segments: Int
  ) {
    let count = logSums.count
    precondition(terms.count == count * segments, "\(terms.count) terms of \(count) sums")
    unsafe terms.withUnsafeMutableBufferPointer { x in
      unsafe logSums.withUnsafeMutableBufferPointer { z in
        unsafe cvm_log_sum_exp_rows(x.baseAddress, z.baseAddress, count, segments)
      }
    }
  }
}
