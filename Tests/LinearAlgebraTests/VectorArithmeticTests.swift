import LinearAlgebra
import Testing

/// Arithmetic and reductions over spans of every length around a register's.
@Suite struct VectorArithmeticTests {
  static let counts = [0, 1, 2, 15, 16, 17, 31, 33, 63, 64, 65, 100, 129]

  /// A buffer with guards behind its elements; writing must leave them alone.
  static func write(
    _ initial: [Float], _ body: (inout MutableSpan<Float>) -> Void
  ) -> [Float] {
    var memory = initial + [Float](repeating: 123, count: 20)
    var whole = memory.mutableSpan
    var part = whole._mutatingExtracting(0..<initial.count)
    body(&part)
    #expect(memory[initial.count...].allSatisfy { $0 == 123 })
    return Array(memory[..<initial.count])
  }

  static func sum(_ x: [Float]) -> Float { VectorMath.sum(x.span) }
  static func innerProduct(_ a: [Float], _ b: [Float]) -> Float {
    VectorMath.innerProduct(a.span, b.span)
  }
  static func maximum(_ x: [Float]) -> Float { VectorMath.maximum(x.span) }

  @Test(arguments: counts) func arithmeticIsExactlyThatOfFloat(_ n: Int) {
    var values = SampleValues(seed: 8)
    let a = values.floats(n)
    let b = values.floats(n, in: 0.5...2)
    let zeros = [Float](repeating: 0, count: n)
    #expect(
      Self.write(zeros) { VectorMath.combine(a.span, .add, b.span, into: &$0) }
        == zip(a, b).map { $0 + $1 })
    #expect(
      Self.write(zeros) { VectorMath.combine(a.span, .subtract, b.span, into: &$0) }
        == zip(a, b).map { $0 - $1 })
    #expect(
      Self.write(zeros) { VectorMath.combine(a.span, .multiply, b.span, into: &$0) }
        == zip(a, b).map { $0 * $1 })
    #expect(
      Self.write(zeros) { VectorMath.combine(a.span, .divide, b.span, into: &$0) }
        == zip(a, b).map { $0 / $1 })
    #expect(
      Self.write(a) { VectorMath.multiply(&$0, by: b.span) } == zip(a, b).map { $0 * $1 })
    #expect(Self.write(a) { VectorMath.scale(&$0, by: 3) } == a.map { $0 * 3 })
  }

  @Test(arguments: counts) func scaledSumsAreThoseOfDouble(_ n: Int) {
    var values = SampleValues(seed: 9)
    let a = values.floats(n)
    let b = values.floats(n)
    let y = values.floats(n)
    let scaled = Self.write(y) { VectorMath.scale(a.span, by: 1.5, plus: -0.25, into: &$0) }
    #expect(scaled.error(from: a.map { 1.5 * Double($0) - 0.25 }) < 1e-7)
    let added = Self.write(y) { VectorMath.add(a.span, times: -0.75, to: &$0) }
    #expect(added.error(from: zip(a, y).map { -0.75 * Double($0) + Double($1) }) < 1e-7)
    let products = Self.write(y) { VectorMath.addProduct(a.span, b.span, to: &$0) }
    let expected = (0..<n).map { Double(a[$0]) * Double(b[$0]) + Double(y[$0]) }
    #expect(products.error(from: expected) < 1e-7)
  }

  @Test(arguments: counts) func sumsAndInnerProducts(_ n: Int) {
    var values = SampleValues(seed: 10)
    let a = values.floats(n)
    let b = values.floats(n)
    let sum = a.reduce(0.0) { $0 + Double($1) }
    let product = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(Double(Self.sum(a)) - sum) < 1e-5)
    #expect(abs(Double(Self.innerProduct(a, b)) - product) < 1e-5)
  }

  /// Whole numbers have one sum, whatever the order: a lost or doubled element shows.
  @Test(arguments: counts) func everyElementIsSummedOnce(_ n: Int) {
    let x = (0..<n).map { Float($0 + 1) }
    let ones = [Float](repeating: 1, count: n)
    #expect(Self.sum(x) == Float(n * (n + 1) / 2))
    #expect(Self.innerProduct(x, ones) == Float(n * (n + 1) / 2))
  }

  @Test(arguments: counts) func theLargestElementIsFoundAtEveryPlace(_ n: Int) {
    let none: [Float] = []
    #expect(Self.maximum(none) == -.infinity)
    for place in 0..<n {
      var x = [Float](repeating: -5, count: n)
      x[place] = -4
      #expect(Self.maximum(x) == -4)
    }
  }

  @Test(arguments: counts, [0, 1, 2, 3, 7]) func columnSumsAddEachColumn(
    _ columns: Int, _ rows: Int
  ) {
    var values = SampleValues(seed: 11)
    let x = values.floats(rows * columns)
    let sums = Self.write([Float](repeating: .nan, count: columns)) {
      VectorMath.columnSums(x.span, rows: rows, columns: columns, into: &$0)
    }
    let expected = (0..<columns).map { j in
      (0..<rows).reduce(0.0) { $0 + Double(x[$1 * columns + j]) }
    }
    #expect(sums.error(from: expected) < 1e-6)
  }
}
