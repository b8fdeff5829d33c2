/// Moving elements without changing them: slices, joins and permuted axes.
public enum Rearrangement {
  /// Copies the part of `x` whose index on `axis` lies in `range`, into a dense result.
  public static func slice(
    _ x: Span<Float>, _ shape: Shape, axis: Int, _ range: Range<Int>,
    into result: inout MutableSpan<Float>
  ) {
    let outer = shape.count(before: axis)
    let inner = shape.count(after: axis)
    let width = range.count * inner
    precondition(
      range.upperBound <= shape[axis] && result.count == outer * width,
      "slice \(range) of axis \(axis) of \(shape)")
    for o in 0..<outer {
      let from = (o * shape[axis] + range.lowerBound) * inner
      for i in 0..<width { result[o * width + i] = x[from + i] }
    }
  }

  /// The adjoint of `slice`: puts a dense part into its place in `result`, which keeps the rest.
  public static func place(
    _ part: Span<Float>, into result: inout MutableSpan<Float>, _ shape: Shape, axis: Int,
    _ range: Range<Int>
  ) {
    let outer = shape.count(before: axis)
    let inner = shape.count(after: axis)
    let width = range.count * inner
    precondition(
      range.upperBound <= shape[axis] && part.count == outer * width,
      "slice \(range) of axis \(axis) of \(shape)")
    for o in 0..<outer {
      let to = (o * shape[axis] + range.lowerBound) * inner
      for i in 0..<width { result[to + i] = part[o * width + i] }
    }
  }

  /// Reorders the axes: axis `a` of the result is axis `order[a]` of `x`.
  ///
  /// - Parameter order: four numbers, the padded form of a permutation; see `paddedOrder`.
  public static func permute(
    _ x: Span<Float>, _ shape: Shape, order: SIMD4<Int8>, into result: inout MutableSpan<Float>
  ) {
    precondition(x.count == result.count, "\(x.count) elements for \(result.count)")
    let n = shape.padded
    var strides = SIMD4<Int>(repeating: 1)
    for axis in stride(from: 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * n[axis + 1]
    }
    var length = SIMD4<Int>(repeating: 1)
    var step = SIMD4<Int>(repeating: 0)
    for axis in 0..<4 {
      length[axis] = n[Int(order[axis])]
      step[axis] = strides[Int(order[axis])]
    }
    var out = 0
    for i in 0..<length[0] {
      for j in 0..<length[1] {
        for k in 0..<length[2] {
          let start = i * step[0] + j * step[1] + k * step[2]
          for l in 0..<length[3] { result[out + l] = x[start + l * step[3]] }
          out += length[3]
        }
      }
    }
  }

  /// A permutation of `rank` axes as one of four, for `permute`.
  public static func paddedOrder(_ order: [Int], rank: Int) -> SIMD4<Int8> {
    precondition(order.count == rank, "\(order) is not a permutation of \(rank) axes")
    var four = SIMD4<Int8>(0, 1, 2, 3)
    var seen: UInt8 = 0
    for (axis, source) in order.enumerated() {
      precondition(
        source >= 0 && source < rank && seen & (1 << UInt8(source)) == 0,
        "\(order) is not a permutation of \(rank) axes")
      seen |= 1 << UInt8(source)
      four[4 - rank + axis] = Int8(4 - rank + source)
    }
    return four
  }

  /// The permutation that undoes another.
  public static func inverse(_ order: SIMD4<Int8>) -> SIMD4<Int8> {
    var inverse = SIMD4<Int8>(repeating: 0)
    for axis in 0..<4 { inverse[Int(order[axis])] = Int8(axis) }
    return inverse
  }
}
