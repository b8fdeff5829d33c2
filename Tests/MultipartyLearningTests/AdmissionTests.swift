import Datasets
import NeuralNetworks
import Testing

@testable import MultipartyLearning

@Suite struct AdmissionTests {
  let images = Samples.images(30, classes: 4, seed: 1)

  func score(_ value: Double, beside: Double = 0) -> Double {
    value.exponential / (1 + value.exponential + beside.exponential)
  }

  /// Both know class 1: the mean of |h_j(x, 1) - h_i(x, 1)| over the samples of class 1.
  @Test func theDifferenceIsThatOfTheCommonClasses() throws {
    let models = Samples.models([([0, 1], [3, 1]), ([1, 2], [2, 3])])
    let verdict = Admission().verdict(
      on: models[1], by: models[0], data: images, rule: .zeroLogit)
    let exact = abs(score(1, beside: 3) - score(2, beside: 3))
    #expect(abs(try #require(verdict.difference) - exact) < 1e-6)
    // Two common classes, with as many samples each.
    let both = Samples.models([([0, 1], [3, 1]), ([0, 1], [2, 3])])
    let mean = Admission().verdict(on: both[1], by: both[0], data: images, rule: .zeroLogit)
    let first = abs(score(3, beside: 1) - score(2, beside: 3))
    let second = abs(score(1, beside: 3) - score(3, beside: 2))
    #expect(abs(try #require(mean.difference) - (first + second) / 2) < 1e-6)
  }

  @Test func omegaBelongsToTheApproved() throws {
    let models = Samples.models([([0, 1], [3, 1]), ([0, 1], [2, 1])])
    var admission = Admission()
    func verdict() -> AdmissionVerdict {
      admission.verdict(on: models[1], by: models[0], data: images, rule: .zeroLogit)
    }
    let difference = try #require(verdict().difference)
    #expect(difference > 0.01)
    admission.greatestDifference = difference
    #expect(verdict() == .approved(difference: difference, classes: [0, 1]))
    admission.greatestDifference = difference.nextDown
    #expect(verdict() == .refused(difference: difference, classes: [0, 1]))
  }

  @Test func withoutEnoughSamplesNobodyCanJudge() {
    let models = Samples.models([([0, 1], [3, 1]), ([1, 3], [2, 3]), ([2, 3], [0, 0])])
    var admission = Admission()
    func verdict(_ party: Int) -> AdmissionVerdict {
      admission.verdict(on: models[party], by: models[0], data: images, rule: .zeroLogit)
    }
    #expect(verdict(2) == .cannotJudge && verdict(2).difference == nil)
    admission.leastSamples = 30
    #expect(verdict(1) != .cannotJudge)
    admission.leastSamples = 31
    #expect(verdict(1) == .cannotJudge)
  }

  /// Who tests one class does not speak for the others, as long as somebody could.
  @Test func everyClassIsTestedByWhoKnowsIt() {
    let originals: [[UInt8]] = [[0, 1, 2], [2, 3], []]
    func untested(_ classes: [UInt8], _ approving: [Int]) -> [UInt8] {
      Admission.untestedClasses(classes, originals: originals, approving: approving)
    }
    #expect(untested([2, 3, 9], [0]) == [3])
    #expect(untested([2, 3, 9], [1]) == [])
    #expect(untested([1, 3], []) == [1, 3])
    #expect(untested([9], []) == [])
    // The first is said to be good by who knows 0 and 1; it claims 2 as well, which party 1 could
    // test, had it enough samples.
    let models = Samples.models([([0, 1], [3, 1]), ([2], [1]), ([0, 1, 2], [3, 1, 1])])
    var admission = Admission()
    admission.greatestDifference = 1
    admission.leastSamples = 20
    func members(_ second: LabelledImages) -> [Int] {
      admission.members(
        models, data: [images, second, images], originals: [0, 1], rule: .zeroLogit)
    }
    #expect(members(images) == [0, 1, 2])
    #expect(members(images.selecting(Array(0..<16))) == [0, 1])
  }

  /// Classes that an original party has never heard of are no reason to fail.
  @Test func unheardOfClassesAreLeftOut() {
    let models = Samples.models([([0, 1], [3, 1]), ([1, 200], [2, 3])])
    let verdict = Admission().verdict(
      on: models[1], by: models[0], data: images, rule: .zeroLogit)
    #expect(verdict.difference != nil)
  }

