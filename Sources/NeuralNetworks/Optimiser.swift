import AutomaticDifferentiation
import LinearAlgebra

/// A first-order rule for stepping a parameter vector downhill.
public enum OptimisationRule: Sendable, Hashable {
  /// v ← momentum · v + g; p ← p - rate · v (with Nesterov: p ← p - rate · (g + momentum · v)).
  case stochasticGradientDescent(momentum: Float = 0, nesterov: Bool = false)
  /// Kingma and Ba 2015, Algorithm 1.
  case adam(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8)
  /// Loshchilov and Hutter 2019, Algorithm 2: decay apart from the gradient.
  case adamW(
    beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0.01)
}

/// A rule with its state: everything that a resumed run needs to step on bit by bit.
public struct Optimiser: Sendable, Equatable {
  public let rule: OptimisationRule
  /// The number of steps made.
  public private(set) var steps = 0
  /// Adam's first moments, or the velocity; as long as the parameters.
  public private(set) var first: [Float]
  /// Adam's second moments; empty for the others.
  public private(set) var second: [Float]

  /// - Parameter count: the number of parameters.
  public init(_ rule: OptimisationRule, count: Int) {
    self.rule = rule
    switch rule {
    case .stochasticGradientDescent(let momentum, _):
      first = momentum == 0 ? [] : [Float](repeating: 0, count: count)
      second = []
    case .adam, .adamW:
      first = [Float](repeating: 0, count: count)
      second = first
    }
  }

  /// Takes up the state of an earlier run.
  ///
  /// - Precondition: the counts are those of this rule.
  public mutating func restore(steps: Int, first: [Float], second: [Float]) {
    precondition(
      first.count == self.first.count && second.count == self.second.count,
      "a state of \(first.count) and \(second.count) moments for \(self.first.count)")
    self.steps = steps
    self.first = first
    self.second = second
  }

  /// Steps the parameters against their gradient.
  public mutating func step(
    _ parameters: inout MutableSpan<Float>, gradient: Span<Float>, learningRate: Float
  ) {
    precondition(
      parameters.count == gradient.count,
      "\(gradient.count) derivatives for \(parameters.count) parameters")
    steps += 1
    switch rule {
    case .stochasticGradientDescent(let momentum, let nesterov):
      if momentum == 0 {
        VectorMath.add(gradient, times: -learningRate, to: &parameters)
        return
      }
      var velocity = first.mutableSpan
      VectorMath.scale(&velocity, by: momentum)
      VectorMath.add(gradient, to: &velocity)
      if nesterov {
        VectorMath.add(gradient, times: -learningRate, to: &parameters)
        VectorMath.add(velocity.span, times: -learningRate * momentum, to: &parameters)
      } else {
        VectorMath.add(velocity.span, times: -learningRate, to: &parameters)
      }
    case .adam(let beta1, let beta2, let epsilon):
      adam(
        AdamCoefficients(
          learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon),
        &parameters, gradient)
    case .adamW(let beta1, let beta2, let epsilon, let decay):
      adam(
        AdamCoefficients(
          learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
          weightDecay: decay, decoupled: true),
        &parameters, gradient)
    }
  }

  private mutating func adam(
    _ coefficients: AdamCoefficients, _ parameters: inout MutableSpan<Float>,
    _ gradient: Span<Float>
  ) {
    // Taken out of self one by one, so that both can be lent for writing at once.
    var m: [Float] = []
    var v: [Float] = []
    swap(&m, &first)
    swap(&v, &second)
    do {
      var mSpan = m.mutableSpan
      var vSpan = v.mutableSpan
      coefficients.step(
        steps, parameters: &parameters, gradient: gradient, first: &mSpan, second: &vSpan)
    }
    swap(&m, &first)
    swap(&v, &second)
  }

  /// Steps a group on its tape against the gradient of the last `backward`.
  public mutating func step(_ group: ParameterGroup, on tape: GradientTape, learningRate: Float) {
    tape.update(group) { step(&$0, gradient: $1, learningRate: learningRate) }
  }
}

/// Keeps a gradient from being too long.
public enum GradientClipping {
  /// Scales the gradient down to the given Euclidean norm when it is longer, and returns its norm
  /// before that: Pascanu et al. 2013.
  @discardableResult
  public static func clip(_ gradient: inout MutableSpan<Float>, toNorm bound: Float) -> Float {
    let norm = VectorMath.innerProduct(gradient.span, gradient.span).squareRoot()
    if norm > bound { VectorMath.scale(&gradient, by: bound / norm) }
    return norm
  }
}

/// A factor for the learning rate over the steps of a run.
public enum LearningRateSchedule: Sendable, Hashable {
  case constant
  /// Rises linearly from 0 over the first steps, then stays.
  case warmUp(steps: Int)
  /// Rises linearly over `warmUp` steps, then falls along half a cosine to `final` at `total`.
  case cosine(warmUp: Int, total: Int, final: Float)
  /// Multiplied by `factor` after every `interval` steps.
  case stepDecay(interval: Int, factor: Float)

  /// The factor for a step, counted from 1.
  public func factor(at step: Int) -> Float {
    switch self {
    case .constant: return 1
    case .warmUp(let steps): return step >= steps ? 1 : Float(step) / Float(steps)
    case .cosine(let warmUp, let total, let final):
      if step < warmUp { return Float(step) / Float(warmUp) }
      if step >= total { return final }
      let progress = Double(step - warmUp) / Double(max(1, total - warmUp))
      return final + (1 - final) * Float(0.5 * (1 + (Double.pi * progress).cosine))
    case .stepDecay(let interval, let factor):
      var product: Float = 1
      for _ in 0..<(step / max(1, interval)) { product *= factor }
      return product
    }
  }
}
