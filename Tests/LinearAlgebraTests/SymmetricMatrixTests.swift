import Foundation
import LinearAlgebra
import Testing

/// Factorisations of symmetric matrices, by the identities that define them.
@Suite struct SymmetricMatrixTests {
  static let orders = [1, 2, 3, 8, 17, 40]

  /// A Aᵀ / n + ½ I: symmetric, positive definite, well conditioned.
  static func positiveDefinite(_ order: Int) -> SymmetricMatrix {
    var values = SampleValues(seed: UInt64(order))
    let a = values.doubles(order * order)
    var matrix = SymmetricMatrix(identityOfOrder: order)
    for i in 0..<order {
      for j in 0..<order {
        var sum = i == j ? 0.5 : 0.0
        for k in 0..<order { sum += a[i * order + k] * a[j * order + k] / Double(order) }
        matrix[i, j] = sum
      }
    }
    return matrix
  }

  /// A x.
  static func apply(_ matrix: SymmetricMatrix, to x: [Double]) -> [Double] {
    (0..<matrix.order).map { i in
      (0..<matrix.order).reduce(0) { $0 + matrix[i, $1] * x[$1] }
    }
  }

  @Test(arguments: orders) func choleskyFactorTimesItsTransposeIsTheMatrix(_ n: Int) throws {
    let matrix = Self.positiveDefinite(n)
    let factor = try #require(matrix.choleskyFactor())
    var product = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n {
          product[i * n + j] += factor.elements[i * n + k] * factor.elements[j * n + k]
        }
        if j > i { #expect(factor.elements[i * n + j] == 0) }
      }
      #expect(factor.elements[i * n + i] > 0)
    }
    #expect(product.error(from: matrix.elements) < 1e-14)
  }

  @Test(arguments: orders) func inverseTimesMatrixIsTheIdentity(_ n: Int) throws {
    let matrix = Self.positiveDefinite(n)
    let inverse = try #require(matrix.choleskyFactor()).inverse()
    for j in 0..<n {
      let column = Self.apply(matrix, to: (0..<n).map { inverse[$0, j] })
      #expect(column.error(from: (0..<n).map { $0 == j ? 1 : 0 }) < 1e-12)
      for i in 0..<n { #expect(abs(inverse[i, j] - inverse[j, i]) < 1e-13) }
    }
  }

  @Test(arguments: orders) func logDeterminantIsTheSumOfTheEigenvaluesLogarithms(
    _ n: Int
  ) throws {
    let matrix = Self.positiveDefinite(n)
    let logDeterminant = try #require(matrix.choleskyFactor()).logDeterminant
    let values = try #require(matrix.eigendecomposition()).values
    let expected = values.reduce(0) { $0 + log($1) }
    #expect(abs(logDeterminant - expected) < 1e-12 * Double(n))
  }

  @Test func logDeterminantOfAKnownMatrix() throws {
    // |[[4, 2], [2, 3]]| = 8.
    let factor = try #require(
      SymmetricMatrix(order: 2, elements: [4, 2, 2, 3]).choleskyFactor())
    #expect(abs(factor.logDeterminant - log(8)) < 1e-15)
    #expect(factor.elements.error(from: [2, 0, 1, sqrt(2)]) < 1e-15)
  }

  @Test(arguments: orders) func whitenedRowsHaveTheMahalanobisNorm(_ n: Int) throws {
    let matrix = Self.positiveDefinite(n)
    let factor = try #require(matrix.choleskyFactor())
    let inverse = factor.inverse()
    var values = SampleValues(seed: 99)
    let rows = values.doubles(5 * n)
    var whitened = rows
    factor.whiten(&whitened)
    for r in 0..<5 {
      let x = Array(rows[r * n..<(r + 1) * n])
      let y = Array(whitened[r * n..<(r + 1) * n])
      let norm = y.reduce(0) { $0 + $1 * $1 }
      let expected = zip(x, Self.apply(inverse, to: x)).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(norm - expected) < 1e-11 * (1 + expected))
      // L y = x.
      let back = (0..<n).map { i in
        (0..<n).reduce(0) { $0 + factor.elements[i * n + $1] * y[$1] }
      }
      #expect(back.error(from: x) < 1e-13)
    }
  }

  @Test(arguments: orders) func eigenvectorsAreStretchedByTheirEigenvalues(_ n: Int) throws {
    var matrix = Self.positiveDefinite(n)
    for i in 0..<n { matrix[i, i] -= 0.7 }  // eigenvalues of both signs
    let (values, vectors) = try #require(matrix.eigendecomposition())
    #expect(values == values.sorted())
    for i in 0..<n {
      let v = Array(vectors[i * n..<(i + 1) * n])
      #expect(Self.apply(matrix, to: v).error(from: v.map { values[i] * $0 }) < 1e-13)
      for j in 0..<n {
        let inner = (0..<n).reduce(0) { $0 + v[$1] * vectors[j * n + $1] }
        #expect(abs(inner - (i == j ? 1 : 0)) < 1e-13)
      }
    }
  }

  @Test func onlyPositiveDefiniteMatricesHaveAFactor() {
    #expect(SymmetricMatrix(order: 2, elements: [1, 2, 2, 1]).choleskyFactor() == nil)
    #expect(SymmetricMatrix(order: 2, elements: [1, 1, 1, 1]).choleskyFactor() == nil)
    #expect(SymmetricMatrix(order: 1, elements: [0]).choleskyFactor() == nil)
    #expect(SymmetricMatrix(order: 1, elements: [-1]).choleskyFactor() == nil)
    #expect(SymmetricMatrix(order: 1, elements: [.nan]).choleskyFactor() == nil)
    #expect(SymmetricMatrix(order: 2, elements: [1, .nan, .nan, 1]).choleskyFactor() == nil)
  }

  @Test func notFiniteMatricesHaveNoEigendecomposition() {
    #expect(SymmetricMatrix(order: 2, elements: [1, .nan, .nan, 1]).eigendecomposition() == nil)
    #expect(SymmetricMatrix(order: 1, elements: [.infinity]).eigendecomposition() == nil)
  }

  @Test func theEmptyMatrixIsPositiveDefinite() throws {
    let empty = SymmetricMatrix(identityOfOrder: 0)
    let factor = try #require(empty.choleskyFactor())
    #expect(factor.logDeterminant == 0)
    #expect(factor.inverse().elements.isEmpty)
    #expect(try #require(empty.eigendecomposition()).values.isEmpty)
  }

  @Test func subscriptsAndDiagonal() {
    var matrix = SymmetricMatrix(order: 2, elements: [1, 2, 2, 3])
    #expect(matrix.diagonal == [1, 3])
    matrix[0, 1] = 5
    #expect(matrix.elements == [1, 5, 2, 3])
  }
}
