import LinearAlgebra
import Tensors

extension GradientTape {
  /// The sum of all elements, a scalar.
  public func sum(_ x: Variable) -> Variable { sum(x, to: Shape(), factor: 1) }

  /// The mean of all elements, a scalar.
  ///
  /// - Precondition: there are some.
  public func mean(_ x: Variable) -> Variable {
    let count = shape(of: x).count
    precondition(count > 0, "the mean of no elements")
    return sum(x, to: Shape(), factor: 1 / Float(count))
  }

  /// The sum along one axis, which keeps length 1.
  public func sum(_ x: Variable, along axis: Int) -> Variable {
    sum(x, to: shape(of: x).replacing(axis, with: 1), factor: 1)
  }

  /// The mean along one axis, which keeps length 1.
  public func mean(_ x: Variable, along axis: Int) -> Variable {
    let length = shape(of: x)[axis]
    precondition(length > 0, "the mean of no elements")
    return sum(x, to: shape(of: x).replacing(axis, with: 1), factor: 1 / Float(length))
  }

  private func sum(_ x: Variable, to reduced: Shape, factor: Float) -> Variable {
    let from = shape(of: x)
    return record(.sum(factor: factor), x, shape: reduced) { out in
      withValue(of: x) { Broadcasting.sum($0, from, to: reduced, into: &out) }
      if factor != 1 { VectorMath.scale(&out, by: factor) }
    }
  }

  /// The largest element along the last axis, which keeps length 1; the derivative goes to the
  /// first of equals.
  public func maximum(_ x: Variable) -> Variable {
    let shape = shape(of: x)
    let length = shape[-1]
    precondition(length > 0, "the maximum of no elements")
    let rows = shape.count / length
    let index = nodes.count
    return record(.maximum, x, shape: shape.replacing(-1, with: 1)) { out in
      var places: [Int32] = []
      swap(&places, &integers[index])
      if places.count < rows { places = [Int32](repeating: 0, count: rows) }
      withValue(of: x) { x in
        for row in 0..<rows {
          var best = row * length
          for i in row * length..<(row + 1) * length where x[i] > x[best] { best = i }
          places[row] = Int32(best)
          out[row] = x[best]
        }
      }
      swap(&places, &integers[index])
    }
  }

  /// ln Σ eˣ along the last axis, which keeps length 1; never overflows.
  public func logSumExp(_ x: Variable) -> Variable {
    let shape = shape(of: x)
    let length = shape[-1]
    precondition(length > 0, "the logarithm of an empty sum")
    let rows = shape.count / length
    let index = nodes.count
    return record(.logSumExp, x, shape: shape.replacing(-1, with: 1)) { out in
      // What is kept is the softmax, which is the derivative.
      writeAuxiliary(index, count: shape.count) { softmax in
        withValue(of: x) { x in
          for row in 0..<rows {
            let range = row * length..<(row + 1) * length
            let peak = VectorMath.maximum(x.extracting(range))
            if !peak.isFinite {
              out[row] = peak
              for i in range { softmax[i] = x[i] == peak ? 1 : 0 }
              continue
            }
            var part = softmax._mutatingExtracting(range)
            VectorMath.scale(x.extracting(range), by: 1, plus: -peak, into: &part)
            VectorMath.apply(.exponential, inPlace: &part)
            var total: Float = 0
            for i in 0..<length { total += part[i] }
            VectorMath.scale(&part, by: 1 / total)
            out[row] = peak + Float(Double(total).logarithm)
          }
        }
      }
    }
  }

  /// eˣ over its sum along the last axis.
  public func softmax(_ x: Variable) -> Variable { exponential(logSoftmax(x)) }

  /// The logarithm of the softmax along the last axis.
  public func logSoftmax(_ x: Variable) -> Variable {
    // The peak goes first: a difference of large logits would lose the digits that matter.
    let shifted = subtract(x, maximum(x))
    return subtract(shifted, logSumExp(shifted))
  }
}
