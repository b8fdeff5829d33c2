import LinearAlgebra
import Tensors

// The derivatives of the operations on maps. The kernels add to what they are given, and a share
// must be written in full, so that each share is cleared first.

extension GradientTape {
  /// y = f(x ∗ W + b): with da = f' dy, dW and db come from one pass over x and da, dx is da
  /// correlated with the kernels turned round. The node's own gradient becomes da in place: nobody
  /// reads it afterwards.
  func differentiateConvolution(_ index: Int, _ activation: Activation) {
    let (x, weight, bias) = nodes[index].inputs
    guard case .convolution2D(let stride, let padding, _) = nodes[index].operation else { return }
    let geometry = convolutionGeometry(
      Variable(index: x), Variable(index: weight), stride: stride, padding: padding)
    applySlope(of: activation, index)
    if wantsGradient(weight) {
      differentiateWeight(index, geometry)
    } else if wantsGradient(bias) {
      contributeChannelSums(to: bias, from: index)
    }
    contribute(to: x) { share in
      share.update(repeating: 0)
      withGradientElements(index) { da in
        withElements(Int(weight)) { weight in
          withWorkspace(geometry.scratchCount) {
            geometry.addInputGradient(
              outputGradient: da, weight: weight, to: &share, scratch: &$0)
          }
        }
      }
    }
  }

  private func differentiateWeight(_ index: Int, _ geometry: ConvolutionGeometry) {
    let (x, weight, bias) = nodes[index].inputs
    let biases = wantsGradient(bias) ? geometry.outputChannels : 0
    // Weight and bias may share the memory of one group, so that only one of them is lent at a
    // time: db is made in memory of its own.
    var sums: [Float] = []
    swap(&sums, &expanded)
    Self.grow(&sums, to: biases)
    do {
      var whole = sums.mutableSpan
      var biasGradient = whole._mutatingExtracting(0..<biases)
      biasGradient.update(repeating: 0)
      contribute(to: weight) { share in
        share.update(repeating: 0)
        withGradientElements(index) { da in
          withElements(Int(x)) { x in
            withWorkspace(geometry.scratchCount) {
              geometry.addWeightGradient(
                input: x, outputGradient: da, to: &share, biasGradient: &biasGradient,
                scratch: &$0)
            }
          }
        }
      }
    }
    if biases > 0 {
      contribute(to: bias) { $0.copy(sums.span.extracting(0..<biases)) }
    }
    swap(&sums, &expanded)
  }

  func differentiatePooling(_ index: Int) {
    let x = nodes[index].inputs.0
    contribute(to: x) { share in
      share.update(repeating: 0)
      withGradientElements(index) { dy in
        switch nodes[index].operation {
        case .averagePool2D(let window, let stride):
          poolingGeometry(Variable(index: x), window: window, stride: stride)
            .addAverageGradient(outputGradient: dy, to: &share)
        case .maximumPool2D(let window, let stride):
          let places = integers[index]
          poolingGeometry(Variable(index: x), window: window, stride: stride)
            .addMaximumGradient(
              outputGradient: dy, places: places.span.extracting(0..<dy.count), to: &share)
        default: break
        }
      }
    }
  }

  /// y = f(c x + b), a coefficient and a bias a map: with da = f' dy, dx = c da, dc = Σ x da and
  /// db = Σ da.
  func differentiateScaleChannels(_ index: Int, _ activation: Activation) {
    let (x, coefficient, bias) = nodes[index].inputs
    let shape = nodes[index].shape
    let plane = shape[2] * shape[3]
    applySlope(of: activation, index)
    contribute(to: coefficient) { share in
      share.update(repeating: 0)
      withGradientElements(index) { da in
        withElements(Int(x)) { x in
          for i in 0..<shape[0] * shape[1] {
            let range = i * plane..<(i + 1) * plane
            share[i % shape[1]] += VectorMath.innerProduct(
              x.extracting(range), da.extracting(range))
          }
        }
      }
    }
    contributeChannelSums(to: bias, from: index)
    contribute(to: x) { share in
      withGradientElements(index) { da in
        withElements(Int(coefficient)) { coefficient in
          for i in 0..<shape[0] * shape[1] {
            let range = i * plane..<(i + 1) * plane
            var part = share._mutatingExtracting(range)
            VectorMath.scale(da.extracting(range), by: coefficient[i % shape[1]], into: &part)
          }
        }
      }
    }
  }

  /// Makes a node's gradient that by the argument of its activation.
  private func applySlope(of activation: Activation, _ index: Int) {
    if activation == .identity { return }
    writeGradient(Int(nodes[index].root)) { gradient in
      withElements(index) {
        LayerKernels.backward(through: activation, output: $0, gradient: &gradient)
      }
    }
  }

  /// db = the sum of the node's gradient over the batch and the plane of each map.
  private func contributeChannelSums(to bias: Int32, from index: Int) {
    let shape = nodes[index].shape
    let plane = shape[2] * shape[3]
    contribute(to: bias) { share in
      share.update(repeating: 0)
      withGradientElements(index) { da in
        for i in 0..<shape[0] * shape[1] {
          share[i % shape[1]] += VectorMath.sum(da.extracting(i * plane..<(i + 1) * plane))
        }
      }
    }
  }
}
