import Cryptography
import Datasets
import Ledger
import MultipartyLearning
import NeuralNetworks
import Randomness
import Testing

@testable import Simulation

/// Four parties with two of four classes each, on images of bright quarters with noise.
private struct Sample: Sendable {
  /// Made once for all tests: training takes its time.
  static let shared = Result { try Sample() }

  let data: [LabelledImages]
  let models: [PartyModel]
  let keys: [SigningKey]
  let test: LabelledImages
  var terms = CalibrationTerms()
  var plan = CalibrationPlan()

  init() throws {
    let images = Self.images(480, seed: 3)
    test = Self.images(200, seed: 4)
    let split = PartySplit(
      parties: (0..<4).map { (k: UInt8) in
        .init(
          kind: k == 0 ? .perceptron : k == 1 ? .linearSVM : .softmaxRegression,
          classes: [k, (k + 1) % 4].sorted())
      })
    data = try split.deal(images, seed: 1).parties
    let panel = ModelPanel(
      split.parties.enumerated().map {
        PartyModel(kind: $1.kind, classes: $1.classes, seed: 1, party: $0)
      }, classes: 4, rule: .zeroLogit, threads: 1)
    var training = LocalTraining()
    training.epochs = 2
    training.shift = 0
    panel.train(data, training, seed: 1)
    models = (0..<4).map { panel.model($0) }
    keys = (0..<4).map { SigningKey(seed: [UInt8](repeating: UInt8($0 + 1), count: 32)) }
    terms.classes = 4
    // Loose enough that many messages of so few parties are valid.
    terms.rules.leastScore = 0.2
    terms.rules.greatestSpread = 0.5
    plan.messages = 24
    plan.bogusShare = 0.25
    plan.searchLimit = 64
  }

  static func images(_ count: Int, seed: UInt64) -> LabelledImages {
    let noise = RandomStream(seed: seed, purpose: .syntheticData).uniform(count * 784)
    var pixels = [UInt8](repeating: 0, count: count * 784)
    let labels = (0..<count).map { UInt8($0 % 4) }
    for image in 0..<count {
      for place in 0..<784 {
        let (row, column) = (place / 28, place % 28)
        let quarter = UInt8((row < 14 ? 0 : 2) + (column < 14 ? 0 : 1))
        let bright: Float = quarter == labels[image] ? 90 : 30
        pixels[image * 784 + place] = UInt8(bright + 160 * noise[image * 784 + place])
      }
    }
    return LabelledImages(
      channels: 1, height: 28, width: 28, classes: 4, pixels: pixels, labels: labels)
  }

  func simulation(threads: Int = 1) throws -> CalibrationSimulation {
    try CalibrationSimulation(
      models: models, data: data, keys: keys, terms: terms, plan: plan,
      rules: ChainRules(interval: 1000, firstDifficulty: 16), time: 1_700_000_000_000, seed: 5,
      threads: threads)
  }
}

