import AutomaticDifferentiation
import LinearAlgebra
import Tensors

/// LeNet-4 as LeCun, Bottou, Bengio and Haffner 1998, Sec. III.C, sum it up: `[batch, 1, 28, 28]`
/// → logits `[batch, classes]`; the table counts the parameters for ten classes.
///
/// | layer | output | parameters | connections |
/// |---|---|---|---|
/// | C1, 5x5 over the image padded to 32x32 | 4 x 28 x 28 | 104 | 81,536 |
/// | S2, subsampling 2x2, in pairs over each map | 8 x 14 x 14 | 16 | 7,840 |
/// | C3, 5x5 | 16 x 10 x 10 | 1,516 | 151,600 |
/// | S4, subsampling 2x2 | 16 x 5 x 5 | 32 | 2,000 |
/// | C5 | 120 | 14,120 | 14,120 |
/// | output, linear | 10 | 1,210 | 1,210 |
/// | together | | 16,998 | 258,306 |
///
/// The paper gives the numbers of maps and units, "about 17,000 free parameters" and "about 260,000
/// connections", but no connection table. Full connections would make 53,000 parameters, so that C3
/// and C5 must be sparse, and both totals together leave little choice of how sparse: about as many
/// kernels in C3 as in LeNet-5's, 60, and between 4 and 5 of the 16 maps for each unit of C5. The
/// tables here keep to that; which maps they pick is this package's choice.
///
/// Squashing, start and output as in ``LeNet5`` of 1998.
public struct LeNet4: Sendable, Equatable {
  public let c1: Convolution2D
  public let s2: Subsampling
  public let c3: Convolution2D
  public let s4: Subsampling
  /// Its kernels cover their maps: the output is `[batch, 120, 1, 1]`.
  public let c5: Convolution2D
  public let output: Linear

  /// - Parameter classes: the number of outputs.
  public init(classes: Int = 10, in builder: inout ParameterBuilder) {
    c1 = Convolution2D(
      "c1", inputs: 1, outputs: 4, kernel: 5, padding: 2, initialiser: .leCunUniform, in: &builder)
    s2 = Subsampling("s2", maps: 8, copies: 2, in: &builder)
    c3 = Convolution2D(
      "c3", .leNet4SecondLevel, kernel: 5, initialiser: .leCunUniform, in: &builder)
    s4 = Subsampling("s4", maps: 16, in: &builder)
    c5 = Convolution2D("c5", .leNet4Units, kernel: 5, initialiser: .leCunUniform, in: &builder)
    output = Linear(
      "output", inputs: 120, outputs: classes, initialiser: .leCunUniform, in: &builder)
  }

  /// Records the network: `[batch, 1, 28, 28]` → logits `[batch, classes]`.
  public func callAsFunction(
    _ x: Variable, _ parameters: ParameterGroup, on tape: GradientTape
  ) -> Variable {
    let first = s2(tape.scaledTanh(c1(x, parameters, on: tape)), parameters, on: tape)
    let second = s4(tape.scaledTanh(c3(first, parameters, on: tape)), parameters, on: tape)
    let units = tape.scaledTanh(c5(second, parameters, on: tape))
    return output(
      tape.reshape(units, Shape(tape.shape(of: x)[0], 120)), parameters, on: tape)
  }
}
