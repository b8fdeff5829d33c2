import LinearAlgebra

/// Arithmetic between tensors of different shapes, by NumPy's rule: axes are matched from the
/// last, and one of length 1 is repeated.
public enum Broadcasting {
  /// `result = a ∘ b`, over the shape that both broadcast to.
  public static func combine(
    _ a: Span<Float>, _ aShape: Shape, _ operation: VectorMath.Operation,
    _ b: Span<Float>, _ bShape: Shape, into result: inout MutableSpan<Float>, _ shape: Shape
  ) {
    if aShape == bShape {
      VectorMath.combine(a, operation, b, into: &result)
      return
    }
    precondition(
      aShape.broadcast(with: bShape) == shape && result.count == shape.count,
      "shapes \(aShape) and \(bShape) do not broadcast to \(shape)")
    let n = shape.padded
    let aStride = aShape.paddedStrides
    let bStride = bShape.paddedStrides
    var out = 0
    for i in 0..<n[0] {
      for j in 0..<n[1] {
        for k in 0..<n[2] {
          let aStart = i * aStride[0] + j * aStride[1] + k * aStride[2]
          let bStart = i * bStride[0] + j * bStride[1] + k * bStride[2]
          combineRow(
            a, aStart, aStride[3], operation, b, bStart, bStride[3], into: &result, out, n[3])
          out += n[3]
        }
      }
    }
  }

  private static func combineRow(
    _ a: Span<Float>, _ aStart: Int, _ aStride: Int, _ operation: VectorMath.Operation,
    _ b: Span<Float>, _ bStart: Int, _ bStride: Int, into result: inout MutableSpan<Float>,
    _ start: Int, _ count: Int
  ) {
    if aStride == 1 && bStride == 1 && count >= 16 {
      var row = result._mutatingExtracting(start..<start + count)
      VectorMath.combine(
        a.extracting(aStart..<aStart + count), operation, b.extracting(bStart..<bStart + count),
        into: &row)
      return
    }
    for l in 0..<count {
      let x = a[aStart + l * aStride]
      let y = b[bStart + l * bStride]
      switch operation {
      case .add: result[start + l] = x + y
      case .subtract: result[start + l] = x - y
      case .multiply: result[start + l] = x * y
      case .divide: result[start + l] = x / y
      }
    }
  }

  /// Sums a tensor over the axes along which `reduced` is repeated to reach `shape`.
  ///
  /// The adjoint of broadcasting; also every reduction that keeps its axes.
  public static func sum(
    _ x: Span<Float>, _ shape: Shape, to reduced: Shape, into result: inout MutableSpan<Float>
  ) {
    precondition(
      reduced.broadcast(with: shape) == shape && result.count == reduced.count,
      "\(reduced) does not broadcast to \(shape)")
    if reduced.count == 1 {
      result[0] = VectorMath.sum(x)
      return
    }
    let n = shape.padded
    let stride = reduced.paddedStrides
    let rows = n[0] * n[1] * n[2]
    if stride[0] == 0 && stride[1] == 0 && stride[2] == 0 {
      VectorMath.columnSums(x, rows: rows, columns: n[3], into: &result)
      return
    }
    for i in 0..<result.count { result[i] = 0 }
    var start = 0
    for i in 0..<n[0] {
      for j in 0..<n[1] {
        for k in 0..<n[2] {
          let place = i * stride[0] + j * stride[1] + k * stride[2]
          let row = x.extracting(start..<start + n[3])
          if stride[3] == 0 {
            result[place] += VectorMath.sum(row)
          } else {
            var target = result._mutatingExtracting(place..<place + n[3])
            VectorMath.add(row, to: &target)
          }
          start += n[3]
        }
      }
    }
  }

  /// Repeats `x` along its axes of length 1 to fill `shape`, times a factor.
  public static func expand(
    _ x: Span<Float>, _ from: Shape, times factor: Float = 1,
    into result: inout MutableSpan<Float>, _ shape: Shape
  ) {
    precondition(
      from.broadcast(with: shape) == shape && result.count == shape.count,
      "\(from) does not broadcast to \(shape)")
    let n = shape.padded
    let stride = from.paddedStrides
    var out = 0
    for i in 0..<n[0] {
      for j in 0..<n[1] {
        for k in 0..<n[2] {
          let start = i * stride[0] + j * stride[1] + k * stride[2]
          for l in 0..<n[3] { result[out + l] = factor * x[start + l * stride[3]] }
          out += n[3]
        }
      }
    }
  }
}