@Suite struct CalibrationChainTests {
  /// What stands on the chain is what the parties would have come to without one, bit by bit, with
  /// any number of threads; somebody who has nothing but the bytes comes to it, too.
  @Test func theChainHasTheModelsOfAPlainRun() throws {
    let sample = try Sample.shared.get()
    var plain = MultipartyRun(
      .bema, models: sample.models, data: sample.data, rules: sample.terms.rules,
      plan: sample.plan, seed: 5, threads: 1)
    var simulation = try sample.simulation(threads: 2)
    var blocks = [simulation.genesis.encoded]
    var applied = 0
    for _ in 0..<3 {
      let expected = plain.runIteration()
      let step = try simulation.runIteration()
      #expect(step.outcome == expected)
      applied += expected.validHonest
      blocks += step.blocks.map(\.encoded)
    }
    #expect(applied > 0)
    for party in sample.models.indices {
      let model = plain.panel.model(party)
      #expect(simulation.state.parties[party].model == model)
      #expect(simulation.state.parties[party].digest == model.digest)
    }
    #expect(simulation.accuracy(sample.test) == plain.accuracy(sample.test))
    var stranger = try ChainVerifier(CalibrationApplication(), genesisBytes: blocks[0])
    for bytes in blocks.dropFirst() { try stranger.append(encoded: bytes) }
    #expect(
      stranger.state.application.parties.map(\.digest)
        == simulation.state.parties.map(\.digest))
    #expect(stranger.state.application.rewards == simulation.state.rewards)
    let earned = simulation.state.rewards.values.reduce(0, +)
    #expect(earned == UInt64(2 * simulation.state.parties.reduce(0) { $0 + $1.valid }))
  }

  /// A miner that writes another model, or another verdict, into a block with valid work is refused
  /// by who executes it.
  @Test func aForgedRecordIsFound() throws {
    let sample = try Sample.shared.get()
    var simulation = try sample.simulation()
    let step = try simulation.runIteration()
    let place = try #require(
      step.blocks.firstIndex { block in CalibrationRecord.digests(of: block).count > 0 })
    let honest = step.blocks[place]
    for forgery in 0..<2 {
      var records = honest.records
      if forgery == 0 {
        guard
          case .update(var update) = try CalibrationRecord(decoding: records[records.count - 1])
        else { throw LedgerCodingError.truncated }
        update.after = SHA256.hash([1])
        records[records.count - 1] = CalibrationRecord.update(update).encoded
      } else {
        guard case .verdicts(var verdicts) = try CalibrationRecord(decoding: records[0]) else {
          throw LedgerCodingError.truncated
        }
        verdicts[0] = verdicts[0] == .valid ? .unsure : .valid
        records[0] = CalibrationRecord.verdicts(verdicts).encoded
      }
      let forged = ProofOfWork.mine(
        MinedBlock(
          height: honest.height, previous: honest.previous, time: honest.time,
          difficulty: honest.difficulty, miner: honest.miner, transactions: honest.transactions,
          records: records))
      var verifier = try ChainVerifier(CalibrationApplication(), genesis: simulation.genesis)
      for block in step.blocks.prefix(place) { try verifier.append(block) }
      let fault = #expect(throws: ChainFault.self) { try verifier.append(forged) }
      #expect(fault?.height == honest.height)
      #expect("\(try #require(fault))".contains("record"))
      try verifier.append(honest)
    }
  }

  /// A regular party comes in with an original party's approval of this very model, and not without.
  @Test func newcomersNeedAnApproval() throws {
    let sample = try Sample.shared.get()
    let simulation = try sample.simulation()
    let network = simulation.genesis.hash
    let application = CalibrationApplication()
    let state = try application.start(simulation.genesis)
    let key = SigningKey(seed: [UInt8](repeating: 99, count: 32))
    let model = PartyModel(kind: .softmaxRegression, classes: [0, 1], seed: 7, party: 9)
    var registration = Registration(party: key.verificationKey, model: model)
    func refusal(_ registration: Registration, by sender: SigningKey) -> String? {
      application.refusal(
        of: SignedTransaction(
          network: network, sequence: 0, kind: Registration.kind, payload: registration.encoded,
          key: sender), after: state)
    }
    #expect(refusal(registration, by: key)?.contains("0 of 1 approvals") == true)
    let statement = registration.approvalStatement(network: network)
    func approved(_ original: Int, by signer: SigningKey) -> Registration {
      var copy = registration
      copy.approvals = [
        .init(original: UInt32(original), signature: signer.signature(for: statement))
      ]
      return copy
    }
    #expect(refusal(approved(0, by: sample.keys[0]), by: key) == nil)
    // Somebody else's signature, a party that is not there, one that knows none of the classes.
    #expect(refusal(approved(0, by: key), by: key) != nil)
    #expect(refusal(approved(7, by: sample.keys[0]), by: key) != nil)
    #expect(refusal(approved(2, by: sample.keys[2]), by: key) != nil)
    // Who approved it knows the one class that it was asked about, and others know the rest.
    let wide = PartyModel(kind: .softmaxRegression, classes: [0, 1, 2], seed: 7, party: 9)
    var claiming = Registration(party: key.verificationKey, model: wide)
    let claim = claiming.approvalStatement(network: network)
    claiming.approvals = [.init(original: 0, signature: sample.keys[0].signature(for: claim))]
    #expect(refusal(claiming, by: key)?.contains("knows class 2") == true)
    claiming.approvals.append(
      .init(original: 2, signature: sample.keys[2].signature(for: claim)))
    #expect(refusal(claiming, by: key) == nil)
    // Another sender, another model under the same approval, a party that is there already.
    #expect(refusal(approved(0, by: sample.keys[0]), by: sample.keys[1]) != nil)
    var other = approved(0, by: sample.keys[0])
    other.model.parameters[3] += 1
    #expect(refusal(other, by: key) != nil)
    registration.party = sample.keys[1].verificationKey
    #expect(refusal(registration, by: sample.keys[1])?.contains("already") == true)
  }

  /// Original parties let in who knows its classes and nobody else; what the one outside sends is in
  /// no block, and who verifies the chain finds the approvals.
  @Test func modelsAreTestedBeforeTheyJoin() throws {
    let sample = try Sample.shared.get()
    var models = sample.models
    // The one knows what an original party knows; the other takes each of its classes for the other.
    models[1] = models[2]
    models[3] = models[2]
    for place in stride(from: 0, to: models[3].parameters.count, by: 2) {
      models[3].parameters.swapAt(place, place + 1)
    }
    var admission = Admission()
    admission.greatestDifference = 0.1
    var plan = sample.plan
    plan.bogusShare = 0.5
    var simulation = try CalibrationSimulation(
      models: models, data: sample.data, keys: sample.keys, terms: sample.terms, plan: plan,
      rules: ChainRules(interval: 1000, firstDifficulty: 16), time: 1_700_000_000_000, seed: 5,
      threads: 1, originals: [0, 2], admission: admission, attackers: [3])
    #expect(simulation.members == [0, 2, 1])
    #expect(simulation.state.parties.map(\.type) == [.original, .original, .regular])
    let step = try simulation.runIteration()
    #expect(step.outcome.bogus == 12)
    #expect(step.outcome.validBogus == 0)
    let senders = Set(step.blocks.flatMap(\.transactions).map(\.sender))
    #expect(!senders.contains(sample.keys[3].verificationKey))
    #expect(senders.contains(sample.keys[1].verificationKey))
    var stranger = try ChainVerifier(CalibrationApplication(), genesis: simulation.genesis)
    for block in simulation.registrations + step.blocks { try stranger.append(block) }
    #expect(
      stranger.state.application.parties.map(\.digest) == simulation.state.parties.map(\.digest))
  }

  /// What no decoder takes is refused with what is wrong.
  @Test func badMessagesAreNamed() throws {
    let sample = try Sample.shared.get()
    let simulation = try sample.simulation()
    let application = CalibrationApplication()
    let state = try application.start(simulation.genesis)
    func refusal(_ payload: [UInt8], by key: SigningKey, kind: TransactionKind) -> String? {
      application.refusal(
        of: SignedTransaction(
          network: simulation.genesis.hash, sequence: 0, kind: kind, payload: payload, key: key),
        after: state)
    }
    let image = sample.data[0].image(0)
    let kind = CalibrationMessage.kind
    #expect(refusal([0, 1] + image, by: sample.keys[0], kind: kind) == nil)
    #expect(
      refusal([0, 1] + image.dropLast(), by: sample.keys[0], kind: kind)?.contains("783") == true)
    #expect(refusal([0, 4] + image, by: sample.keys[0], kind: kind)?.contains("classes") == true)
    #expect(refusal([1, 1] + image, by: sample.keys[0], kind: kind) != nil)
    let stranger = SigningKey(seed: [UInt8](repeating: 77, count: 32))
    #expect(refusal([0, 1] + image, by: stranger, kind: kind)?.contains("registered") == true)
    #expect(
      refusal([], by: sample.keys[0], kind: TransactionKind(rawValue: 9))?.contains("kind 9")
        == true)
    var model = sample.models[0]
    model.parameters[0] = .nan
    let registration = Registration(party: stranger.verificationKey, model: model)
    #expect(
      refusal(registration.encoded, by: stranger, kind: Registration.kind)?
        .contains("not a number") == true)
  }
}
