import Foundation
import LinearAlgebra
import Testing

/// Adam as its paper states it (Kingma and Ba 2015, Algorithm 1), in Double; AdamW after
/// Loshchilov and Hutter 2019, Algorithm 2.
struct ReferenceAdam {
  let options: AdamCoefficients
  var parameters: [Double]
  var first: [Double]
  var second: [Double]
  var step = 0

  init(_ options: AdamCoefficients, _ parameters: [Float]) {
    self.options = options
    self.parameters = parameters.map(Double.init)
    first = [Double](repeating: 0, count: parameters.count)
    second = first
  }

  mutating func take(_ gradient: [Float]) {
    step += 1
    let rate = Double(options.learningRate)
    let decay = Double(options.weightDecay)
    let (beta1, beta2) = (Double(options.beta1), Double(options.beta2))
    for i in parameters.indices {
      var g = Double(gradient[i])
      if options.decoupled {
        parameters[i] -= rate * decay * parameters[i]
      } else {
        g += decay * parameters[i]
      }
      first[i] = beta1 * first[i] + (1 - beta1) * g
      second[i] = beta2 * second[i] + (1 - beta2) * g * g
      let m = first[i] / (1 - pow(beta1, Double(step)))
      let v = second[i] / (1 - pow(beta2, Double(step)))
      parameters[i] -= rate * m / (v.squareRoot() + Double(options.epsilon))
    }
  }
}

@Suite struct AdamTests {
  static let options = [
    AdamCoefficients(),
    AdamCoefficients(learningRate: 0.05, beta1: 0.8, beta2: 0.95, epsilon: 1e-3),
    AdamCoefficients(learningRate: 0.01, weightDecay: 0.1),
    AdamCoefficients(learningRate: 0.01, weightDecay: 0.1, decoupled: true),
    AdamCoefficients(learningRate: 0.01, beta1: 0),
  ]

  @Test(arguments: [0, 1, 2, 3, 4], [1, 16, 37])
  func stepsAreThoseOfThePaper(_ choice: Int, _ count: Int) {
    let options = Self.options[choice]
    var values = SampleValues(seed: 12)
    var parameters = values.floats(count)
    let start = parameters.map(Double.init)
    var first = [Float](repeating: 0, count: count)
    var second = first
    var reference = ReferenceAdam(options, parameters)
    for step in 1...20 {
      let gradient = values.floats(count, in: -2...2)
      var parameterSpan = parameters.mutableSpan
      var firstSpan = first.mutableSpan
      var secondSpan = second.mutableSpan
      options.step(
        step, parameters: &parameterSpan, gradient: gradient.span, first: &firstSpan,
        second: &secondSpan)
      reference.take(gradient)
      #expect(first.error(from: reference.first) < 1e-6)
      #expect(second.error(from: reference.second) < 1e-6)
      #expect(parameters.error(from: reference.parameters) < 1e-6)
      // The way that they went, beside its own size.
      let moved = zip(parameters, start).map { Double($0) - $1 }
      let expected = zip(reference.parameters, start).map { $0 - $1 }
      let size = expected.map(abs).max()!
      #expect(zip(moved, expected).allSatisfy { abs($0 - $1) < 1e-5 * size + 1e-6 })
    }
  }

  /// With a constant derivative the corrected moments are g and g², whatever the step.
  @Test(arguments: [1, 2, 3, 10, 1000, 100_000])
  func biasCorrectionIsAccurateAtEveryStep(_ step: Int) {
    let options = AdamCoefficients(learningRate: 1, epsilon: 0)
    var parameters: [Float] = [0]
    let beta1 = Double(options.beta1)
    let beta2 = Double(options.beta2)
    var first = [Float((1 - pow(beta1, Double(step - 1))) * 3)]
    var second = [Float((1 - pow(beta2, Double(step - 1))) * 9)]
    let gradient: [Float] = [3]
    var parameterSpan = parameters.mutableSpan
    var firstSpan = first.mutableSpan
    var secondSpan = second.mutableSpan
    options.step(
      step, parameters: &parameterSpan, gradient: gradient.span, first: &firstSpan,
      second: &secondSpan)
    #expect(abs(parameters[0] + 1) < 5e-7)
  }
}
