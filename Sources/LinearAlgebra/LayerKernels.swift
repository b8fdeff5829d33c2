internal import CVectorMath

/// The function that a layer applies after its affine map.
public enum Activation: Int, Sendable, Hashable, CaseIterable {
  case identity = 0
  case relu = 1
  case tanh = 2
  case sigmoid = 3
  case softplus = 4
}

/// What a layer does beside its matrix product, in one pass over the data.
public enum LayerKernels {
  /// `y = f(y + bias)`; y `[rows, columns]`, bias `[columns]`.
  public static func addBias(
    _ bias: Span<Float>, thenApply activation: Activation, to y: inout MutableSpan<Float>,
    rows: Int, columns: Int
  ) {
    precondition(
      y.count == rows * columns && bias.count == columns,
      "[\(rows), \(columns)] plus [\(columns)], not \(y.count) and \(bias.count) elements")
    unsafe y.withUnsafeMutableBufferPointer { y in
      unsafe bias.withUnsafeBufferPointer { bias in
        unsafe cvm_bias_activation(
          y.baseAddress, bias.baseAddress, rows, columns, Int32(activation.rawValue))
      }
    }
  }

  /// From the output y = f(a) and its derivative, makes `dy` the derivative by a `[rows, columns]`
  /// and `biasGradient` `[columns]` its sum over the rows.
  public static func backward(
    through activation: Activation, output y: Span<Float>, gradient dy: inout MutableSpan<Float>,
    biasGradient: inout MutableSpan<Float>, rows: Int, columns: Int
  ) {
    precondition(
      y.count == rows * columns && dy.count == y.count && biasGradient.count == columns,
      "[\(rows), \(columns)], not \(y.count), \(dy.count) and \(biasGradient.count) elements")
    unsafe y.withUnsafeBufferPointer { y in
      unsafe dy.withUnsafeMutableBufferPointer { dy in
        unsafe biasGradient.withUnsafeMutableBufferPointer { db in
          unsafe cvm_bias_activation_backward(
            y.baseAddress, dy.baseAddress, db.baseAddress, rows, columns,
            Int32(activation.rawValue))
        }
      }
    }
  }

  /// The sum over the rows of softmax cross-entropy, in nats, and its derivative.
  ///
  /// - Parameters:
  ///   - logits: `[rows, columns]`.
  ///   - labels: `[rows]`, each in `0..<columns`.
  ///   - gradient: `[rows, columns]`, softmax minus the one-hot label.
  public static func softmaxCrossEntropy(
    _ logits: Span<Float>, labels: Span<Int32>, gradient: inout MutableSpan<Float>, rows: Int,
    columns: Int
  ) -> Double {
    precondition(
      logits.count == rows * columns && labels.count == rows && gradient.count == logits.count,
      "[\(rows), \(columns)] logits, not \(logits.count) with \(labels.count) labels")
    for i in 0..<rows {
      precondition(
        labels[i] >= 0 && Int(labels[i]) < columns,
        "label \(labels[i]) of row \(i) lies outside 0..<\(columns)")
    }
    return unsafe logits.withUnsafeBufferPointer { logits in
      unsafe labels.withUnsafeBufferPointer { labels in
        unsafe gradient.withUnsafeMutableBufferPointer { gradient in
          unsafe cvm_softmax_cross_entropy(
            logits.baseAddress, labels.baseAddress, gradient.baseAddress, rows, columns)
        }
      }
    }
  }
}

/// The state-free part of Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019).
public struct AdamCoefficients: Sendable, Equatable {
  public var learningRate: Float
  public var beta1: Float
  public var beta2: Float
  public var epsilon: Float
  public var weightDecay: Float
  /// Weight decay apart from the gradient (AdamW) instead of added to it.
  public var decoupled: Bool

  public init(
    learningRate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0, decoupled: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decoupled = decoupled
  }

  /// Moves the parameters one step and both moments with them; all of the same count.
  ///
  /// - Parameter step: 1 for the first step.
  public func step(
    _ step: Int, parameters: inout MutableSpan<Float>, gradient: Span<Float>,
    first: inout MutableSpan<Float>, second: inout MutableSpan<Float>
  ) {
    let n = parameters.count
    precondition(
      gradient.count == n && first.count == n && second.count == n && step >= 1,
      "\(n) parameters with \(gradient.count) derivatives and \(first.count) moments")
    let options = cvm_adam(
      learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weight_decay: weightDecay, correction1: Float(1 - power(beta1, step)),
      correction2: Float(1 - power(beta2, step)), decoupled: decoupled ? 1 : 0)
    unsafe parameters.withUnsafeMutableBufferPointer { p in
      unsafe gradient.withUnsafeBufferPointer { g in
        unsafe first.withUnsafeMutableBufferPointer { m in
          unsafe second.withUnsafeMutableBufferPointer { v in
            unsafe cvm_adam_step(
              p.baseAddress, g.baseAddress, m.baseAddress, v.baseAddress, n, options)
          }
        }
      }
    }
  }
}

/// β to a positive whole power, by squaring in double precision: the same on every machine.
private func power(_ base: Float, _ exponent: Int) -> Double {
  var result = 1.0
  var factor = Double(base)
  var rest = exponent
  while rest > 0 {
    if rest & 1 == 1 { result *= factor }
    factor *= factor
    rest >>= 1
  }
  return result
}
