import LinearAlgebra
import Testing

/// Products against the definition, with every way of reading the factors.
@Suite struct MatrixProductTests {
  struct Extents: CustomTestStringConvertible {
    let rows, inner, columns: Int
    var testDescription: String { "[\(rows), \(inner)] · [\(inner), \(columns)]" }

    static let table = [
      Extents(rows: 1, inner: 1, columns: 1), Extents(rows: 3, inner: 5, columns: 7),
      Extents(rows: 17, inner: 1, columns: 9), Extents(rows: 1, inner: 33, columns: 1),
      Extents(rows: 31, inner: 65, columns: 19), Extents(rows: 64, inner: 127, columns: 101),
    ]
  }

  /// Σ op(a) op(b), entry by entry.
  static func product(
    _ a: [Double], _ aOrder: Transposition, _ b: [Double], _ bOrder: Transposition, _ n: Extents
  ) -> [Double] {
    var result: [Double] = []
    for i in 0..<n.rows {
      for j in 0..<n.columns {
        var sum = 0.0
        for k in 0..<n.inner {
          let left = aOrder == .none ? a[i * n.inner + k] : a[k * n.rows + i]
          let right = bOrder == .none ? b[k * n.columns + j] : b[j * n.inner + k]
          sum += left * right
        }
        result.append(sum)
      }
    }
    return result
  }

  static let orders: [(Transposition, Transposition)] = [
    (.none, .none), (.none, .transposed), (.transposed, .none), (.transposed, .transposed),
  ]

  @Test(arguments: Extents.table) func productsInSinglePrecision(_ n: Extents) {
    var values = SampleValues(seed: 1)
    let a = values.floats(n.rows * n.inner)
    let b = values.floats(n.inner * n.columns)
    for (aOrder, bOrder) in Self.orders {
      var result = [Float](repeating: .nan, count: n.rows * n.columns)
      var span = result.mutableSpan
      multiply(
        a.span, aOrder, b.span, bOrder, into: &span, rows: n.rows, columns: n.columns,
        inner: n.inner)
      let expected = Self.product(a.map(Double.init), aOrder, b.map(Double.init), bOrder, n)
      #expect(result.error(from: expected) < 5e-6, "\(aOrder), \(bOrder)")
    }
  }

  @Test(arguments: Extents.table) func productsInDoublePrecision(_ n: Extents) {
    var values = SampleValues(seed: 2)
    let a = values.doubles(n.rows * n.inner)
    let b = values.doubles(n.inner * n.columns)
    for (aOrder, bOrder) in Self.orders {
      var result = [Double](repeating: .nan, count: n.rows * n.columns)
      var span = result.mutableSpan
      multiply(
        a.span, aOrder, b.span, bOrder, into: &span, rows: n.rows, columns: n.columns,
        inner: n.inner)
      let expected = Self.product(a, aOrder, b, bOrder, n)
      #expect(result.error(from: expected) < 1e-14, "\(aOrder), \(bOrder)")
    }
  }

  @Test func scaleAndKeepCombineWithTheOldContent() {
    var values = SampleValues(seed: 3)
    let n = Extents(rows: 5, inner: 11, columns: 3)
    let a = values.doubles(n.rows * n.inner)
    let b = values.doubles(n.inner * n.columns)
    let old = values.doubles(n.rows * n.columns)
    let expected = zip(Self.product(a, .none, b, .none, n), old).map { 2.5 * $0 - 0.5 * $1 }

    var double = old
    var doubleSpan = double.mutableSpan
    multiply(
      a.span, .none, b.span, .none, into: &doubleSpan, rows: 5, columns: 3, inner: 11, scale: 2.5,
      keep: -0.5)
    #expect(double.error(from: expected) < 1e-14)

    var single = old.map { Float($0) }
    let singleA = a.map { Float($0) }
    let singleB = b.map { Float($0) }
    var singleSpan = single.mutableSpan
    multiply(
      singleA.span, .none, singleB.span, .none, into: &singleSpan, rows: 5, columns: 3, inner: 11,
      scale: 2.5, keep: -0.5)
    #expect(single.error(from: expected) < 2e-6)
  }

  @Test func anEmptySumIsZero() {
    let none: [Float] = []
    var result: [Float] = [.nan, 1, 2, 3, 4, 5]
    var span = result.mutableSpan
    multiply(none.span, .none, none.span, .none, into: &span, rows: 2, columns: 3, inner: 0)
    #expect(result == [0, 0, 0, 0, 0, 0])

    var empty: [Float] = []
    var emptySpan = empty.mutableSpan
    multiply(none.span, .none, none.span, .none, into: &emptySpan, rows: 0, columns: 3, inner: 0)
    #expect(empty.isEmpty)
  }

  @Test func outerProductsAddToTheMoments() {
    var values = SampleValues(seed: 4)
    let rows = values.doubles(9 * 4)
    let old = values.doubles(16)
    var moments = old
    var span = moments.mutableSpan
    addOuterProducts(of: rows.span, count: 9, columns: 4, to: &span)
    let sums = Self.product(
      rows, .transposed, rows, .none, Extents(rows: 4, inner: 9, columns: 4))
    #expect(moments.error(from: zip(old, sums).map { $0 + $1 }) < 1e-14)
  }

  @Test func oneThreadMakesAProduct() {
    #expect(OpenBLAS.threads == 1)
    #expect(!OpenBLAS.coreType.isEmpty)
    #expect(["avx512", "x86-64-v3", "baseline"].contains(OpenBLAS.vectorInstructionSet))
  }
}
