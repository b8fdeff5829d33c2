import LinearAlgebra
import Tensors

// The derivative of every operation, in one place.
//
// A rule reads the node's own gradient `dy` and hands each input its share through `contribute`,
// whose closure writes every element of the share; whether it is the first share of that input or
// added to others is not the rule's business.

extension GradientTape {
  /// Passes a node's gradient on to the inputs of the operation that made it.
  func differentiate(_ index: Int) {
    let node = nodes[index]
    let (a, b, _) = node.inputs
    switch node.operation {
    case .leaf, .reshape:
      break  // a reshaped node shares the gradient of its source

    // y = a ∘ b, broadcast: the share of an input is summed over the axes that it was repeated on.
    case .combine(.add):
      contributeReduced(to: a, from: index) { dy, _, share in share.copy(dy) }
      contributeReduced(to: b, from: index) { dy, _, share in share.copy(dy) }
    case .combine(.subtract):
      contributeReduced(to: a, from: index) { dy, _, share in share.copy(dy) }
      contributeReduced(to: b, from: index) { dy, _, share in
        VectorMath.scale(dy, by: -1, into: &share)
      }
    case .combine(.multiply):
      contributeReduced(to: a, from: index, by: b) { dy, b, share in
        VectorMath.combine(dy, .multiply, b, into: &share)
      }
      contributeReduced(to: b, from: index, by: a) { dy, a, share in
        VectorMath.combine(dy, .multiply, a, into: &share)
      }
    case .combine(.divide):  // d(a/b) = da / b - y db / b
      contributeReduced(to: a, from: index, by: b) { dy, b, share in
        VectorMath.combine(dy, .divide, b, into: &share)
      }
      contributeReduced(to: b, from: index, by: b) { dy, b, share in
        withElements(index) { y in
          for i in 0..<share.count { share[i] = -dy[i] * y[i] / b[i] }
        }
      }

    // Functions of one argument, dx = f'(x) dy.
    case .scale(let scale):
      contribute(to: a) { share in
        withGradientElements(index) { VectorMath.scale($0, by: scale, into: &share) }
      }
    case .square: contributeElementwise(to: a, from: index) { x, _, dy in 2 * x * dy }
    case .absolute:
      contributeElementwise(to: a, from: index) { x, _, dy in x > 0 ? dy : x < 0 ? -dy : 0 }
    case .leakyRelu(let slope):
      contributeElementwise(to: a, from: index) { x, _, dy in x > 0 ? dy : slope * dy }
    case .scaledTanh:  // dx = 2/3 · 1.7159 (1 - (y / 1.7159)²) dy
      contributeElementwise(to: a, from: index) { _, y, dy in
        (2.0 / 3 * 1.7159 - 2.0 / 3 / 1.7159 * y * y) * dy
      }
    case .apply(let function):
      switch function {
      case .exponential: contributeElementwise(to: a, from: index) { _, y, dy in y * dy }
      case .logarithm: contributeElementwise(to: a, from: index) { x, _, dy in dy / x }
      case .squareRoot: contributeElementwise(to: a, from: index) { _, y, dy in 0.5 * dy / y }
      case .hyperbolicTangent:
        contributeElementwise(to: a, from: index) { _, y, dy in (1 - y * y) * dy }
      case .sigmoid: contributeElementwise(to: a, from: index) { _, y, dy in y * (1 - y) * dy }
      case .relu: contributeElementwise(to: a, from: index) { x, _, dy in x > 0 ? dy : 0 }
      case .softplus:
        contribute(to: a) { share in
          withElements(Int(a)) { VectorMath.apply(.sigmoid, to: $0, into: &share) }
          withGradientElements(index) { VectorMath.multiply(&share, by: $0) }
        }
      }

    // C = A B: dA = dC Bᵀ, dB = Aᵀ dC.
    case .matrixProduct(let aOrder, let bOrder):
      differentiateMatrixProduct(index, aOrder, bOrder)
    case .affine(let activation): differentiateAffine(index, activation)

    case .sum(let factor):
      contribute(to: a) { share in
        withGradientElements(index) {
          Broadcasting.expand(
            $0, node.shape, times: factor, into: &share, nodes[Int(a)].shape)
        }
      }
    case .maximum:
      contribute(to: a) { share in
        for i in 0..<share.count { share[i] = 0 }
        withGradientElements(index) { dy in
          for row in 0..<node.shape.count { share[Int(integers[index][row])] = dy[row] }
        }
      }
    case .logSumExp:  // dx = softmax(x) dy
      let length = nodes[Int(a)].shape[-1]
      contribute(to: a) { share in
        withGradientElements(index) { dy in
          for i in 0..<share.count { share[i] = auxiliary[index][i] * dy[i / length] }
        }
      }

    case .slice(let axis, let start):
      contribute(to: a) { share in
        for i in 0..<share.count { share[i] = 0 }
        withGradientElements(index) {
          Rearrangement.place(
            $0, into: &share, nodes[Int(a)].shape, axis: axis, start..<start + node.shape[axis])
        }
      }
    case .concatenate(let axis):
      let split = nodes[Int(a)].shape[axis]
      contribute(to: a) { share in
        withGradientElements(index) {
          Rearrangement.slice($0, node.shape, axis: axis, 0..<split, into: &share)
        }
      }
      contribute(to: b) { share in
        withGradientElements(index) {
          Rearrangement.slice($0, node.shape, axis: axis, split..<node.shape[axis], into: &share)
        }
      }
    case .permute(let order):
      contribute(to: a) { share in
        withGradientElements(index) {
          Rearrangement.permute(
            $0, node.shape, order: Rearrangement.inverse(order), into: &share)
        }
      }
    case .gatherRows:
      let width = node.shape.count(after: 0)
      contribute(to: a) { share in
        for i in 0..<share.count { share[i] = 0 }
        withGradientElements(index) { dy in
          for place in 0..<node.shape[0] {
            let row = Int(integers[index][place])
            for i in 0..<width { share[row * width + i] += dy[place * width + i] }
          }
        }
      }

    // See DerivativeRules+Convolution.swift.
    case .convolution2D(_, _, let activation): differentiateConvolution(index, activation)
    case .averagePool2D, .maximumPool2D: differentiatePooling(index)
    case .scaleChannels(let activation): differentiateScaleChannels(index, activation)

    case .dropout:
      contribute(to: a) { share in
        let mask = auxiliary[index]
        withGradientElements(index) { dy in
          VectorMath.combine(
            dy, .multiply, mask.span.extracting(0..<share.count), into: &share)
        }
      }

    // Losses whose derivative was made in the forward pass; dy is one number.
    case .softmaxCrossEntropy:
      contributeKept(to: a, from: index, at: 0, times: 1 / Float(nodes[Int(a)].shape[0]))
    case .gaussianDivergence: contributeKept(to: a, from: index, at: 0)
    case .observationLoss(_, let scale):
      contributeKept(to: a, from: index, at: 0)
      if case .shared = scale {
        contributeKept(to: b, from: index, at: nodes[Int(a)].shape.count)
      }

    case .gaussianSample(let range):  // dm = dz, d ln h² = ½ h v dz
      contribute(to: a) { share in
        withElements(Int(a)) { moments in
          withElements(Int(b)) { noise in
            withGradientElements(index) { dz in
              GaussianKernels.sampleBackward(
                moments: moments, noise: noise, sampleGradient: dz, into: &share,
                rows: node.shape[0], dimensions: node.shape[1], range: range)
            }
          }
        }
      }
    }
  }

