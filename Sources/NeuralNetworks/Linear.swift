import AutomaticDifferentiation
import LinearAlgebra
import Tensors

/// An affine map followed by an activation: `[rows, inputs]` → `[rows, outputs]`.
///
/// A layer is a plain value: it knows where its parameters stand in the model's vector, and the
/// vector itself lives on a tape.
public struct Linear: Sendable, Equatable {
  public let inputs: Int
  public let outputs: Int
  public let activation: Activation
  /// `[inputs, outputs]`.
  public let weight: Int
  /// `[outputs]`.
  public let bias: Int

  public init(
    _ name: String, inputs: Int, outputs: Int, activation: Activation = .identity,
    initialiser: Initialiser? = nil, in builder: inout ParameterBuilder
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.activation = activation
    let start = initialiser ?? (activation == .relu ? .heNormal : .glorotUniform)
    weight = builder.append(
      "\(name).weight", Shape(inputs, outputs), start, fanIn: inputs, fanOut: outputs)
    bias = builder.append("\(name).bias", Shape(outputs), .constant(0))
  }

  /// Records f(x · weight + bias).
  public func callAsFunction(
    _ x: Variable, _ parameters: ParameterGroup, on tape: GradientTape
  ) -> Variable {
    tape.affine(x, parameters(weight), parameters(bias), activation)
  }
}

/// Affine layers one after the other, with one activation between them and none at the end.
public struct MultilayerPerceptron: Sendable, Equatable {
  public let layers: [Linear]

  /// - Parameters:
  ///   - widths: the number of inputs, of each hidden layer's units, and of outputs; two or more.
  ///   - last: the start of the last layer; zeros make the network start as the zero function.
  public init(
    _ name: String, widths: [Int], activation: Activation = .relu, last: Initialiser? = nil,
    in builder: inout ParameterBuilder
  ) {
    precondition(widths.count >= 2, "a perceptron of widths \(widths) has no layer")
    var layers: [Linear] = []
    for i in 1..<widths.count {
      let isLast = i == widths.count - 1
      layers.append(
        Linear(
          "\(name).\(i)", inputs: widths[i - 1], outputs: widths[i],
          activation: isLast ? .identity : activation, initialiser: isLast ? last : nil,
          in: &builder))
    }
    self.layers = layers
  }

  /// Records the network: `[rows, first width]` → `[rows, last width]`.
  public func callAsFunction(
    _ x: Variable, _ parameters: ParameterGroup, on tape: GradientTape
  ) -> Variable {
    var y = x
    for layer in layers { y = layer(y, parameters, on: tape) }
    return y
  }
}
