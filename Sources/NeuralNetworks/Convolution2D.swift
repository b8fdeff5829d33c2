import AutomaticDifferentiation
import LinearAlgebra
import Tensors

/// A convolution followed by an activation: `[batch, inputs, height, width]` →
/// `[batch, outputs, height', width']` with height' = (height + 2 padding - kernel height) / stride
/// + 1, rounded down.
///
/// Where a connection table leaves pairs of maps out, the vector holds the kernels of the others
/// alone, so that the number of parameters is that of the free ones.
public struct Convolution2D: Sendable, Equatable {
  public let inputs: Int
  public let outputs: Int
  public let kernel: Extent2D
  public let stride: Extent2D
  public let padding: Extent2D
  public let activation: Activation
  /// `nil` where every map sees every map.
  public let connections: ConnectionTable?
  /// `[outputs, inputs, kernel height, kernel width]`, or `[connections, kernel height, kernel
  /// width]` in the table's order.
  public let weight: Int
  /// `[outputs]`.
  public let bias: Int

  /// - Parameter initialiser: by default He's for rectified units and Glorot's for others.
  public init(
    _ name: String, inputs: Int, outputs: Int, kernel: Extent2D, stride: Extent2D = 1,
    padding: Extent2D = 0, activation: Activation = .identity, initialiser: Initialiser? = nil,
    in builder: inout ParameterBuilder
  ) {
    self.init(
      name, ConnectionTable(inputs: inputs, outputs: outputs), kernel: kernel, stride: stride,
      padding: padding, activation: activation, initialiser: initialiser, in: &builder)
  }

  /// A convolution in which each map sees some of the maps below. The fan-in that decides the start
  /// is each map's own.
  public init(
    _ name: String, _ connections: ConnectionTable, kernel: Extent2D, stride: Extent2D = 1,
    padding: Extent2D = 0, activation: Activation = .identity, initialiser: Initialiser? = nil,
    in builder: inout ParameterBuilder
  ) {
    inputs = connections.inputs
    outputs = connections.outputs
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.activation = activation
    self.connections = connections.isFull ? nil : connections
    let start = initialiser ?? (activation == .relu ? .heNormal : .glorotUniform)
    let taps = kernel.height * kernel.width
    let shape =
      connections.isFull
      ? Shape(outputs, inputs, kernel.height, kernel.width)
      : Shape(connections.count, kernel.height, kernel.width)
    weight = builder.append(
      "\(name).weight", shape, start,
      fanIns: connections.sources.map { (count: $0.count * taps, fanIn: $0.count * taps) },
      fanOut: connections.count * taps / inputs)
    bias = builder.append("\(name).bias", Shape(outputs), .constant(0))
  }

  /// Records f(x ∗ weight + bias).
  public func callAsFunction(
    _ x: Variable, _ parameters: ParameterGroup, on tape: GradientTape
  ) -> Variable {
    tape.convolution2D(
      x, kernels(parameters, on: tape), parameters(bias), stride: stride, padding: padding,
      activation: activation)
  }

  /// `[outputs, inputs, kernel height, kernel width]`, with zeros where there is no connection.
  private func kernels(_ parameters: ParameterGroup, on tape: GradientTape) -> Variable {
    guard let connections else { return parameters(weight) }
    let none = tape.constant(Shape(1, kernel.height, kernel.width)) { $0.update(repeating: 0) }
    let all = tape.concatenate(parameters(weight), none, along: 0)
    return tape.reshape(
      tape.gather(all, rows: connections.places),
      Shape(outputs, inputs, kernel.height, kernel.width))
  }
}
