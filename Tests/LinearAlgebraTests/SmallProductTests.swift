import LinearAlgebra
import Testing

/// Products of the sizes of small networks, which on some processors are not OpenBLAS's.
@Suite struct SmallProductTests {
  /// Around the widths of the vectors and tiles, and sums of one block, of several and of part of one.
  static let columns = [1, 8, 15, 16, 17, 33, 48, 76, 113, 128, 200]
  static let inner = [1, 7, 38, 128, 129, 300]
  static let rows = [1, 2, 5, 6, 7, 12, 13, 25, 47, 48, 50]

  static func product(
    _ a: [Float], _ aOrder: Transposition, _ b: [Float], _ bOrder: Transposition, rows: Int,
    columns: Int, inner: Int, scale: Float = 1, keep: Float = 0, old: [Float]? = nil
  ) -> [Float] {
    var result = old ?? [Float](repeating: .nan, count: rows * columns)
    var span = result.mutableSpan
    multiply(
      a.span, aOrder, b.span, bOrder, into: &span, rows: rows, columns: columns, inner: inner,
      scale: scale, keep: keep)
    return result
  }

  /// The transpose of a matrix of `rows` rows.
  static func transpose<T>(_ matrix: [T], rows: Int) -> [T] {
    let columns = matrix.count / rows
    return (0..<columns).flatMap { j in (0..<rows).map { matrix[$0 * columns + j] } }
  }

  @Test(arguments: columns) func everyOrderAndShape(_ columns: Int) {
    var values = SampleValues(seed: 5)
    for inner in Self.inner {
      for rows in [1, 6, 13, 50] {
        let a = values.floats(rows * inner)
        let b = values.floats(inner * columns)
        let old = values.floats(rows * columns)
        let exact = MatrixProductTests.product(
          a.map(Double.init), .none, b.map(Double.init), .none,
          .init(rows: rows, inner: inner, columns: columns))
        let kept = zip(exact, old).map { -1.5 * $0 + 0.25 * Double($1) }
        for (aOrder, bOrder) in MatrixProductTests.orders {
          let left = aOrder == .none ? a : Self.transpose(a, rows: rows)
          let right = bOrder == .none ? b : Self.transpose(b, rows: inner)
          let plain = Self.product(
            left, aOrder, right, bOrder, rows: rows, columns: columns, inner: inner)
          #expect(plain.error(from: exact) < 1e-5, "\(rows), \(inner): \(aOrder), \(bOrder)")
          let added = Self.product(
            left, aOrder, right, bOrder, rows: rows, columns: columns, inner: inner, scale: -1.5,
            keep: 0.25, old: old)
          #expect(added.error(from: kept) < 1e-5, "\(rows), \(inner): \(aOrder), \(bOrder)")
        }
      }
    }
  }

  /// A score must not change with the rows that happen to be scored beside it.
  @Test(.enabled(if: OpenBLAS.vectorInstructionSet == "avx512"), arguments: columns)
  func aRowDependsOnNoOtherRow(_ columns: Int) {
    var values = SampleValues(seed: 6)
    for inner in Self.inner {
      let most = Self.rows.max()!
      let a = values.floats(most * inner)
      let b = values.floats(inner * columns)
      for (aOrder, bOrder) in MatrixProductTests.orders {
        let right = bOrder == .none ? b : Self.transpose(b, rows: inner)
        // The rows `first ..< first + count` alone.
        func rows(_ first: Int, _ count: Int) -> [UInt32] {
          let part = Array(a[first * inner..<(first + count) * inner])
          let left = aOrder == .none ? part : Self.transpose(part, rows: count)
          return Self.product(
            left, aOrder, right, bOrder, rows: count, columns: columns, inner: inner, scale: 0.7
          ).map(\.bitPattern)
        }
        let all = rows(0, most)
        for count in Self.rows {
          for first in [0, (most - count) / 2, most - count] {
            #expect(
              rows(first, count) == Array(all[first * columns..<(first + count) * columns]),
              "rows \(first) to \(first + count), \(inner): \(aOrder), \(bOrder)")
          }
        }
      }
    }
  }

  /// Neither beside nor before its result does a product write anything.
  @Test(arguments: columns) func nothingElseIsWritten(_ columns: Int) {
    var values = SampleValues(seed: 7)
    for rows in [1, 7, 50] {
      let a = values.floats(rows * 9)
      let b = values.floats(9 * columns)
      var memory = [Float](repeating: 42, count: rows * columns + 64)
      do {
        var whole = memory.mutableSpan
        var result = whole._mutatingExtracting(32..<32 + rows * columns)
        multiply(
          a.span, .none, b.span, .none, into: &result, rows: rows, columns: columns, inner: 9)
      }
      #expect(memory.prefix(32).allSatisfy { $0 == 42 })
      #expect(memory.suffix(32).allSatisfy { $0 == 42 })
    }
  }
}