  // MARK: Shares that several rules have in common

  func withElements<R>(_ index: Int, _ body: (Span<Float>) -> R) -> R {
    withValue(of: Variable(index: Int32(index)), body)
  }

  func withGradientElements<R>(_ index: Int, _ body: (Span<Float>) -> R) -> R {
    let memory = gradientArray(index)
    return body(memory.span.extracting(range(index)))
  }

  /// dx = f(x, y, dy) element by element.
  @inline(__always)
  private func contributeElementwise(
    to input: Int32, from index: Int, _ rule: (_ x: Float, _ y: Float, _ dy: Float) -> Float
  ) {
    contribute(to: input) { share in
      withElements(Int(input)) { x in
        withElements(index) { y in
          withGradientElements(index) { dy in
            for i in 0..<share.count { share[i] = rule(x[i], y[i], dy[i]) }
          }
        }
      }
    }
  }

  /// The share of a broadcast input: `rule` makes it in the shape of the result, from dy and the
  /// other input repeated to that shape; then it is summed to the input's own shape.
  private func contributeReduced(
    to input: Int32, from index: Int, by other: Int32 = -1,
    _ rule: (_ dy: Span<Float>, _ other: Span<Float>, _ share: inout MutableSpan<Float>) -> Void
  ) {
    guard wantsGradient(input) else { return }
    let shape = nodes[index].shape
    let inputShape = nodes[Int(input)].shape
    let expands = other >= 0 && nodes[Int(other)].shape != shape
    let memory = gradientArray(index)
    let dy = memory.span.extracting(range(index))
    let otherMemory = other < 0 ? memory : array(Int(other))
    let otherSpan =
      other < 0 ? dy : otherMemory.span.extracting(range(Int(other)))
    if inputShape == shape && !expands {
      contribute(to: input) { rule(dy, otherSpan, &$0) }
      return
    }
    var full: [Float] = []
    swap(&full, &workspace)
    if expands {
      Self.grow(&full, to: shape.count)
      var whole = full.mutableSpan
      var repeated = whole._mutatingExtracting(0..<shape.count)
      Broadcasting.expand(otherSpan, nodes[Int(other)].shape, into: &repeated, shape)
    }
    var product: [Float] = []
    swap(&product, &expanded)
    Self.grow(&product, to: shape.count)
    do {
      var whole = product.mutableSpan
      var share = whole._mutatingExtracting(0..<shape.count)
      if expands {
        rule(dy, full.span.extracting(0..<shape.count), &share)
      } else {
        rule(dy, otherSpan, &share)
      }
    }
    contribute(to: input) { share in
      Broadcasting.sum(
        product.span.extracting(0..<shape.count), shape, to: inputShape, into: &share)
    }
    swap(&product, &expanded)
    swap(&full, &workspace)
  }

