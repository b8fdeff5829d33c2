internal import CVectorMath

/// The shape of a pooling without padding, over planes of one channel of one image each.
///
/// - input: `[planes, input.height, input.width]`, where planes = batch · channels
/// - output: `[planes, output.height, output.width]`, where
///   `output.height = (input.height - window.height) / stride.height + 1` rounded down, and the
///   width alike
public struct PoolingGeometry: Sendable, Hashable, CustomStringConvertible {
  public let planes: Int
  public let input: Extent2D
  public let window: Extent2D
  public let stride: Extent2D

  /// - Precondition: the window is no larger than the input; lengths and strides are positive.
  public init(planes: Int, input: Extent2D, window: Extent2D, stride: Extent2D) {
    precondition(
      planes >= 0 && window.height > 0 && window.width > 0 && stride.height > 0
        && stride.width > 0 && window.height <= input.height && window.width <= input.width,
      "windows of \(window) with stride \(stride) on planes of \(input)")
    self.planes = planes
    self.input = input
    self.window = window
    self.stride = stride
  }

  public var output: Extent2D {
    Extent2D(
      height: (input.height - window.height) / stride.height + 1,
      width: (input.width - window.width) / stride.width + 1)
  }

  /// The number of elements of the input and of the output.
  public var inputCount: Int { planes * input.height * input.width }
  public var outputCount: Int { planes * output.height * output.width }

  public var description: String { "[\(planes), \(input.height), \(input.width)] by \(window)" }

  private var native: cvm_pooling2d_geometry {
    cvm_pooling2d_geometry(
      planes: planes, input_height: input.height, input_width: input.width,
      kernel_height: window.height, kernel_width: window.width, stride_y: stride.height,
      stride_x: stride.width)
  }

  private func check(_ input: Int, _ output: Int) {
    precondition(
      input == inputCount && output == outputCount,
      "pooling \(self) gives \(outputCount) elements from \(inputCount), not \(output) from "
        + "\(input)")
  }

  /// `output` = the mean of each window.
  public func average(_ input: Span<Float>, into output: inout MutableSpan<Float>) {
    check(input.count, output.count)
    var native = native
    unsafe input.withUnsafeBufferPointer { x in
      unsafe output.withUnsafeMutableBufferPointer { y in
        unsafe cvm_average_pooling2d_forward(&native, x.baseAddress, y.baseAddress)
      }
    }
  }

  /// Adds the derivative of `average` by the input.
  public func addAverageGradient(
    outputGradient: Span<Float>, to inputGradient: inout MutableSpan<Float>
  ) {
    check(inputGradient.count, outputGradient.count)
    var native = native
    unsafe outputGradient.withUnsafeBufferPointer { dy in
      unsafe inputGradient.withUnsafeMutableBufferPointer { dx in
        unsafe cvm_average_pooling2d_backward(&native, dy.baseAddress, dx.baseAddress)
      }
    }
  }

  /// `output` = the largest element of each window, the first of equals in row order; NaN wins.
  ///
  /// - Parameter places: shaped like the output; gets row · width + column in the plane.
  public func maximum(
    _ input: Span<Float>, into output: inout MutableSpan<Float>,
    places: inout MutableSpan<Int32>
  ) {
    check(input.count, output.count)
    precondition(places.count == output.count, "\(places.count) places of \(output.count) maxima")
    var native = native
    unsafe input.withUnsafeBufferPointer { x in
      unsafe output.withUnsafeMutableBufferPointer { y in
        unsafe places.withUnsafeMutableBufferPointer { p in
          unsafe cvm_max_pooling2d_forward(&native, x.baseAddress, y.baseAddress, p.baseAddress)
        }
      }
    }
  }

  /// Adds the derivative of `maximum` by the input.
  ///
  /// - Precondition: `places` is what `maximum` wrote; each lies in the plane.
  public func addMaximumGradient(
    outputGradient: Span<Float>, places: Span<Int32>, to inputGradient: inout MutableSpan<Float>
  ) {
    check(inputGradient.count, outputGradient.count)
    precondition(
      places.count == outputGradient.count, "\(places.count) places of \(outputCount) maxima")
    let plane = Int32(input.height * input.width)
    var inside = true
    for i in 0..<places.count { inside = inside && places[i] >= 0 && places[i] < plane }
    precondition(inside, "a maximum outside its plane of \(input)")
    var native = native
    unsafe outputGradient.withUnsafeBufferPointer { dy in
      unsafe places.withUnsafeBufferPointer { p in
        unsafe inputGradient.withUnsafeMutableBufferPointer { dx in
          unsafe cvm_max_pooling2d_backward(
            &native, dy.baseAddress, p.baseAddress, dx.baseAddress)
        }
      }
    }
  }
}
