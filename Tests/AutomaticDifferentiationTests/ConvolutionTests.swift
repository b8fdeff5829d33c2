import AutomaticDifferentiation
import LinearAlgebra
import Tensors
import Testing

/// Operations on maps against their definitions in double precision: values directly, derivatives
/// by central differences of the definition.
@Suite struct ConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var batch = 1
    var maps = (inputs: 1, outputs: 1)
    var input: Extent2D
    var kernel: Extent2D
    var stride: Extent2D = 1
    var padding: Extent2D = 0

    var testDescription: String {
      "\(batch) images, \(maps.inputs) → \(maps.outputs) maps of \(input) by \(kernel), "
        + "stride \(stride), padding \(padding)"
    }
  }

  static let convolutions: [Case] = [
    Case(input: 1, kernel: 1),
    Case(input: 5, kernel: 3),
    Case(maps: (2, 3), input: Extent2D(height: 5, width: 7), kernel: 3, padding: 1),
    Case(
      batch: 2, maps: (3, 2), input: Extent2D(height: 7, width: 4),
      kernel: Extent2D(height: 3, width: 2), stride: Extent2D(height: 2, width: 1)),
    Case(
      batch: 17, maps: (2, 5), input: Extent2D(height: 4, width: 6),
      kernel: Extent2D(height: 2, width: 5), stride: Extent2D(height: 1, width: 3),
      padding: Extent2D(height: 0, width: 2)),
    Case(batch: 16, maps: (1, 7), input: 6, kernel: 5, padding: 2),
    Case(
      batch: 3, maps: (2, 2), input: Extent2D(height: 2, width: 3),
      kernel: Extent2D(height: 4, width: 3), stride: 2, padding: 2),
    // Winograd's algorithm, with odd and even sizes.
    Case(
      batch: 17, maps: (8, 9), input: Extent2D(height: 5, width: 4), kernel: 3, padding: 1),
    Case(batch: 1, maps: (9, 8), input: Extent2D(height: 6, width: 7), kernel: 3),
    Case(
      batch: 2, maps: (8, 8), input: 3, kernel: 3, padding: Extent2D(height: 2, width: 1)),
  ]

  @Test(arguments: convolutions, [Activation.identity, .tanh, .relu])
  func convolution(_ shape: Case, _ activation: Activation) {
    let weight = [shape.maps.outputs, shape.maps.inputs, shape.kernel.height, shape.kernel.width]
    check(
      [shape.images, Shape(weight), Shape(shape.maps.outputs)],
      tape: {
        $0.convolution2D(
          $1[0], $1[1], $1[2], stride: shape.stride, padding: shape.padding,
          activation: activation)
      },
      definition: { shape.convolve($0[0], $0[1], $0[2]).map { Self.apply(activation, $0) } })
  }

  @Test(arguments: convolutions) func convolutionWithoutBias(_ shape: Case) {
    let weight = [shape.maps.outputs, shape.maps.inputs, shape.kernel.height, shape.kernel.width]
    let zeros = [Double](repeating: 0, count: shape.maps.outputs)
    check(
      [shape.images, Shape(weight)],
      tape: { $0.convolution2D($1[0], $1[1], stride: shape.stride, padding: shape.padding) },
      definition: { shape.convolve($0[0], $0[1], zeros) })
  }

  static let poolings: [Case] = [
    Case(input: 2, kernel: 2, stride: 2),
    Case(batch: 17, maps: (3, 3), input: Extent2D(height: 6, width: 10), kernel: 2, stride: 2),
    Case(batch: 2, maps: (2, 2), input: Extent2D(height: 5, width: 23), kernel: 2, stride: 2),
    Case(
      maps: (2, 2), input: Extent2D(height: 7, width: 5), kernel: Extent2D(height: 3, width: 2),
      stride: Extent2D(height: 1, width: 2)),
    Case(batch: 3, input: Extent2D(height: 4, width: 9), kernel: 1, stride: 3),
    Case(batch: 1, maps: (4, 4), input: 8, kernel: 3, stride: 2),
  ]

  @Test(arguments: poolings) func averagePooling(_ shape: Case) {
    let area = Double(shape.kernel.height * shape.kernel.width)
    check(
      [shape.images],
      tape: { $0.averagePool2D($1[0], window: shape.kernel, stride: shape.stride) },
      definition: { x in shape.windows(x[0]).map { $0.reduce(0, +) / area } })
  }

  @Test(arguments: poolings) func maximumPooling(_ shape: Case) {
    check(
      [shape.images],
      tape: { $0.maximumPool2D($1[0], window: shape.kernel, stride: shape.stride) },
      definition: { x in shape.windows(x[0]).map { $0.max() ?? .nan } })
  }

  @Test func aMaximumOfEqualsPassesItsDerivativeToTheFirst() {
    let tape = GradientTape()
    let x = tape.input(Tensor(Shape(1, 1, 2, 4), [3, 3, 1, 2, 3, 3, 2, 2]))
    let y = tape.maximumPool2D(x, window: 2)
    tape.backward(from: tape.sum(y))
    #expect(tape.value(of: y).elements == [3, 2])
    #expect(tape.gradient(of: x).elements == [1, 0, 0, 1, 0, 0, 0, 0])
  }

  @Test(arguments: [Activation.identity, .tanh]) func scaleChannels(_ activation: Activation) {
    check(
      [Shape(3, 2, 3, 5), Shape(2), Shape(2)],
      tape: { $0.scaleChannels($1[0], by: $1[1], plus: $1[2], activation: activation) },
      definition: { v in
        v[0].indices.map { i in
          let map = i / 15 % 2
          return Self.apply(activation, v[1][map] * v[0][i] + v[2][map])
        }
      })
  }

  @Test(arguments: [1, 17, 2048, 4099]) func scaledTanh(_ count: Int) {
    check(
      [Shape(count)], tape: { $0.scaledTanh($0.scale($1[0], by: 3)) },
      definition: { $0[0].map { 1.7159 * Self.apply(.tanh, 2 * $0) } })
  }

  @Test func anImageDoesNotFeelItsNeighbours() {
    let shape = Case(
      batch: 17, maps: (8, 9), input: Extent2D(height: 5, width: 4), kernel: 3, padding: 1)
    let x = Self.numbers(shape.images.count, salt: 1).map(Float.init)
    let weight = Tensor(Shape(9, 8, 3, 3), Self.numbers(9 * 72, salt: 2).map(Float.init))
    let tape = GradientTape()
    func run(_ images: Tensor) -> [Float] {
      tape.value(of: tape.convolution2D(tape.constant(images), tape.constant(weight), padding: 1))
        .elements
    }
    let together = run(Tensor(shape.images, x))
    for image in [0, 15, 16] {
      let one = run(Tensor(Shape(1, 8, 5, 4), Array(x[image * 160..<(image + 1) * 160])))
      #expect(one == Array(together[image * 180..<(image + 1) * 180]))
    }
  }

  // MARK: The comparison

  /// Compares value and derivatives: of inputs of their own, of slots of one parameter group (whose
  /// gradients share memory), recorded twice (so that shares add up), and again on warm memory.
  private func check(
    _ shapes: [Shape],
    tape record: (GradientTape, [Variable]) -> Variable,
    definition: ([[Double]]) -> [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let points = shapes.enumerated().map { Self.numbers($1.count, salt: $0 + 1) }
    let exact = definition(points)
    let weights = Self.numbers(exact.count, salt: 50)
    // A few dozen elements of each input, the last one among them.
    let places = points.map {
      Array(stride(from: $0.count - 1, through: 0, by: -max(1, $0.count / 37)))
    }
    let slopes = points.indices.map { input in
      places[input].map { place in
        let h = 1e-5
        func loss(_ shift: Double) -> Double {
          var moved = points
          moved[input][place] += shift
          return zip(definition(moved), weights).reduce(0) { $0 + $1.0 * $1.1 }
        }
        return (loss(h) - loss(-h)) / (2 * h)
      }
    }
    let tape = GradientTape()
    var layout = ParameterLayout()
    for (i, shape) in shapes.enumerated() { layout.append("\(i)", shape) }
    let group = tape.addParameters(layout, values: points.flatMap { $0.map(Float.init) })
    for form in 0..<4 {
      tape.reset()
      let inputs =
        form % 2 == 0
        ? zip(shapes, points).map { tape.input(Tensor($0, $1.map(Float.init))) }
        : shapes.indices.map { group($0) }
      let y = record(tape, inputs)
      let factor: Float = form < 2 ? 1 : 2
      let both = form < 2 ? y : tape.add(y, record(tape, inputs))
      let weight = tape.constant(Tensor(tape.shape(of: y), weights.map(Float.init)))
      tape.backward(from: tape.sum(tape.multiply(both, weight)))

      let value = tape.value(of: y).elements
      expectClose(value, exact, "value", sourceLocation)
      for i in points.indices {
        let gradient = tape.gradient(of: inputs[i]).elements
        expectClose(
          places[i].map { gradient[$0] / factor }, slopes[i], "input \(i)", sourceLocation)
      }
    }
  }

  private func expectClose(
    _ values: [Float], _ exact: [Double], _ what: String, _ sourceLocation: SourceLocation
  ) {
    #expect(values.count == exact.count, sourceLocation: sourceLocation)
    let size = exact.reduce(1) { max($0, abs($1)) }
    let worst = zip(values, exact).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / size
    #expect(worst < 5e-6, "\(what) off by \(worst)", sourceLocation: sourceLocation)
  }

  /// Numbers in [-1, 1] that Float holds exactly, all different, in no order.
  static func numbers(_ count: Int, salt: Int) -> [Double] {
    (0..<count).map { Double((($0 + 1) * 7919 + salt * 104_729) % 16_381 - 8190) / 8192 }
  }

  static func apply(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .relu: return max(x, 0)
    case .tanh:
      let e = (2 * x).exponential
      return (e - 1) / (e + 1)
    default: return x
    }
  }
}

