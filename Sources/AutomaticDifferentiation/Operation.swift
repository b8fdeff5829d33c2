import LinearAlgebra
import Tensors

/// A value on a gradient tape: a place in its list, nothing more.
///
/// It means something only to the tape that made it, until that tape's next `reset`.
public struct Variable: Hashable, Sendable {
  let index: Int32
}

/// What made a node. Payloads are plain numbers, so that recording allocates nothing.
enum Operation: Sendable {
  /// A leaf: a constant, an input with a derivative, or a slot of a parameter group.
  case leaf

  case combine(VectorMath.Operation)
  case scale(Float)
  case square
  case absolute
  case apply(VectorMath.Function)
  case leakyRelu(slope: Float)
  case scaledTanh

  case matrixProduct(Transposition, Transposition)
  case affine(Activation)

  case sum(factor: Float)
  case maximum
  case logSumExp

  case reshape
  case slice(axis: Int, start: Int)
  case concatenate(axis: Int)
  case permute(SIMD4<Int8>)
  case gatherRows

  case convolution2D(stride: Extent2D, padding: Extent2D, Activation)
  case averagePool2D(window: Extent2D, stride: Extent2D)
  case maximumPool2D(window: Extent2D, stride: Extent2D)
  case scaleChannels(Activation)

  case dropout
  case softmaxCrossEntropy
  case gaussianSample(LogVarianceRange)
  case gaussianDivergence(LogVarianceRange)
  case observationLoss(ObservationKernel, scale: ObservationScale)
}

/// Where the scale of an observation comes from.
enum ObservationScale: Sendable {
  /// The second half of the decoder's output columns, through a softplus.
  case network
  /// A parameter vector, one logarithm of a scale a variable.
  case shared
}

/// One step of the recorded computation.
struct Node {
  var operation: Operation
  var inputs: (Int32, Int32, Int32)
  var shape: Shape
  var requiresGradient: Bool
  /// The parameter group whose memory this node is a part of, or -1 for memory of its own.
  var group: Int32
  /// Where the node's elements start in that memory.
  var offset: Int
  /// The node whose memory this one shares: itself, but for reshaped nodes.
  var root: Int32
}
