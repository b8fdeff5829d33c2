import AutomaticDifferentiation
import LinearAlgebra
import Tensors

/// The mean of each window of each map: `[batch, maps, height, width]` →
/// `[batch, maps, height', width']` with height' = (height - window height) / stride + 1, rounded
/// down.
public struct AveragePool2D: Sendable, Equatable {
  public let window: Extent2D
  public let stride: Extent2D

  /// - Parameter stride: by default the windows lie side by side.
  public init(window: Extent2D, stride: Extent2D? = nil) {
    self.window = window
    self.stride = stride ?? window
  }

  public func callAsFunction(_ x: Variable, on tape: GradientTape) -> Variable {
    tape.averagePool2D(x, window: window, stride: stride)
  }
}

/// The largest element of each window of each map; shapes as in ``AveragePool2D``.
public struct MaximumPool2D: Sendable, Equatable {
  public let window: Extent2D
  public let stride: Extent2D

  /// - Parameter stride: by default the windows lie side by side.
  public init(window: Extent2D, stride: Extent2D? = nil) {
    self.window = window
    self.stride = stride ?? window
  }

  public func callAsFunction(_ x: Variable, on tape: GradientTape) -> Variable {
    tape.maximumPool2D(x, window: window, stride: stride)
  }
}

/// LeCun's subsampling: the mean of each square of 2x2, times a trainable coefficient, plus a
/// trainable bias, one of each a map, then squashed by 1.7159 tanh(2x/3): LeCun et al. 1998,
/// Sec. II.B. (They add the four up instead, which a coefficient four times smaller makes the same.)
///
/// `[batch, maps / copies, height, width]` → `[batch, maps, height / 2, width / 2]`; output map m
/// sees input map m mod (maps / copies).
public struct Subsampling: Sendable, Equatable {
  public let maps: Int
  /// How many output maps see the same input map.
  public let copies: Int
  /// `[maps]`, starts at 1.
  public let coefficient: Int
  /// `[maps]`, starts at 0.
  public let bias: Int

  public init(_ name: String, maps: Int, copies: Int = 1, in builder: inout ParameterBuilder) {
    precondition(copies > 0 && maps % copies == 0, "\(copies) copies make \(maps) maps")
    self.maps = maps
    self.copies = copies
    coefficient = builder.append("\(name).coefficient", Shape(maps), .constant(1))
    bias = builder.append("\(name).bias", Shape(maps), .constant(0))
  }

  public func callAsFunction(
    _ x: Variable, _ parameters: ParameterGroup, on tape: GradientTape
  ) -> Variable {
    let mean = tape.averagePool2D(x, window: 2)
    var repeated = mean
    for _ in 1..<copies { repeated = tape.concatenate(repeated, mean, along: 1) }
    return tape.scaledTanh(
      tape.scaleChannels(repeated, by: parameters(coefficient), plus: parameters(bias)))
  }
}
