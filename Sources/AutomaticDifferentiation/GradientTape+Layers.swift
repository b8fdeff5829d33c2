import LinearAlgebra
import Randomness
import Tensors

extension GradientTape {
  /// op(a) · op(b) of two matrices, or of equally many of them stacked along the first axis.
  ///
  /// - Parameters:
  ///   - a: `[rows, inner]` or `[batch, rows, inner]`; the last two axes exchanged when transposed.
  ///   - b: `[inner, columns]` or `[batch, inner, columns]`.
  /// - Returns: `[rows, columns]` or `[batch, rows, columns]`.
  public func matrixProduct(
    _ a: Variable, _ aOrder: Transposition, _ b: Variable, _ bOrder: Transposition = .none
  ) -> Variable {
    let product = MatrixProductShape(shape(of: a), aOrder, shape(of: b), bOrder)
    return record(.matrixProduct(aOrder, bOrder), a, b, shape: product.result) { out in
      withValue(of: a) { a in
        withValue(of: b) { b in
          for batch in 0..<product.batches {
            var part = out._mutatingExtracting(product.resultRange(batch))
            LinearAlgebra.multiply(
              a.extracting(product.leftRange(batch)), aOrder,
              b.extracting(product.rightRange(batch)), bOrder, into: &part, rows: product.rows,
              columns: product.columns, inner: product.inner)
          }
        }
      }
    }
  }

  /// a · b, neither transposed.
  public func matrixProduct(_ a: Variable, _ b: Variable) -> Variable {
    matrixProduct(a, .none, b, .none)
  }

  /// f(x · weight + bias), the layer of a perceptron in one node.
  ///
  /// - Parameters:
  ///   - x: `[rows, inputs]`.
  ///   - weight: `[inputs, outputs]`.
  ///   - bias: `[outputs]`.
  /// - Returns: `[rows, outputs]`.
  public func affine(
    _ x: Variable, _ weight: Variable, _ bias: Variable, _ activation: Activation = .identity
  ) -> Variable {
    let xShape = shape(of: x)
    let weightShape = shape(of: weight)
    precondition(
      xShape.rank == 2 && weightShape.rank == 2 && xShape[1] == weightShape[0]
        && shape(of: bias) == Shape(weightShape[1]),
      "an affine map of \(xShape) by \(weightShape) plus \(shape(of: bias))")
    let rows = xShape[0]
    let columns = weightShape[1]
    return record(.affine(activation), x, weight, bias, shape: Shape(rows, columns)) { out in
      withValue(of: x) { x in
        withValue(of: weight) { weight in
          withValue(of: bias) { bias in
            LayerKernels.affine(
              x, weight, bias, activation, into: &out, rows: rows, outputs: columns,
              inputs: xShape[1])
          }
        }
      }
    }
  }

  /// Sets each element to 0 with the given probability, and divides the others by what remains.
  ///
  /// - Parameter stream: decides which; the same stream drops the same elements.
  public func dropout(_ x: Variable, probability: Float, from stream: RandomStream) -> Variable {
    precondition(probability >= 0 && probability < 1, "dropout with probability \(probability)")
    let count = shape(of: x).count
    let kept = 1 / (1 - probability)
    let index = nodes.count
    return record(.dropout, x, shape: shape(of: x)) { out in
      writeAuxiliary(index, count: count) { mask in
        stream.fillUniform(&mask)
        withValue(of: x) { x in
          for i in 0..<count {
            mask[i] = mask[i] < probability ? 0 : kept
            out[i] = x[i] * mask[i]
          }
        }
      }
    }
  }

  /// The mean over the rows of -ln softmax(logits)[label], in nats.
  ///
  /// - Parameters:
  ///   - logits: `[rows, classes]`.
  ///   - labels: one class a row.
  public func softmaxCrossEntropy(_ logits: Variable, labels: [Int32]) -> Variable {
    let shape = shape(of: logits)
    precondition(
      shape.rank == 2 && shape[0] == labels.count && shape[0] > 0,
      "\(labels.count) labels for logits of shape \(shape)")
    let rows = shape[0]
    let index = nodes.count
    return record(.softmaxCrossEntropy, logits, shape: Shape()) { out in
      integers[index] = labels
      let labels = integers[index]
      writeAuxiliary(index, count: shape.count) { gradient in
        let sum = withValue(of: logits) {
          LayerKernels.softmaxCrossEntropy(
            $0, labels: labels.span, gradient: &gradient, rows: rows, columns: shape[1])
        }
        out[0] = Float(sum / Double(rows))
      }
    }
  }
}

/// The extents of a matrix product, or of a stack of them.
struct MatrixProductShape {
  let batches: Int
  let rows: Int
  let inner: Int
  let columns: Int
  let result: Shape

  init(_ a: Shape, _ aOrder: Transposition, _ b: Shape, _ bOrder: Transposition) {
    rows = a.rank < 2 ? 0 : aOrder == .none ? a[-2] : a[-1]
    inner = a.rank < 2 ? 0 : aOrder == .none ? a[-1] : a[-2]
    columns = b.rank < 2 ? 0 : bOrder == .none ? b[-1] : b[-2]
    let innerOfB = b.rank < 2 ? -1 : bOrder == .none ? b[-2] : b[-1]
    batches = a.rank == 3 ? a[0] : 1
    precondition(
      (a.rank == 2 || a.rank == 3) && b.rank == a.rank && inner == innerOfB
        && (a.rank == 2 || a[0] == b[0]),
      "a product of \(a) (\(aOrder)) by \(b) (\(bOrder))")
    result = a.rank == 2 ? Shape(rows, columns) : Shape(batches, rows, columns)
  }

  func leftRange(_ batch: Int) -> Range<Int> {
    batch * rows * inner..<(batch + 1) * rows * inner
  }
  func rightRange(_ batch: Int) -> Range<Int> {
    batch * inner * columns..<(batch + 1) * inner * columns
  }
  func resultRange(_ batch: Int) -> Range<Int> {
    batch * rows * columns..<(batch + 1) * rows * columns
  }
}
