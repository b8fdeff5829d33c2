import LinearAlgebra
import Tensors

extension GradientTape {
  /// f(the cross-correlation of images with kernels, plus a bias a map), in one node.
  ///
  /// - Parameters:
  ///   - x: `[batch, inputs, height, width]`.
  ///   - weight: `[outputs, inputs, kernel height, kernel width]`.
  ///   - bias: `[outputs]`, if any.
  ///   - padding: zeros put around each image, on each side.
  /// - Returns: `[batch, outputs, height', width']` with
  ///   height' = (height + 2 padding - kernel height) / stride + 1, rounded down.
  public func convolution2D(
    _ x: Variable, _ weight: Variable, _ bias: Variable? = nil, stride: Extent2D = 1,
    padding: Extent2D = 0, activation: Activation = .identity
  ) -> Variable {
    let geometry = convolutionGeometry(x, weight, stride: stride, padding: padding)
    if let bias {
      precondition(
        shape(of: bias) == Shape(geometry.outputChannels),
        "a bias of shape \(shape(of: bias)) for a convolution by \(shape(of: weight))")
    }
    let result = Shape(
      geometry.batch, geometry.outputChannels, geometry.output.height, geometry.output.width)
    return record(
      .convolution2D(stride: stride, padding: padding, activation), x, weight, bias, shape: result
    ) { out in
      withValue(of: x) { x in
        withValue(of: weight) { weight in
          withWorkspace(geometry.scratchCount) { scratch in
            if let bias {
              withValue(of: bias) {
                geometry.forward(x, weight: weight, bias: $0, into: &out, scratch: &scratch)
              }
            } else {
              geometry.forward(x, weight: weight, bias: Span(), into: &out, scratch: &scratch)
            }
          }
        }
      }
      LayerKernels.apply(activation, inPlace: &out)
    }
  }

  /// The mean of each window of each map; incomplete windows at the end are left out.
  ///
  /// - Parameters:
  ///   - x: `[batch, maps, height, width]`.
  ///   - stride: from one window to the next; by default they lie side by side.
  /// - Returns: `[batch, maps, height', width']` with height' = (height - window height) / stride
  ///   + 1, rounded down.
  public func averagePool2D(
    _ x: Variable, window: Extent2D, stride: Extent2D? = nil
  ) -> Variable {
    let stride = stride ?? window
    let geometry = poolingGeometry(x, window: window, stride: stride)
    return record(
      .averagePool2D(window: window, stride: stride), x, shape: pooled(x, geometry)
    ) { out in
      withValue(of: x) { geometry.average($0, into: &out) }
    }
  }

  /// The largest element of each window of each map; the derivative goes to the first of equals.
  ///
  /// Shapes as in ``averagePool2D(_:window:stride:)``.
  public func maximumPool2D(
    _ x: Variable, window: Extent2D, stride: Extent2D? = nil
  ) -> Variable {
    let stride = stride ?? window
    let geometry = poolingGeometry(x, window: window, stride: stride)
    let index = nodes.count
    return record(
      .maximumPool2D(window: window, stride: stride), x, shape: pooled(x, geometry)
    ) { out in
      var memory: [Int32] = []
      swap(&memory, &integers[index])
      if memory.count < out.count { memory = [Int32](repeating: 0, count: out.count) }
      do {
        var whole = memory.mutableSpan
        var places = whole._mutatingExtracting(0..<out.count)
        withValue(of: x) { geometry.maximum($0, into: &out, places: &places) }
      }
      swap(&memory, &integers[index])
    }
  }

  /// f(coefficient · x + bias) with one coefficient and one bias a map.
  ///
  /// - Parameters:
  ///   - x: `[batch, maps, height, width]`.
  ///   - coefficient: `[maps]`.
  ///   - bias: `[maps]`.
  /// - Returns: the shape of x.
  public func scaleChannels(
    _ x: Variable, by coefficient: Variable, plus bias: Variable,
    activation: Activation = .identity
  ) -> Variable {
    let shape = shape(of: x)
    precondition(
      shape.rank == 4 && self.shape(of: coefficient) == Shape(shape[1])
        && self.shape(of: bias) == Shape(shape[1]),
      "maps of shape \(shape) by \(self.shape(of: coefficient)) plus \(self.shape(of: bias))")
    let plane = shape[2] * shape[3]
    return record(.scaleChannels(activation), x, coefficient, bias, shape: shape) { out in
      withValue(of: x) { x in
        withValue(of: coefficient) { coefficient in
          withValue(of: bias) { bias in
            for i in 0..<shape[0] * shape[1] {
              let range = i * plane..<(i + 1) * plane
              var part = out._mutatingExtracting(range)
              VectorMath.scale(
                x.extracting(range), by: coefficient[i % shape[1]], plus: bias[i % shape[1]],
                into: &part)
            }
          }
        }
      }
      LayerKernels.apply(activation, inPlace: &out)
    }
  }

  // MARK: Geometry

  func convolutionGeometry(
    _ x: Variable, _ weight: Variable, stride: Extent2D, padding: Extent2D
  ) -> ConvolutionGeometry {
    let images = shape(of: x)
    let kernels = shape(of: weight)
    precondition(
      images.rank == 4 && kernels.rank == 4 && images[1] == kernels[1],
      "a convolution of \(images) by \(kernels)")
    return ConvolutionGeometry(
      batch: images[0], inputChannels: images[1], outputChannels: kernels[0],
      input: Extent2D(height: images[2], width: images[3]),
      kernel: Extent2D(height: kernels[2], width: kernels[3]), stride: stride, padding: padding)
  }

  func poolingGeometry(_ x: Variable, window: Extent2D, stride: Extent2D) -> PoolingGeometry {
    let images = shape(of: x)
    precondition(images.rank == 4, "windows of \(window) on a tensor of shape \(images)")
    return PoolingGeometry(
      planes: images[0] * images[1], input: Extent2D(height: images[2], width: images[3]),
      window: window, stride: stride)
  }

  private func pooled(_ x: Variable, _ geometry: PoolingGeometry) -> Shape {
    Shape(shape(of: x)[0], shape(of: x)[1], geometry.output.height, geometry.output.width)
  }

  /// Lends the first `count` elements of the workspace, whose content means nothing.
  func withWorkspace(_ count: Int, _ body: (inout MutableSpan<Float>) -> Void) {
    var memory: [Float] = []
    swap(&memory, &workspace)
    Self.grow(&memory, to: count)
    do {
      var whole = memory.mutableSpan
      var span = whole._mutatingExtracting(0..<count)
      body(&span)
    }
    swap(&memory, &workspace)
  }
}
