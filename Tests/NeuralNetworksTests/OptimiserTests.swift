import GoldenValues
import NeuralNetworks
import Testing

@Suite struct OptimiserTests {
  /// A run that is taken up again ends bit by bit where the uninterrupted one does.
  @Test(arguments: [
    OptimisationRule.stochasticGradientDescent(momentum: 0.9, nesterov: true), .adam(),
    .adamW(weightDecay: 0.1),
  ])
  func resumes(_ rule: OptimisationRule) {
    func steps(_ range: Range<Int>, _ parameters: inout [Float], _ optimiser: inout Optimiser) {
      for step in range {
        let gradient = GoldenDraws.values(UInt32(step), 9)
        var span = parameters.mutableSpan
        optimiser.step(&span, gradient: gradient.span, learningRate: 0.02)
      }
    }
    var whole = GoldenDraws.values(5, 9)
    var parted = whole
    var first = Optimiser(rule, count: 9)
    steps(0..<7, &whole, &first)

    var second = Optimiser(rule, count: 9)
    steps(0..<3, &parted, &second)
    var third = Optimiser(rule, count: 9)
    third.restore(steps: second.steps, first: second.first, second: second.second)
    steps(3..<7, &parted, &third)
    #expect(whole == parted)
    #expect(first == third)
  }

  @Test func clippingShortensLongGradientsOnly() {
    var long: [Float] = [3, -4, 12]
    var span = long.mutableSpan
    #expect(GradientClipping.clip(&span, toNorm: 6.5) == 13)
    #expect(long == [1.5, -2, 6])

    var short: [Float] = [0.3, -0.4]
    var other = short.mutableSpan
    #expect(abs(GradientClipping.clip(&other, toNorm: 1) - 0.5) < 1e-6)
    #expect(short == [0.3, -0.4])

    var zero: [Float] = [0, 0]
    var none = zero.mutableSpan
    #expect(GradientClipping.clip(&none, toNorm: 1) == 0)
    #expect(zero == [0, 0])
  }

  @Test func schedules() {
    #expect([1, 7, 1000].map { LearningRateSchedule.constant.factor(at: $0) } == [1, 1, 1])

    let warmUp = LearningRateSchedule.warmUp(steps: 4)
    #expect((1...6).map { warmUp.factor(at: $0) } == [0.25, 0.5, 0.75, 1, 1, 1])

    let decay = LearningRateSchedule.stepDecay(interval: 3, factor: 0.5)
    #expect((1...7).map { decay.factor(at: $0) } == [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25])

    let cosine = LearningRateSchedule.cosine(warmUp: 2, total: 10, final: 0.2)
    #expect(cosine.factor(at: 1) == 0.5)
    #expect(cosine.factor(at: 2) == 1)
    #expect(abs(cosine.factor(at: 4) - (0.6 + 0.4 * Float(0.5).squareRoot())) < 1e-6)
    #expect(abs(cosine.factor(at: 6) - 0.6) < 1e-6)
    #expect(cosine.factor(at: 10) == 0.2)
    #expect(cosine.factor(at: 99) == 0.2)
    let factors = (2...10).map { cosine.factor(at: $0) }
    #expect(factors == factors.sorted(by: >))
  }
}
