import Tensors

extension GradientTape {
  /// The same elements in another shape of the same count; shares their memory.
  public func reshape(_ x: Variable, _ shape: Shape) -> Variable {
    let source = nodes[Int(x.index)]
    precondition(
      source.shape.count == shape.count, "shape \(source.shape) does not become \(shape)")
    let index = push(.reshape, x.index, shape: shape, requiresGradient: source.requiresGradient)
    nodes[index].root = source.root
    nodes[index].offset = source.offset
    return Variable(index: Int32(index))
  }

  /// The part of a tensor whose index on `axis` lies in `range`.
  public func slice(_ x: Variable, along axis: Int, _ range: Range<Int>) -> Variable {
    let shape = shape(of: x)
    let axis = shape.resolve(axis)
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[axis],
      "slice \(range) of axis \(axis) of shape \(shape)")
    let result = shape.replacing(axis, with: range.count)
    return record(.slice(axis: axis, start: range.lowerBound), x, shape: result) { out in
      withValue(of: x) { Rearrangement.slice($0, shape, axis: axis, range, into: &out) }
    }
  }

  /// Two tensors joined along an axis; all other axes agree.
  public func concatenate(_ a: Variable, _ b: Variable, along axis: Int) -> Variable {
    let aShape = shape(of: a)
    let bShape = shape(of: b)
    let axis = aShape.resolve(axis)
    precondition(
      aShape.rank == bShape.rank
        && aShape.replacing(axis, with: 0) == bShape.replacing(axis, with: 0),
      "shapes \(aShape) and \(bShape) do not join along axis \(axis)")
    let joint = aShape.replacing(axis, with: aShape[axis] + bShape[axis])
    return record(.concatenate(axis: axis), a, b, shape: joint) { out in
      withValue(of: a) {
        Rearrangement.place($0, into: &out, joint, axis: axis, 0..<aShape[axis])
      }
      withValue(of: b) {
        Rearrangement.place($0, into: &out, joint, axis: axis, aShape[axis]..<joint[axis])
      }
    }
  }

  /// The axes in another order: axis `a` of the result is axis `order[a]` of `x`.
  public func permute(_ x: Variable, _ order: [Int]) -> Variable {
    let shape = shape(of: x)
    let padded = Rearrangement.paddedOrder(order, rank: shape.rank)
    var result = shape
    for (axis, source) in order.enumerated() {
      result = result.replacing(axis, with: shape[source])
    }
    return record(.permute(padded), x, shape: result) { out in
      withValue(of: x) { Rearrangement.permute($0, shape, order: padded, into: &out) }
    }
  }

  /// The rows of `x` (its parts along the first axis) at these places, in this order; a row may
  /// come twice.
  public func gather(_ x: Variable, rows: [Int32]) -> Variable {
    let shape = shape(of: x)
    let width = shape.count(after: 0)
    for row in rows {
      precondition(row >= 0 && Int(row) < shape[0], "row \(row) of a tensor of shape \(shape)")
    }
    integersForNextNode(rows)
    return record(.gatherRows, x, shape: shape.replacing(0, with: rows.count)) { out in
      withValue(of: x) { x in
        for (place, row) in rows.enumerated() {
          for i in 0..<width { out[place * width + i] = x[Int(row) * width + i] }
        }
      }
    }
  }

  private func integersForNextNode(_ numbers: [Int32]) {
    if integers.count == nodes.count {
      integers.append(numbers)
      values.append([])
      gradients.append([])
      auxiliary.append([])
      hasGradient.append(false)
    } else {
      integers[nodes.count] = numbers
    }
  }
}