extension ConvolutionTests.Case {
  var images: Shape { Shape(batch, maps.inputs, input.height, input.width) }

  func output() -> (height: Int, width: Int) {
    (
      (input.height + 2 * padding.height - kernel.height) / stride.height + 1,
      (input.width + 2 * padding.width - kernel.width) / stride.width + 1
    )
  }

  func convolve(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
    let (height, width) = output()
    var result: [Double] = []
    for image in 0..<batch {
      for o in 0..<maps.outputs {
        for i in 0..<height {
          for j in 0..<width {
            var sum = bias[o]
            for c in 0..<maps.inputs {
              for u in 0..<kernel.height {
                for v in 0..<kernel.width {
                  let row = i * stride.height + u - padding.height
                  let column = j * stride.width + v - padding.width
                  guard row >= 0, row < input.height, column >= 0, column < input.width else {
                    continue
                  }
                  sum +=
                    x[((image * maps.inputs + c) * input.height + row) * input.width + column]
                    * weight[((o * maps.inputs + c) * kernel.height + u) * kernel.width + v]
                }
              }
            }
            result.append(sum)
          }
        }
      }
    }
    return result
  }

  /// The elements of every window.
  func windows(_ x: [Double]) -> [[Double]] {
    let (height, width) = output()
    var result: [[Double]] = []
    for plane in 0..<batch * maps.inputs {
      for i in 0..<height {
        for j in 0..<width {
          var window: [Double] = []
          for u in 0..<kernel.height {
            for v in 0..<kernel.width {
              let row = plane * input.height + i * stride.height + u
              window.append(x[row * input.width + j * stride.width + v])
            }
          }
          result.append(window)
        }
      }
    }
    return result
  }
}
