internal import CVectorMath

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

extension Double {
  /// ln of the value.
  public var logarithm: Double { log(self) }
  /// e to the value.
  public var exponential: Double { exp(self) }
  /// The cosine of an angle in radians.
  public var cosine: Double { cos(self) }
  /// ln |Γ(x)| of a positive value.
  public var logGamma: Double { lgamma(self) }
}

/// Elementwise functions over spans of Float, accurate to two units in the last place,
/// sigmoid and softplus to three.
///
/// A value's result does not depend on its place in the span.
public enum VectorMath {
  /// An elementwise function of one argument.
  public enum Function: Sendable {
    case exponential, logarithm, hyperbolicTangent, sigmoid, softplus, relu, squareRoot
  }

  /// `y = f(x)`.
  public static func apply(
    _ function: Function, to x: Span<Float>, into y: inout MutableSpan<Float>
  ) {
    precondition(x.count == y.count, "\(x.count) arguments for \(y.count) results")
    let n = x.count
    unsafe x.withUnsafeBufferPointer { x in
      unsafe y.withUnsafeMutableBufferPointer { y in
        switch function {
        case .exponential: unsafe cvm_exp(x.baseAddress, y.baseAddress, n)
        case .logarithm: unsafe cvm_log(x.baseAddress, y.baseAddress, n)
        case .hyperbolicTangent: unsafe cvm_tanh(x.baseAddress, y.baseAddress, n)
        case .sigmoid: unsafe cvm_sigmoid(x.baseAddress, y.baseAddress, n)
        case .softplus: unsafe cvm_softplus(x.baseAddress, y.baseAddress, n)
        case .relu: unsafe cvm_relu(x.baseAddress, y.baseAddress, n)
        case .squareRoot: unsafe cvm_sqrt(x.baseAddress, y.baseAddress, n)
        }
      }
    }
  }

  /// `y = f(y)`.
  public static func apply(_ function: Function, inPlace y: inout MutableSpan<Float>) {
    let n = y.count
    unsafe y.withUnsafeMutableBufferPointer { y in
      let p = y.baseAddress
      switch function {
      case .exponential: unsafe cvm_exp(p, p, n)
      case .logarithm: unsafe cvm_log(p, p, n)
      case .hyperbolicTangent: unsafe cvm_tanh(p, p, n)
      case .sigmoid: unsafe cvm_sigmoid(p, p, n)
      case .softplus: unsafe cvm_softplus(p, p, n)
      case .relu: unsafe cvm_relu(p, p, n)
      case .squareRoot: unsafe cvm_sqrt(p, p, n)
      }
    }
  }

  /// `y *= a`, element by element.
  public static func multiply(_ y: inout MutableSpan<Float>, by a: Span<Float>) {
    precondition(a.count == y.count, "\(a.count) factors for \(y.count) elements")
    let n = y.count
    unsafe a.withUnsafeBufferPointer { a in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe cvm_multiply(y.baseAddress, a.baseAddress, y.baseAddress, n)
      }
    }
  }

  /// An elementwise operation of two arguments.
  public enum Operation: Sendable {
    case add, subtract, multiply, divide
  }

  /// `y = a ∘ b`.
  public static func combine(
    _ a: Span<Float>, _ operation: Operation, _ b: Span<Float>, into y: inout MutableSpan<Float>
  ) {
    precondition(
      a.count == b.count && a.count == y.count, "\(a.count), \(b.count) → \(y.count) elements")
    let n = a.count
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        unsafe y.withUnsafeMutableBufferPointer { y in
          switch operation {
          case .add: unsafe cvm_add(a.baseAddress, b.baseAddress, y.baseAddress, n)
          case .subtract: unsafe cvm_subtract(a.baseAddress, b.baseAddress, y.baseAddress, n)
          case .multiply: unsafe cvm_multiply(a.baseAddress, b.baseAddress, y.baseAddress, n)
          case .divide: unsafe cvm_divide(a.baseAddress, b.baseAddress, y.baseAddress, n)
          }
        }
      }
    }
  }

  /// `y = scale x + shift`.
  public static func scale(
    _ x: Span<Float>, by scale: Float, plus shift: Float = 0, into y: inout MutableSpan<Float>
  ) {
    precondition(x.count == y.count, "\(x.count) arguments for \(y.count) results")
    let n = x.count
    unsafe x.withUnsafeBufferPointer { x in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe cvm_scale_shift(x.baseAddress, scale, shift, y.baseAddress, n)
      }
    }
  }

  /// `y *= scale`.
  public static func scale(_ y: inout MutableSpan<Float>, by scale: Float) {
    let n = y.count
    unsafe y.withUnsafeMutableBufferPointer { y in
      unsafe cvm_scale_shift(y.baseAddress, scale, 0, y.baseAddress, n)
    }
  }

  /// `y += scale x`.
  public static func add(_ x: Span<Float>, times scale: Float = 1, to y: inout MutableSpan<Float>) {
    precondition(x.count == y.count, "\(x.count) arguments for \(y.count) results")
    let n = x.count
    unsafe x.withUnsafeBufferPointer { x in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe cvm_axpy(scale, x.baseAddress, y.baseAddress, n)
      }
    }
  }

  /// `y += a b`.
  public static func addProduct(
    _ a: Span<Float>, _ b: Span<Float>, to y: inout MutableSpan<Float>
  ) {
    precondition(
      a.count == b.count && a.count == y.count, "\(a.count), \(b.count) → \(y.count) elements")
    let n = a.count
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        unsafe y.withUnsafeMutableBufferPointer { y in
          unsafe cvm_multiply_add(a.baseAddress, b.baseAddress, y.baseAddress, n)
        }
      }
    }
  }

  /// The sum, in an order that depends on the count alone.
  public static func sum(_ x: Span<Float>) -> Float {
    let n = x.count
    return unsafe x.withUnsafeBufferPointer { unsafe cvm_sum($0.baseAddress, n) }
  }

  /// The inner product, in an order that depends on the count alone.
  public static func innerProduct(_ a: Span<Float>, _ b: Span<Float>) -> Float {
    precondition(a.count == b.count, "\(a.count) and \(b.count) elements")
    let n = a.count
    return unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in unsafe cvm_dot(a.baseAddress, b.baseAddress, n) }
    }
  }

  /// The largest element; -∞ of none.
  public static func maximum(_ x: Span<Float>) -> Float {
    let n = x.count
    return unsafe x.withUnsafeBufferPointer { unsafe cvm_maximum($0.baseAddress, n) }
  }

  /// The sum over the rows of `x`, `[rows, columns]`, into `[columns]`.
  public static func columnSums(
    _ x: Span<Float>, rows: Int, columns: Int, into y: inout MutableSpan<Float>
  ) {
    precondition(
      x.count == rows * columns && y.count == columns,
      "[\(rows), \(columns)] → [\(columns)], not \(x.count) → \(y.count) elements")
    unsafe x.withUnsafeBufferPointer { x in
      unsafe y.withUnsafeMutableBufferPointer { y in
        unsafe cvm_column_sums(x.baseAddress, y.baseAddress, rows, columns)
      }
    }
  }
}
