import AutomaticDifferentiation
import LinearAlgebra
import NeuralNetworks

/// A network of affine layers for use after training: no tape, no derivatives, memory of its own.
///
/// A row's result depends on that row alone as long as the number of rows is the same in every
/// call: matrix products of one shape treat all rows alike.
public struct NetworkEvaluator: Sendable {
  struct Stage: Sendable {
    let inputs: Int
    let outputs: Int
    let weight: [Float]
    let bias: [Float]
    let activation: Activation
  }

  /// The perceptron's layers; may be empty.
  private var stages: [Stage]
  /// The linear path, if any.
  private let linear: Stage?
  private var hidden: [[Float]] = []
  public let inputs: Int
  public let outputs: Int

  /// Takes the layers' parameters out of a model's vector.
  ///
  /// - Parameter columns: the outputs that are wanted, as ranges of the network's (default: all).
  public init(
    _ perceptron: MultilayerPerceptron?, _ linear: Linear?, _ values: [Float],
    _ layout: ParameterLayout, columns: [Range<Int>]? = nil
  ) {
    func stage(_ layer: Linear, _ columns: [Range<Int>]?) -> Stage {
      let weight = layout.slots[layer.weight].offset
      let bias = layout.slots[layer.bias].offset
      let kept = columns ?? [0..<layer.outputs]
      let outputs = kept.reduce(0) { $0 + $1.count }
      var chosen: [Float] = []
      chosen.reserveCapacity((layer.inputs + 1) * outputs)
      // The bias follows the weights' rows, and is a row like them.
      for start in (0..<layer.inputs).map({ weight + $0 * layer.outputs }) + [bias] {
        for range in kept {
          chosen.append(contentsOf: values[start + range.lowerBound..<start + range.upperBound])
        }
      }
      return Stage(
        inputs: layer.inputs, outputs: outputs, weight: Array(chosen.dropLast(outputs)),
        bias: Array(chosen.suffix(outputs)), activation: layer.activation)
    }
    let layers = perceptron?.layers ?? []
    stages = layers.enumerated().map { stage($1, $0 == layers.count - 1 ? columns : nil) }
    self.linear = linear.map { stage($0, columns) }
    guard let first = stages.first ?? self.linear, let last = stages.last ?? self.linear else {
      preconditionFailure("a network with neither linear path nor perceptron")
    }
    inputs = first.inputs
    outputs = last.outputs
  }

  /// Writes the network's outputs, `[rows, outputs]`, for `x`, `[rows, inputs]`.
  public mutating func evaluate(
    _ x: Span<Float>, rows: Int, into result: inout MutableSpan<Float>
  ) {
    precondition(
      x.count == rows * inputs && result.count == rows * outputs,
      "[\(rows), \(inputs)] → [\(rows), \(outputs)], not \(x.count) → \(result.count) elements")
    if let linear { Self.apply(linear, to: x, rows: rows, into: &result) }
    guard let last = stages.last else { return }
    while hidden.count < stages.count - 1 { hidden.append([]) }
    for i in 0..<stages.count - 1 {
      let stage = stages[i]
      var memory: [Float] = []
      swap(&memory, &hidden[i])
      if memory.count != rows * stage.outputs {
        memory = [Float](repeating: 0, count: rows * stage.outputs)
      }
      var span = memory.mutableSpan
      if i == 0 {
        Self.apply(stage, to: x, rows: rows, into: &span)
      } else {
        let before = hidden[i - 1]
        Self.apply(stage, to: before.span, rows: rows, into: &span)
      }
      swap(&memory, &hidden[i])
    }
    let keep: Float = linear == nil ? 0 : 1
    if stages.count == 1 {
      Self.apply(last, to: x, rows: rows, into: &result, keep: keep)
    } else {
      let before = hidden[stages.count - 2]
      Self.apply(last, to: before.span, rows: rows, into: &result, keep: keep)
    }
  }

  private static func apply(
    _ stage: Stage, to x: Span<Float>, rows: Int, into result: inout MutableSpan<Float>,
    keep: Float = 0
  ) {
    LayerKernels.affine(
      x, stage.weight.span, stage.bias.span, stage.activation, into: &result, rows: rows,
      outputs: stage.outputs, inputs: stage.inputs, keep: keep)
  }
}

extension Encoder {
  /// The encoder with these parameters, for use after training.
  public func evaluator(_ phi: [Float], _ layout: ParameterLayout) -> NetworkEvaluator {
    NetworkEvaluator(perceptron, linear, phi, layout)
  }
}

extension Decoder {
  /// The decoder with these parameters, for use after training.
  ///
  /// - Parameter features: the features that are wanted, from the first on (default: all): their
  ///   means and then, with scales from the network, their raw scales.
  public func evaluator(
    _ theta: [Float], _ layout: ParameterLayout, features: Int? = nil
  ) -> NetworkEvaluator {
    let columns = features.map { wanted in
      let means = 0..<wanted
      let all = architecture.features
      return architecture.scale == .network ? [means, all..<all + wanted] : [means]
    }
    return NetworkEvaluator(perceptron, linear, theta, layout, columns: columns)
  }

  /// The linear path as a factor analysis with the given noise, or `nil` without one.
  public func linearModel(
    _ theta: [Float], _ layout: ParameterLayout, noise: [Double]
  ) -> FactorAnalysis? {
    guard let linear else { return nil }
    let features = architecture.features
    let d = architecture.latent
    var loadings = [Double](repeating: 0, count: features * d)
    let weight = layout.slots[linear.weight].offset
    for k in 0..<d {
      for i in 0..<features {
        loadings[i * d + k] = Double(theta[weight + k * linear.outputs + i])
      }
    }
    return FactorAnalysis(features: features, factors: d, loadings: loadings, noise: noise)
  }
}
