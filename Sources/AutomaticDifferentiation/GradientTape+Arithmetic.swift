import LinearAlgebra
import Tensors

extension GradientTape {
  /// a + b, broadcast by NumPy's rule.
  public func add(_ a: Variable, _ b: Variable) -> Variable { combine(a, .add, b) }

  /// a - b, broadcast.
  public func subtract(_ a: Variable, _ b: Variable) -> Variable { combine(a, .subtract, b) }

  /// a · b element by element, broadcast.
  public func multiply(_ a: Variable, _ b: Variable) -> Variable { combine(a, .multiply, b) }

  /// a / b element by element, broadcast.
  public func divide(_ a: Variable, _ b: Variable) -> Variable { combine(a, .divide, b) }

  private func combine(
    _ a: Variable, _ operation: VectorMath.Operation, _ b: Variable
  ) -> Variable {
    let aShape = shape(of: a)
    let bShape = shape(of: b)
    guard let joint = aShape.broadcast(with: bShape) else {
      preconditionFailure("shapes \(aShape) and \(bShape) do not broadcast")
    }
    return record(.combine(operation), a, b, shape: joint) { out in
      withValue(of: a) { a in
        withValue(of: b) { b in
          Broadcasting.combine(a, aShape, operation, b, bShape, into: &out, joint)
        }
      }
    }
  }

  /// scale · x + shift.
  public func scale(_ x: Variable, by scale: Float, plus shift: Float = 0) -> Variable {
    record(.scale(scale), x, shape: shape(of: x)) { out in
      withValue(of: x) { VectorMath.scale($0, by: scale, plus: shift, into: &out) }
    }
  }

  /// -x.
  public func negate(_ x: Variable) -> Variable { scale(x, by: -1) }

  /// x².
  public func square(_ x: Variable) -> Variable {
    record(.square, x, shape: shape(of: x)) { out in
      withValue(of: x) { VectorMath.combine($0, .multiply, $0, into: &out) }
    }
  }

  /// |x|; the derivative at 0 is 0.
  public func absolute(_ x: Variable) -> Variable {
    record(.absolute, x, shape: shape(of: x)) { out in
      withValue(of: x) { x in for i in 0..<out.count { out[i] = abs(x[i]) } }
    }
  }

  private func apply(_ function: VectorMath.Function, _ x: Variable) -> Variable {
    record(.apply(function), x, shape: shape(of: x)) { out in
      withValue(of: x) { VectorMath.apply(function, to: $0, into: &out) }
    }
  }

  /// x with zeros in place of NaN, a constant: what an encoder sees of a row with gaps.
  public func replacingMissing(_ x: Variable) -> Variable {
    constant(shape(of: x)) { out in
      withValue(of: x) { x in for i in 0..<out.count { out[i] = x[i].isNaN ? 0 : x[i] } }
    }
  }

  /// eˣ.
  public func exponential(_ x: Variable) -> Variable { apply(.exponential, x) }
  /// ln x.
  public func logarithm(_ x: Variable) -> Variable { apply(.logarithm, x) }
  /// √x.
  public func squareRoot(_ x: Variable) -> Variable { apply(.squareRoot, x) }
  /// tanh x.
  public func tanh(_ x: Variable) -> Variable { apply(.hyperbolicTangent, x) }
  /// 1 / (1 + e⁻ˣ).
  public func sigmoid(_ x: Variable) -> Variable { apply(.sigmoid, x) }
  /// ln(1 + eˣ).
  public func softplus(_ x: Variable) -> Variable { apply(.softplus, x) }
  /// max(0, x); the derivative at 0 is 0.
  public func relu(_ x: Variable) -> Variable { apply(.relu, x) }

  /// x where positive, slope · x elsewhere.
  public func leakyRelu(_ x: Variable, slope: Float = 0.01) -> Variable {
    record(.leakyRelu(slope: slope), x, shape: shape(of: x)) { out in
      withValue(of: x) { x in for i in 0..<out.count { out[i] = x[i] > 0 ? x[i] : slope * x[i] } }
    }
  }

  /// x · sigmoid(x), also called swish.
  public func silu(_ x: Variable) -> Variable { multiply(x, sigmoid(x)) }

  /// LeCun's squashing function 1.7159 tanh(2x/3) (LeCun et al. 1998, appendix A).
  public func scaledTanh(_ x: Variable) -> Variable {
    record(.scaledTanh, x, shape: shape(of: x)) { out in
      withValue(of: x) { x in
        // Part by part, so that three passes over the first-level cache are one over memory.
        for start in stride(from: 0, to: x.count, by: 2048) {
          let range = start..<min(start + 2048, x.count)
          var part = out._mutatingExtracting(range)
          VectorMath.scale(x.extracting(range), by: 2.0 / 3, into: &part)
          VectorMath.apply(.hyperbolicTangent, inPlace: &part)
          VectorMath.scale(&part, by: 1.7159)
        }
      }
    }
  }
}
