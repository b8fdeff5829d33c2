#if !DEBUG
  import AutomaticDifferentiation
  import CAllocationCounter
  import LinearAlgebra
  import Randomness
  import Tensors
  import Testing

  /// Each operation with its derivative, recorded again and again on the same tape.
  @Suite struct OperationAllocationTests {
    struct Case: Sendable, CustomTestStringConvertible {
      let testDescription: String
      let tape: @Sendable (GradientTape, Variable, Variable) -> Variable

      init(
        _ name: String, _ tape: @escaping @Sendable (GradientTape, Variable, Variable) -> Variable
      ) {
        testDescription = name
        self.tape = tape
      }
    }

    static let square = Tensor(
      Shape(6, 6), GradientCheck.numbers(36, salt: 70).map { Float($0) + 2 })
    static let row = Tensor(Shape(6), GradientCheck.numbers(6, salt: 71).map { Float($0) + 2 })
    static let half = Tensor(Shape(6, 3), GradientCheck.numbers(18, salt: 72).map { Float($0) })
    static let rows: [Int32] = [0, 3, 3, 5]
    static let labels: [Int32] = [0, 1, 2, 3, 4, 5]
    static let order = [1, 0]
    static let stream = RandomStream(seed: 1, purpose: .dropout)
    static let model = ObservationKernel(
      degreesOfFreedom: 5, scaleFloor: 0.01, logNormaliser: 0.9189385)

    /// x is `[6, 6]`, b `[6]`.
    static let cases: [Case] = [
      Case("add") { $0.add($1, $2) }, Case("subtract") { $0.subtract($1, $2) },
      Case("multiply") { $0.multiply($1, $2) }, Case("divide") { $0.divide($2, $1) },
      Case("scale") { tape, x, _ in tape.scale(x, by: 2) },
      Case("square") { tape, x, _ in tape.square(x) },
      Case("absolute") { tape, x, _ in tape.absolute(x) },
      Case("exponential") { tape, x, _ in tape.exponential(x) },
      Case("logarithm") { tape, x, _ in tape.logarithm(x) },
      Case("square root") { tape, x, _ in tape.squareRoot(x) },
      Case("tanh") { tape, x, _ in tape.tanh(x) },
      Case("sigmoid") { tape, x, _ in tape.sigmoid(x) },
      Case("softplus") { tape, x, _ in tape.softplus(x) },
      Case("relu") { tape, x, _ in tape.relu(x) },
      Case("leaky relu") { tape, x, _ in tape.leakyRelu(x) },
      Case("matrix product") { tape, x, _ in tape.matrixProduct(x, .transposed, x) },
      Case("affine") { $0.affine($1, $1, $2, .tanh) },
      Case("dropout") { tape, x, _ in tape.dropout(x, probability: 0.5, from: stream) },
      Case("cross-entropy") { tape, x, _ in tape.softmaxCrossEntropy(x, labels: labels) },
      Case("sum along an axis") { tape, x, _ in tape.sum(x, along: 0) },
      Case("mean") { tape, x, _ in tape.mean(x) },
      Case("maximum") { tape, x, _ in tape.maximum(x) },
      Case("softmax") { tape, x, _ in tape.softmax(x) },
      Case("reshape") { tape, x, _ in tape.reshape(x, Shape(4, 9)) },
      Case("slice") { tape, x, _ in tape.slice(x, along: 1, 1..<4) },
      Case("concatenate") { tape, x, _ in tape.concatenate(x, x, along: 1) },
      Case("permute") { tape, x, _ in tape.permute(x, order) },
      Case("gather") { tape, x, _ in tape.gather(x, rows: rows) },
      Case("sample") { tape, x, _ in
        tape.gaussianSample(x, noise: tape.constant(half), range: LogVarianceRange())
      },
      Case("divergence") { tape, x, _ in tape.gaussianDivergence(x, range: LogVarianceRange()) },
      Case("observation, network scale") { tape, x, _ in
        tape.observationLoss(networkScale: x, target: tape.constant(half), model)
      },
      Case("observation, shared scale") { tape, x, b in
        tape.observationLoss(mean: x, logScale: b, target: tape.constant(square), model)
      },
    ]

    @Test(.enabled(if: allocation_count_is_available() != 0), arguments: cases)
    func aWarmOperationAllocatesNothing(_ operation: Case) {
      let tape = GradientTape()
      func step() {
        tape.reset()
        let x = tape.input(Self.square)
        let b = tape.input(Self.row)
        tape.backward(from: tape.sum(operation.tape(tape, x, b)))
      }
      for _ in 0..<2 { step() }
      let before = allocation_count()
      for _ in 0..<5 { step() }
      let after = allocation_count()
      #expect(after - before == 0, "allocations in five steps")
    }
  }
#endif
