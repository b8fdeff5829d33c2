import Foundation

/// A tensor of Double with the plainest possible arithmetic: what the tape is held against.
struct ReferenceTensor {
  var shape: [Int]
  var elements: [Double]

  init(_ shape: [Int], _ elements: [Double]) {
    precondition(elements.count == shape.reduce(1, *), "\(elements.count) for \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// Builds a tensor from the value at each index.
  init(_ shape: [Int], at value: ([Int]) -> Double) {
    self.init(shape, Self.indices(shape).map(value))
  }

  static func indices(_ shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { prefixes, length in
      prefixes.flatMap { prefix in (0..<length).map { prefix + [$0] } }
    }
  }

  /// The element at an index; axes of length 1 repeat, and leading axes may be too many.
  subscript(_ index: [Int]) -> Double {
    let own = index.suffix(shape.count)
    return elements[zip(own, shape).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }]
  }

  func map(_ function: (Double) -> Double) -> ReferenceTensor {
    ReferenceTensor(shape, elements.map(function))
  }

  /// a ∘ b, broadcast.
  func combined(
    with other: ReferenceTensor, _ function: (Double, Double) -> Double
  ) -> ReferenceTensor {
    let rank = max(shape.count, other.shape.count)
    let a = [Int](repeating: 1, count: rank - shape.count) + shape
    let b = [Int](repeating: 1, count: rank - other.shape.count) + other.shape
    let joint = zip(a, b).map { $0 == 1 ? $1 : $0 }
    return ReferenceTensor(joint) { function(self[$0], other[$0]) }
  }

  /// A number from each line of elements along an axis, which keeps length 1.
  func reduced(along axis: Int, _ function: ([Double]) -> Double) -> ReferenceTensor {
    var result = shape
    result[axis] = 1
    return ReferenceTensor(result) { index in
      function(
        (0..<shape[axis]).map { i in
          var at = index
          at[axis] = i
          return self[at]
        })
    }
  }

  /// The last two axes exchanged.
  var transposed: ReferenceTensor {
    var result = shape
    result.swapAt(shape.count - 1, shape.count - 2)
    return ReferenceTensor(result) { index in
      var at = index
      at.swapAt(index.count - 1, index.count - 2)
      return self[at]
    }
  }

  /// The matrix product over the last two axes, with an optional first axis of equal length.
  func product(_ other: ReferenceTensor) -> ReferenceTensor {
    let inner = shape[shape.count - 1]
    return ReferenceTensor(Array(shape.dropLast()) + [other.shape.last!]) { index in
      let batch = Array(index.dropLast(2))
      let (i, j) = (index[index.count - 2], index[index.count - 1])
      return (0..<inner).reduce(0) {
        $0 + self[batch + [i, $1]] * other[batch + [$1, j]]
      }
    }
  }

  var sum: Double { elements.reduce(0, +) }

  static func scalar(_ value: Double) -> ReferenceTensor { ReferenceTensor([], [value]) }

  static func logSumExp(_ line: [Double]) -> Double {
    let peak = line.max()!
    return peak + log(line.reduce(0) { $0 + exp($1 - peak) })
  }
}