  @Test func aModelThatIsNoNumberIsRefused() {
    var models = Samples.models([([0, 1], [3, 1]), ([0, 1], [2, 1])])
    models[1].parameters[0] = .nan
    models[1].parameters[1568] = .nan
    let verdict = Admission().verdict(
      on: models[1], by: models[0], data: images, rule: .zeroLogit)
    #expect(!verdict.isApproved && verdict != .cannotJudge)
  }

  // MARK: Attackers' models

  static let split = PartySplit(
    parties: (0..<4).map { (k: UInt8) in
      PartySplit.Party(
        kind: .softmaxRegression, classes: [k, (k + 1) % 4, (k + 2) % 4].sorted())
    }, publicImages: 16)

  static let training: LocalTraining = {
    var training = LocalTraining()
    training.epochs = 12
    training.batchSize = 16
    training.shift = 0
    training.learningRate = 0.02
    return training
  }()

  @Test(arguments: ByzantineModel.allCases)
  func whoIsFoundOut(_ model: ByzantineModel) throws {
    let split = Self.split
    #expect(split.originalParties == [0, 1])
    let (data, publicPart) = try split.deal(
      Samples.images(100, classes: 4, noise: 60, seed: 2), seed: 1)
    let attackers = ByzantineParties(share: 0.25, of: split, model: model, seed: 1)
    #expect(attackers.parties.count == 1 && attackers.parties[0] >= 2)
    let models = attackers.models(
      split, data: data, publicPart: publicPart, training: Self.training, seed: 1, threads: 1)
    let members = Admission().members(
      models, data: data, originals: split.originalParties, rule: .zeroLogit)
    let honest = (0..<4).filter { !attackers.parties.contains($0) }
    // Eq. (2) does not ask what a model says of foreign images.
    #expect(members == (model == .foreignImages ? Array(0..<4) : honest))
    // And an honest party's model is the same beside every attack.
    let nobody = ByzantineParties(share: 0, of: split, model: model, seed: 1)
    let calm = nobody.models(
      split, data: data, publicPart: publicPart, training: Self.training, seed: 1, threads: 2)
    for party in honest { #expect(models[party] == calm[party]) }
    for party in attackers.parties { #expect(models[party] != calm[party]) }
  }

  @Test func attackersAreRegularParties() {
    for seed in 0..<20 {
      let all = ByzantineParties(
        share: 0.5, of: PartySplit(.d), model: .randomWeights, seed: UInt64(seed))
      #expect(all.parties.count == 5)
      #expect(Set(all.parties).isDisjoint(with: [0, 3, 6, 7]))
      let fewer = ByzantineParties(
        share: 0.2, of: PartySplit(.d), model: .randomWeights, seed: UInt64(seed))
      #expect(fewer.parties.count == 2 && Set(fewer.parties).isSubset(of: all.parties))
    }
    // Where all are original parties there is nobody to attack.
    #expect(
      ByzantineParties(share: 0.5, of: PartySplit(.c), model: .falseClasses, seed: 1).parties == [])
  }

  @Test func whatAttackersLearnFrom() {
    let own = images.selecting(labels: [0, 1])
    let claimed = ByzantineModel.falseClasses.claimedClasses([0, 1], of: 4)
    #expect(claimed == [2, 3])
    let disguised = ByzantineModel.falseClasses.disguise(own, publicPart: images, own: [0, 1])
    #expect(disguised.labels == own.labels.map { $0 + 2 } && disguised.pixels == own.pixels)
    let permuted = ByzantineModel.permutedLabels.disguise(own, publicPart: images, own: [0, 1])
    #expect(permuted.labels == own.labels.map { 1 - $0 })
    let foreign = ByzantineModel.foreignImages.disguise(own, publicPart: images, own: [0, 1])
    #expect(foreign.count == 2 * own.count)
    #expect(foreign.selecting(Array(0..<own.count)) == own)
    #expect(Set(foreign.labels) == [0, 1])
    #expect(ByzantineModel.permutedLabels.claimedClasses([0, 1], of: 4) == [0, 1])
  }
}
