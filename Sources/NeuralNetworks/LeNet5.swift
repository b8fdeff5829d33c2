import AutomaticDifferentiation
import LinearAlgebra
import Tensors

/// The convolutional network for digits of LeCun, Bottou, Bengio and Haffner, "Gradient-based
/// learning applied to document recognition" (1998), Sec. II.B: `[batch, 1, 28, 28]` → logits
/// `[batch, classes]`; the table counts the parameters for ten classes.
///
/// | layer | output | parameters of 1998 | of the plain style |
/// |---|---|---|---|
/// | C1, 5x5 over the image padded to 32x32 | 6 x 28 x 28 | 156 | 156 |
/// | S2, subsampling 2x2 | 6 x 14 x 14 | 12 | – |
/// | C3, 5x5 | 16 x 10 x 10 | 1,516 | 2,416 |
/// | S4, subsampling 2x2 | 16 x 5 x 5 | 32 | – |
/// | C5, full | 120 | 48,120 | 48,120 |
/// | F6, full | 84 | 10,164 | 10,164 |
/// | output, linear | 10 | 850 | 850 |
/// | together | | 60,850 | 61,706 |
///
/// The paper's output layer, radial basis functions around fixed bitmaps of the digits, has no
/// trainable parameter, which leaves its 60,000. Here it is a linear layer whose outputs are the
/// logits of a softmax. The padding is 0, so that the background of an image should be about 0.
public struct LeNet5: Sendable, Equatable {
  public enum Style: String, Sendable, Hashable, CaseIterable {
    /// As in the paper: the partial connections of its Table I, subsampling with trainable
    /// coefficients, 1.7159 tanh(2x/3), and its start, uniform in ±2.4 / fan-in.
    case original1998 = "1998"
    /// As in today's textbooks: full connections, average pooling, tanh, Glorot's start.
    case plain
  }

  public let style: Style
  public let c1: Convolution2D
  /// `nil` in the plain style, which pools without parameters.
  public let s2: Subsampling?
  public let c3: Convolution2D
  public let s4: Subsampling?
  public let c5: Linear
  public let f6: Linear
  public let output: Linear

  /// - Parameter classes: the number of outputs.
  public init(
    _ style: Style = .original1998, classes: Int = 10, in builder: inout ParameterBuilder
  ) {
    self.style = style
    let original = style == .original1998
    let start: Initialiser = original ? .leCunUniform : .glorotUniform
    let activation: Activation = original ? .identity : .tanh  // the scaled one is recorded apart
    c1 = Convolution2D(
      "c1", inputs: 1, outputs: 6, kernel: 5, padding: 2, activation: activation,
      initialiser: start, in: &builder)
    s2 = original ? Subsampling("s2", maps: 6, in: &builder) : nil
    c3 = Convolution2D(
      "c3", original ? .leNet5 : ConnectionTable(inputs: 6, outputs: 16), kernel: 5,
      activation: activation, initialiser: start, in: &builder)
    s4 = original ? Subsampling("s4", maps: 16, in: &builder) : nil
    c5 = Linear(
      "c5", inputs: 400, outputs: 120, activation: activation, initialiser: start, in: &builder)
    f6 = Linear(
      "f6", inputs: 120, outputs: 84, activation: activation, initialiser: start, in: &builder)
    output = Linear("output", inputs: 84, outputs: classes, initialiser: start, in: &builder)
  }

  /// Records the network: `[batch, 1, 28, 28]` → logits `[batch, classes]`.
  public func callAsFunction(
    _ x: Variable, _ parameters: ParameterGroup, on tape: GradientTape
  ) -> Variable {
    func squash(_ a: Variable) -> Variable { style == .plain ? a : tape.scaledTanh(a) }
    func pool(_ a: Variable, _ layer: Subsampling?) -> Variable {
      layer?(a, parameters, on: tape) ?? tape.averagePool2D(a, window: 2)
    }
    let first = pool(squash(c1(x, parameters, on: tape)), s2)
    let second = pool(squash(c3(first, parameters, on: tape)), s4)
    let features = tape.reshape(second, Shape(tape.shape(of: x)[0], 400))
    let units = squash(c5(features, parameters, on: tape))
    return output(squash(f6(units, parameters, on: tape)), parameters, on: tape)
  }
}
