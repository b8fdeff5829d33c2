internal import CVectorMath

extension LayerKernels {
  /// `y = f(y)`.
  public static func apply(_ activation: Activation, inPlace y: inout MutableSpan<Float>) {
    switch activation {
    case .identity: break
    case .relu: VectorMath.apply(.relu, inPlace: &y)
    case .tanh: VectorMath.apply(.hyperbolicTangent, inPlace: &y)
    case .sigmoid: VectorMath.apply(.sigmoid, inPlace: &y)
    case .softplus: VectorMath.apply(.softplus, inPlace: &y)
    }
  }

  /// From the output y = f(a) and its derivative, makes `dy` the derivative by a.
  public static func backward(
    through activation: Activation, output y: Span<Float>, gradient dy: inout MutableSpan<Float>
  ) {
    precondition(y.count == dy.count, "\(dy.count) derivatives of \(y.count) elements")
    if activation == .identity { return }
    let n = y.count
    unsafe y.withUnsafeBufferPointer { y in
      unsafe dy.withUnsafeMutableBufferPointer { dy in
        unsafe cvm_bias_activation_backward(
          y.baseAddress, dy.baseAddress, nil, 1, n, Int32(activation.rawValue))
      }
    }
  }
}
