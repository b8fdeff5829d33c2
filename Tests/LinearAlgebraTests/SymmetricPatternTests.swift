import LinearAlgebra
import Testing

@Suite struct SymmetricPatternTests {
  /// A symmetric matrix with a dominant diagonal, both triangles.
  private func matrix(_ n: Int, _ seed: Int) -> [Double] {
    var a = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        let value = Double((i * 37 + j * 101 + seed * 13) % 23) / 23 - 0.4
        a[i * n + j] = i == j ? Double(n) + value : value
        a[j * n + i] = a[i * n + j]
      }
    }
    return a
  }

  private func product(_ a: [Double], _ b: [Double], _ n: Int) -> [Double] {
    var c = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n { c[i * n + j] += a[i * n + k] * b[k * n + j] }
      }
    }
    return c
  }

  private func pattern(_ n: Int) -> (SymmetricPattern, places: [Int]) {
    var pattern = SymmetricPattern(order: n)
    var places: [Int] = []
    for j in 0..<n {
      for i in 0...j where i == j || (i * 7 + j * 3) % 4 == 0 {
        pattern.append(i)
        places.append(j * n + i)
      }
      pattern.endRow()
    }
    pattern.complete()
    return (pattern, places)
  }

  @Test(arguments: [1, 2, 7, 8, 9, 63, 64, 65, 80, 137]) func sparseProducts(n: Int) {
    var (pattern, places) = pattern(n)
    let b = matrix(n, 1)
    let x = places.indices.map { Double($0 % 11) - 4 }
    var full = [Double](repeating: 0, count: n * n)
    for (value, place) in zip(x, places) {
      full[place] = value
      full[place % n * n + place / n] = value
    }
    let stride = n + 3
    var u = [Double](repeating: .nan, count: n * stride)
    var span = u.mutableSpan
    pattern.multiply(x.span, b.span, into: &span, stride: stride)
    let xb = product(full, b, n)
    for i in 0..<n {
      for j in 0..<n { #expect(abs(u[i * stride + j] - xb[i * n + j]) < 1e-9) }
    }
    var sampled = [Double](repeating: .nan, count: places.count)
    var values = sampled.mutableSpan
    pattern.sample(b.span, u.span, stride: stride, into: &values)
    let bxb = product(b, xb, n)
    for (value, place) in zip(sampled, places) { #expect(abs(value - bxb[place]) < 1e-7) }
  }

  /// Each entry in turn goes where the one-dimensional model is least, and D W follows.
  @Test(arguments: [1, 5, 8, 17, 66]) func aSweepMovesEachEntryToItsLeast(n: Int) {
    var (pattern, places) = pattern(n)
    let w = matrix(n, 2).map { $0 / Double(n) }
    let gradient = matrix(n, 3)
    let precision = matrix(n, 4)
    let (penalty, diagonalPenalty) = (0.3, 0.1)
    var d = [Double](repeating: 0, count: n * n)
    var u = d
    var dSpan = d.mutableSpan
    var uSpan = u.mutableSpan
    let (change, size) = pattern.sweep(
      covariance: w.span, gradient: gradient.span, precision: precision.span, penalty: penalty,
      diagonalPenalty: diagonalPenalty, direction: &dSpan, product: &uSpan, stride: n)
    var expected = [Double](repeating: 0, count: n * n)
    var moved = 0.0
    for place in places {
      let (j, i) = (place / n, place % n)
      let slope = gradient[place] + product(product(w, expected, n), w, n)[place]
      let own = w[i * n + i] * w[j * n + j]
      let curvature = i == j ? own : own + w[place] * w[place]
      let rho = i == j ? diagonalPenalty : penalty
      let goal = precision[place] + expected[place] - slope / curvature
      let shrunk = max(abs(goal) - rho / curvature, 0) * (goal < 0 ? -1 : 1)
      moved += abs(shrunk - precision[place] - expected[place])
      expected[place] = shrunk - precision[place]
      expected[i * n + j] = expected[place]
    }
    for place in places { #expect(abs(d[place] - expected[place]) < 1e-8) }
    #expect(abs(change - moved) < 1e-6)
    #expect(abs(size - places.reduce(0) { $0 + abs(expected[$1]) }) < 1e-6)
    let dw = product(expected, w, n)
    for k in dw.indices { #expect(abs(u[k] - dw[k]) < 1e-8) }
  }

  @Test(arguments: [1, 3, 16, 17, 50]) func factorsAndInversesInPlace(n: Int) throws {
    let a = matrix(n, 5)
    let expected = try #require(SymmetricMatrix(order: n, elements: a).choleskyFactor())
    var work = a
    var span = work.mutableSpan
    let logDeterminant = try #require(SymmetricInPlace.factor(&span, order: n))
    #expect(abs(logDeterminant - expected.logDeterminant) < 1e-10)
    SymmetricInPlace.invert(factor: &span, order: n)
    let inverse = expected.inverse()
    for k in work.indices { #expect(abs(work[k] - inverse.elements[k]) < 1e-12) }
    var indefinite = a
    indefinite[n * n - 1] = -1
    var other = indefinite.mutableSpan
    let none = SymmetricInPlace.factor(&other, order: n)
    #expect(none == nil)
  }
}
