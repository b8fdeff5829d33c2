internal import CVectorMath

/// Vectors over the prime field of p = 2³¹ - 1.
///
/// An element is an integer in [0, p), and every span here holds elements unless its comment says
/// words. A word that is no element breaks results but not memory; whatever comes from outside is
/// looked through with ``firstOther(in:from:)``. Time does not depend on the elements, so that it
/// tells nothing of secrets.
public enum PrimeFieldVectors {
  /// p = 2³¹ - 1, a Mersenne prime.
  public static let prime: UInt32 = 2_147_483_647
  /// The largest magnitude of a signed number that an element can stand for, (p - 1) / 2.
  public static let largestMagnitude: Int64 = 1_073_741_823

  /// `y += x` modulo p.
  public static func add(_ x: Span<UInt32>, to y: inout MutableSpan<UInt32>) {
    precondition(x.count == y.count, "\(x.count) elements to add to \(y.count)")
    let n = x.count
    unsafe x.withUnsafeBufferPointer { x in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe cvm_field_add(x.baseAddress, y.baseAddress, n)
      }
    }
  }

  /// `y -= x` modulo p.
  public static func subtract(_ x: Span<UInt32>, from y: inout MutableSpan<UInt32>) {
    precondition(x.count == y.count, "\(x.count) elements to subtract from \(y.count)")
    let n = x.count
    unsafe x.withUnsafeBufferPointer { x in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe cvm_field_subtract(x.baseAddress, y.baseAddress, n)
      }
    }
  }

  /// `y = Σₖ cₖ xₖ` modulo p, where x₀ is a vector of its own and the others are rows.
  ///
  /// - Parameters:
  ///   - first: x₀, as long as `y`.
  ///   - rows: x₁, x₂, …, `[coefficients.count - 1, stride]`; of each row the beginning counts.
  ///   - stride: elements from one row to the next, at least those of `y`.
  ///   - coefficients: cₖ, at least one.
  public static func combine(
    _ first: Span<UInt32>, rows: Span<UInt32>, stride: Int, coefficients: Span<UInt32>,
    into y: inout MutableSpan<UInt32>
  ) {
    let n = y.count
    let terms = coefficients.count
    precondition(terms > 0 && first.count == n, "\(terms) × \(first.count) → \(n) elements")
    precondition(
      stride >= n && rows.count == (terms - 1) * stride,
      "\(rows.count) elements in \(terms - 1) rows of \(stride) → \(n) elements")
    // An empty span may have no address to count from.
    if n == 0 { return }
    unsafe first.withUnsafeBufferPointer { first in
      unsafe rows.withUnsafeBufferPointer { rows in
        unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<UInt32>?.self, capacity: terms) {
          vectors in
          unsafe vectors.initializeElement(at: 0, to: first.baseAddress)
          for k in 1..<max(terms, 1) {
            unsafe vectors.initializeElement(at: k, to: rows.baseAddress! + (k - 1) * stride)
          }
          unsafe combine(vectors, coefficients, into: &y)
        }
      }
    }
  }

  /// `y = Σₖ cₖ xₖ` modulo p; zero without vectors.
  ///
  /// - Parameters:
  ///   - vectors: xₖ, each as long as `y`.
  ///   - coefficients: cₖ, one a vector.
  public static func combine(
    _ vectors: [[UInt32]], coefficients: Span<UInt32>, into y: inout MutableSpan<UInt32>
  ) {
    let n = y.count
    precondition(
      vectors.count == coefficients.count && vectors.allSatisfy { $0.count == n },
      "\(coefficients.count) × \(vectors.map(\.count)) → \(n) elements")
    let terms = vectors.count
    unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<UInt32>?.self, capacity: terms) {
      pointers in
      unsafe lend(vectors, at: 0, pointers, coefficients, into: &y)
    }
  }

  /// Holds one array after the other in place until all of them lend their memory.
  private static func lend(
    _ vectors: [[UInt32]], at k: Int,
    _ pointers: UnsafeMutableBufferPointer<UnsafePointer<UInt32>?>, _ coefficients: Span<UInt32>,
    into y: inout MutableSpan<UInt32>
  ) {
    guard k < vectors.count else { return unsafe combine(pointers, coefficients, into: &y) }
    unsafe vectors[k].withUnsafeBufferPointer { vector in
      unsafe pointers.initializeElement(at: k, to: vector.baseAddress)
      unsafe lend(vectors, at: k + 1, pointers, coefficients, into: &y)
    }
  }

  private static func combine(
    _ vectors: UnsafeMutableBufferPointer<UnsafePointer<UInt32>?>, _ coefficients: Span<UInt32>,
    into y: inout MutableSpan<UInt32>
  ) {
    let n = y.count
    unsafe coefficients.withUnsafeBufferPointer { c in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe cvm_field_combine(vectors.baseAddress, c.baseAddress, c.count, 0, y.baseAddress, n)
      }
    }
  }

  /// The first place from `start` on where a word is no element; `nil` when all are.
  public static func firstOther(in words: Span<UInt32>, from start: Int = 0) -> Int? {
    let n = words.count
    precondition((0...n).contains(start), "from place \(start) of \(n) words")
    let place = unsafe words.withUnsafeBufferPointer {
      unsafe cvm_field_find_other($0.baseAddress, start, n)
    }
    return place < n ? place : nil
  }

  /// Keeps the low 31 bits of each word from `start` on, up to the first place where they are all
  /// ones, which is no element and must be drawn anew; `nil` when there is none.
  ///
  /// Words after the returned place may still be words of 32 bits: go on from there.
  public static func mask(_ words: inout MutableSpan<UInt32>, from start: Int = 0) -> Int? {
    let n = words.count
    precondition((0...n).contains(start), "from place \(start) of \(n) words")
    let place = unsafe words.withUnsafeMutableBufferPointer {
      unsafe cvm_field_mask_words($0.baseAddress, start, n)
    }
    return place < n ? place : nil
  }
}