  /// dx = (kept derivative) · dy, where dy is one number.
  private func contributeKept(
    to input: Int32, from index: Int, at start: Int, times factor: Float = 1
  ) {
    contribute(to: input) { share in
      let dy = withGradientElements(index) { $0[0] }
      let kept = auxiliary[index]
      VectorMath.scale(
        kept.span.extracting(start..<start + share.count), by: dy * factor, into: &share)
    }
  }

  private func differentiateMatrixProduct(
    _ index: Int, _ aOrder: Transposition, _ bOrder: Transposition
  ) {
    let (a, b, _) = nodes[index].inputs
    let product = MatrixProductShape(
      nodes[Int(a)].shape, aOrder, nodes[Int(b)].shape, bOrder)
    withGradientElements(index) { dy in
      contribute(to: a) { share in
        withElements(Int(b)) { b in
          for batch in 0..<product.batches {
            let dyPart = dy.extracting(product.resultRange(batch))
            let bPart = b.extracting(product.rightRange(batch))
            var part = share._mutatingExtracting(product.leftRange(batch))
            if aOrder == .none {
              LinearAlgebra.multiply(
                dyPart, .none, bPart, bOrder.opposite, into: &part, rows: product.rows,
                columns: product.inner, inner: product.columns)
            } else {
              LinearAlgebra.multiply(
                bPart, bOrder, dyPart, .transposed, into: &part, rows: product.inner,
                columns: product.rows, inner: product.columns)
            }
          }
        }
      }
      contribute(to: b) { share in
        withElements(Int(a)) { a in
          for batch in 0..<product.batches {
            let dyPart = dy.extracting(product.resultRange(batch))
            let aPart = a.extracting(product.leftRange(batch))
            var part = share._mutatingExtracting(product.rightRange(batch))
            if bOrder == .none {
              LinearAlgebra.multiply(
                aPart, aOrder.opposite, dyPart, .none, into: &part, rows: product.inner,
                columns: product.columns, inner: product.rows)
            } else {
              LinearAlgebra.multiply(
                dyPart, .transposed, aPart, aOrder, into: &part, rows: product.columns,
                columns: product.inner, inner: product.rows)
            }
          }
        }
      }
    }
  }

  /// y = f(x W + b): with da = f' dy, dW = xᵀ da, db = Σ da, dx = da Wᵀ. The node's own gradient
  /// becomes da in place: nobody reads it afterwards.
  private func differentiateAffine(_ index: Int, _ activation: Activation) {
    let (x, weight, bias) = nodes[index].inputs
    let rows = nodes[index].shape[0]
    let columns = nodes[index].shape[1]
    let inner = nodes[Int(x)].shape[1]
    let root = Int(nodes[index].root)
    var memory: [Float] = []
    swap(&memory, &gradients[root])
    do {
      var whole = memory.mutableSpan
      var da = whole._mutatingExtracting(range(index))
      if wantsGradient(bias) {
        contribute(to: bias) { share in
          withElements(index) { y in
            LayerKernels.backward(
              through: activation, output: y, gradient: &da, biasGradient: &share, rows: rows,
              columns: columns)
          }
        }
      } else if activation != .identity {
        var unused: [Float] = []
        swap(&unused, &expanded)
        Self.grow(&unused, to: columns)
        var all = unused.mutableSpan
        var sums = all._mutatingExtracting(0..<columns)
        withElements(index) { y in
          LayerKernels.backward(
            through: activation, output: y, gradient: &da, biasGradient: &sums, rows: rows,
            columns: columns)
        }
        swap(&unused, &expanded)
      }
    }
    swap(&memory, &gradients[root])
    withGradientElements(index) { da in
      contribute(to: weight) { share in
        withElements(Int(x)) {
          LinearAlgebra.multiply(
            $0, .transposed, da, .none, into: &share, rows: inner, columns: columns, inner: rows)
        }
      }
      contribute(to: x) { share in
        withElements(Int(weight)) {
          LinearAlgebra.multiply(
            da, .none, $0, .transposed, into: &share, rows: rows, columns: inner, inner: columns)
        }
      }
    }
  }
}

extension Transposition {
  var opposite: Transposition { self == .none ? .transposed : .none }
}

extension MutableSpan<Float> {
  /// Takes over every element of a span of the same count.
  mutating func copy(_ source: Span<Float>) {
    precondition(source.count == count, "\(source.count) elements for \(count)")
    for i in 0..<count { self[i] = source[i] }
  }
}
