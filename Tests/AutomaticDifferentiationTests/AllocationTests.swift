import AutomaticDifferentiation
import CAllocationCounter
import LinearAlgebra
import Randomness
import Tensors
import Testing

/// A variational autoencoder's training step, with everything that outlives it.
private final class TrainingStep {
  let tape = GradientTape()
  let group: ParameterGroup
  let data: Tensor
  let sharedScale: Bool
  let count: Int
  var first: [Float]
  var second: [Float]
  var number = 0

  static let rows = 20
  static let variables = 9
  static let latent = 3
  static let hidden = 24

  init(sharedScale: Bool) {
    self.sharedScale = sharedScale
    let outputs = sharedScale ? Self.variables : 2 * Self.variables
    var layout = ParameterLayout()
    layout.append("encoder weight", Shape(Self.variables, Self.hidden))
    layout.append("encoder bias", Shape(Self.hidden))
    layout.append("moments weight", Shape(Self.hidden, 2 * Self.latent))
    layout.append("moments bias", Shape(2 * Self.latent))
    layout.append("decoder weight", Shape(Self.latent, Self.hidden))
    layout.append("decoder bias", Shape(Self.hidden))
    layout.append("output weight", Shape(Self.hidden, outputs))
    layout.append("output bias", Shape(outputs))
    layout.append("log scale", Shape(Self.variables))
    count = layout.count
    let stream = RandomStream(seed: 5, purpose: .initialisation)
    group = tape.addParameters(layout, values: stream.normal(count).map { 0.1 * $0 })
    data = Tensor(
      normal: Shape(Self.rows, Self.variables),
      from: RandomStream(seed: 5, purpose: .syntheticData))
    first = [Float](repeating: 0, count: count)
    second = first
  }

  func callAsFunction() -> Float {
    number += 1
    let range = LogVarianceRange()
    let model = ObservationKernel(
      degreesOfFreedom: nil, scaleFloor: 0.01, logNormaliser: 0.9189385)
    tape.reset()
    let x = tape.constant(data)
    let hidden = tape.affine(x, group(0), group(1), .relu)
    let moments = tape.affine(hidden, group(2), group(3))
    let stream = RandomStream(seed: 5, round: UInt32(number), purpose: .latentNoise)
    let noise = tape.constant(Shape(Self.rows, Self.latent)) { stream.fillNormal(&$0) }
    let z = tape.gaussianSample(moments, noise: noise, range: range)
    let output = tape.affine(tape.affine(z, group(4), group(5), .relu), group(6), group(7))
    let misfit =
      sharedScale
      ? tape.observationLoss(mean: output, logScale: group(8), target: x, model)
      : tape.observationLoss(networkScale: output, target: x, model)
    let loss = tape.scale(
      tape.add(misfit, tape.gaussianDivergence(moments, range: range)), by: 1 / Float(Self.rows))
    tape.backward(from: loss)
    descend()
    return tape.scalar(loss)
  }

  private func descend() {
    let adam = AdamCoefficients(learningRate: 0.01)
    var m: [Float] = []
    var v: [Float] = []
    swap(&m, &first)
    swap(&v, &second)
    tape.update(group) { values, gradient in
      var mSpan = m.mutableSpan
      var vSpan = v.mutableSpan
      adam.step(number, parameters: &values, gradient: gradient, first: &mSpan, second: &vSpan)
    }
    swap(&m, &first)
    swap(&v, &second)
  }
}

@Suite struct AllocationTests {
  @Test(.enabled(if: allocation_count_is_available() != 0))
  func theCounterCounts() {
    let before = allocation_count()
    let array = [Float](repeating: 1, count: 1000 + Int(before % 2))
    let after = allocation_count()
    #expect(array.count >= 1000)
    #expect(after > before)
  }

  @Test(arguments: [false, true]) func trainingLearns(_ sharedScale: Bool) {
    let step = TrainingStep(sharedScale: sharedScale)
    let start = step()
    for _ in 0..<200 { _ = step() }
    #expect(step() < start)
  }

  // Without the optimiser, closures and generic code allocate.
  #if !DEBUG
    @Test(.enabled(if: allocation_count_is_available() != 0), arguments: [false, true])
    func aWarmTrainingStepAllocatesNothing(_ sharedScale: Bool) {
      let step = TrainingStep(sharedScale: sharedScale)
      for _ in 0..<2 { _ = step() }
      let before = allocation_count()
      for _ in 0..<10 { _ = step() }
      let after = allocation_count()
      #expect(after - before == 0, "allocations in ten steps")
    }
  #endif
}
