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
      func chosen(_ start: Int) -> [Float] {
        kept.flatMap { values[start + $0.lowerBound..<start + $0.upperBound] }
      }
      var weights: [Float] = []
      weights.reserveCapacity(layer.inputs * outputs)
      for row in 0..<layer.inputs {
        weights.append(contentsOf: chosen(weight + row * layer.outputs))
      }
      return Stage(
        inputs: layer.inputs, outputs: outputs, weight: weights, bias: chosen(bias),
        activation: layer.activation)
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
    if let linear {
      multiply(
        x, .none, linear.weight.span, .none, into: &result, rows: rows, columns: outputs,
        inner: inputs)
      LayerKernels.addBias(
        linear.bias.span, thenApply: .identity, to: &result, rows: rows, columns: outputs)
    }
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
        multiply(
          x, .none, stage.weight.span, .none, into: &span, rows: rows, columns: stage.outputs,
          inner: stage.inputs)
      } else {
        let before = hidden[i - 1]
        multiply(
          before.span, .none, stage.weight.span, .none, into: &span, rows: rows,
          columns: stage.outputs, inner: stage.inputs)
      }
      LayerKernels.addBias(
        stage.bias.span, thenApply: stage.activation, to: &span, rows: rows,
        columns: stage.outputs)
      swap(&memory, &hidden[i])
    }
    let keep: Float = linear == nil ? 0 : 1
    if stages.count == 1 {
      multiply(
        x, .none, last.weight.span, .none, into: &result, rows: rows, columns: outputs,
        inner: last.inputs, keep: keep)
    } else {
      let before = hidden[stages.count - 2]
      multiply(
        before.span, .none, last.weight.span, .none, into: &result, rows: rows, columns: outputs,
        inner: last.inputs, keep: keep)
    }
    LayerKernels.addBias(
      last.bias.span, thenApply: .identity, to: &result, rows: rows, columns: outputs)
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
  /// - Parameter features: the features that are wanted, from the first on (default: all), each
  ///   with its scale when scales come from the network.
  public func evaluator(
    _ theta: [Float], _ layout: ParameterLayout, features: Int? = nil
  ) -> NetworkEvaluator {
    let all = architecture.features
    return NetworkEvaluator(
      perceptron, linear, theta, layout,
      columns: features.map {
        // Scales stand behind all means.
        architecture.scale == .network ? [0..<$0, all..<all + $0] : [0..<$0]
      })
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
