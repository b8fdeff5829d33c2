internal import CVectorMath

/// A pair of lengths in a plane: down and across. An integer literal stands for a square.
public struct Extent2D: Sendable, Hashable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  private let lengths: SIMD2<Int32>

  public init(height: Int, width: Int) {
    lengths = SIMD2(Int32(height), Int32(width))
  }

  public init(integerLiteral length: Int) { self.init(height: length, width: length) }

  public var height: Int { Int(lengths.x) }
  public var width: Int { Int(lengths.y) }
  public var description: String { "\(height)x\(width)" }
}

/// The shape of a convolution in two dimensions: strictly a cross-correlation, as everybody's.
///
/// - input: `[batch, inputChannels, input.height, input.width]`
/// - weight: `[outputChannels, inputChannels, kernel.height, kernel.width]`
/// - bias: `[outputChannels]`
/// - output: `[batch, outputChannels, output.height, output.width]`, where
///   `output.height = (input.height + 2 padding.height - kernel.height) / stride.height + 1`
///   rounded down, and the width alike
///
/// All tensors are dense and row-major. An image's result does not depend on its place in the
/// batch. Kernels of 3x3 with stride 1 over many channels use Winograd's F(2x2, 3x3) (Lavin and
/// Gray 2016), which spreads an input that is not finite to its neighbours in the output.
public struct ConvolutionGeometry: Sendable, Hashable, CustomStringConvertible {
  public let batch: Int
  public let inputChannels: Int
  public let outputChannels: Int
  public let input: Extent2D
  public let kernel: Extent2D
  public let stride: Extent2D
  /// Zeros put around the input, on each side.
  public let padding: Extent2D

  /// - Precondition: the kernel is no larger than the padded input; lengths and strides are
  ///   positive.
  public init(
    batch: Int, inputChannels: Int, outputChannels: Int, input: Extent2D, kernel: Extent2D,
    stride: Extent2D = 1, padding: Extent2D = 0
  ) {
    precondition(
      batch >= 0 && inputChannels > 0 && outputChannels > 0 && kernel.height > 0 && kernel.width > 0
        && stride.height > 0 && stride.width > 0 && padding.height >= 0 && padding.width >= 0
        && input.height > 0 && input.width > 0
        && kernel.height <= input.height + 2 * padding.height
        && kernel.width <= input.width + 2 * padding.width,
      "a convolution of [\(batch), \(inputChannels), \(input.height), \(input.width)] by "
        + "[\(outputChannels), \(inputChannels), \(kernel.height), \(kernel.width)] with stride "
        + "\(stride) and padding \(padding)")
    self.batch = batch
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  public var output: Extent2D {
    Extent2D(
      height: (input.height + 2 * padding.height - kernel.height) / stride.height + 1,
      width: (input.width + 2 * padding.width - kernel.width) / stride.width + 1)
  }

  /// The number of elements of the input, of the weight and of the output.
  public var inputCount: Int { batch * inputChannels * input.height * input.width }
  public var weightCount: Int { outputChannels * inputChannels * kernel.height * kernel.width }
  public var outputCount: Int { batch * outputChannels * output.height * output.width }

  /// The elements of scratch memory that each of the passes needs, whatever the batch.
  public var scratchCount: Int {
    var native = native
    return unsafe cvm_convolution2d_scratch_count(&native)
  }

  public var description: String {
    "[\(batch), \(inputChannels), \(input.height), \(input.width)] by [\(outputChannels), "
      + "\(inputChannels), \(kernel.height), \(kernel.width)]"
  }

  private var native: cvm_convolution2d_geometry {
    cvm_convolution2d_geometry(
      batch: batch, input_channels: inputChannels, input_height: input.height,
      input_width: input.width, output_channels: outputChannels, kernel_height: kernel.height,
      kernel_width: kernel.width, stride_y: stride.height, stride_x: stride.width,
      padding_y: padding.height, padding_x: padding.width)
  }

  private func check(_ input: Int, _ weight: Int, _ output: Int, bias: Int, scratch: Int) {
    precondition(
      input == inputCount && weight == weightCount && output == outputCount
        && (bias == 0 || bias == outputChannels),
      "a convolution of \(self) gives \(outputCount) elements from \(inputCount) by \(weightCount), "
        + "not \(output) from \(input) by \(weight), with a bias of \(bias)")
    precondition(
      scratch >= scratchCount, "\(scratch) elements of scratch memory, not \(scratchCount)")
  }

  /// `output = convolution(input, weight) + bias`; an empty bias adds nothing.
  public func forward(
    _ input: Span<Float>, weight: Span<Float>, bias: Span<Float>,
    into output: inout MutableSpan<Float>, scratch: inout MutableSpan<Float>
  ) {
    check(input.count, weight.count, output.count, bias: bias.count, scratch: scratch.count)
    var native = native
    unsafe input.withUnsafeBufferPointer { x in
      unsafe weight.withUnsafeBufferPointer { w in
        unsafe bias.withUnsafeBufferPointer { b in
          unsafe output.withUnsafeMutableBufferPointer { y in
            unsafe scratch.withUnsafeMutableBufferPointer { s in
              unsafe cvm_convolution2d_forward(
                &native, x.baseAddress, w.baseAddress, b.isEmpty ? nil : b.baseAddress,
                y.baseAddress, s.baseAddress)
            }
          }
        }
      }
    }
  }

  /// Adds the derivative by the input, given that by the output.
  public func addInputGradient(
    outputGradient: Span<Float>, weight: Span<Float>, to inputGradient: inout MutableSpan<Float>,
    scratch: inout MutableSpan<Float>
  ) {
    check(
      inputGradient.count, weight.count, outputGradient.count, bias: 0, scratch: scratch.count)
    var native = native
    unsafe outputGradient.withUnsafeBufferPointer { dy in
      unsafe weight.withUnsafeBufferPointer { w in
        unsafe inputGradient.withUnsafeMutableBufferPointer { dx in
          unsafe scratch.withUnsafeMutableBufferPointer { s in
            unsafe cvm_convolution2d_backward_input(
              &native, dy.baseAddress, w.baseAddress, dx.baseAddress, s.baseAddress)
          }
        }
      }
    }
  }

  /// Adds the derivatives by the weight and by the bias, given that by the output; an empty
  /// `biasGradient` is left alone.
  public func addWeightGradient(
    input: Span<Float>, outputGradient: Span<Float>, to weightGradient: inout MutableSpan<Float>,
    biasGradient: inout MutableSpan<Float>, scratch: inout MutableSpan<Float>
  ) {
    check(
      input.count, weightGradient.count, outputGradient.count, bias: biasGradient.count,
      scratch: scratch.count)
    var native = native
    unsafe input.withUnsafeBufferPointer { x in
      unsafe outputGradient.withUnsafeBufferPointer { dy in
        unsafe weightGradient.withUnsafeMutableBufferPointer { dw in
          unsafe biasGradient.withUnsafeMutableBufferPointer { db in
            unsafe scratch.withUnsafeMutableBufferPointer { s in
              unsafe cvm_convolution2d_backward_weights(
                &native, x.baseAddress, dy.baseAddress, dw.baseAddress,
                db.isEmpty ? nil : db.baseAddress, s.baseAddress)
            }
          }
        }
      }
    }
  }
}
