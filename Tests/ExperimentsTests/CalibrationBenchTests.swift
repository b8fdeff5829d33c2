import Datasets
import MultipartyLearning
import Synchronization
import Testing

@testable import Experiments

/// Runs on generated images of which it is known what must come out.
@Suite struct CalibrationBenchTests {
  private func curves(
    _ cells: [CalibrationCell], _ bench: CalibrationBench
  ) throws -> [CalibrationCurve] {
    var record = CalibrationRecord()
    let isOver = try bench.run(cells, record: &record)
    #expect(isOver)
    return try cells.map { try #require(record[$0]) }
  }

  /// Five parties that know two classes each take all other images for theirs; what they tell one
  /// another mends it, though each class has a single model.
  @Test func whoKnowsTwoClassesLearnsWhereTheyEnd() throws {
    let division = GeneratedDigits.division(.c)
    let found = try curves(
      MultipartySystem.allCases.map {
        CalibrationCell($0, division, GeneratedDigits.plan(8))
      }, GeneratedDigits.bench())
    for curve in found {
      #expect(curve.before < 0.7)
      #expect(curve.after > curve.before + 0.1, "\(curve.measurements.map(\.accuracy))")
    }
    #expect(found[0].measurements.map(\.iteration) == [0, 1, 2, 5, 8])
    let counts = found[0].measurements.map(\.messages.validHonest)
    #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 < $1 })
  }

  /// Where three models know each class, bogus messages do not pass, and the mean of the three is
  /// right; the surest model is not, and believes everything.
  @Test func bogusMessagesMisleadOnlyTheSurestModel() throws {
    let division = GeneratedDigits.division()
    let found = try curves(
      MultipartySystem.allCases.map {
        CalibrationCell($0, division, GeneratedDigits.plan(3, bogus: 0.5))
      }, GeneratedDigits.bench())
    let (bema, hmr) = (found[0].last, found[1].last)
    #expect(bema.accuracy > 0.98)
    #expect(hmr.accuracy < bema.accuracy - 0.02)
    #expect(bema.messages.bogus == 90 && hmr.messages.bogus == 90)
    #expect(bema.messages.validBogus < 10)
    #expect(hmr.messages.validBogus == 90)
    #expect(hmr.messages.acceptedBogus == 1)
  }

  /// Whether a bench may go on.
  private final class Switch: Sendable {
    let isOn = Atomic(true)
  }

  /// Stopped in the middle, or with another number of threads: the figures are the same, and what
  /// has run does not run again.
  @Test func stoppedRunsGoOn() throws {
    var bench = try GeneratedDigits.bench(threads: 1)
    let cells = [0, 0.5].map {
      CalibrationCell(.hmr, GeneratedDigits.division(.c), GeneratedDigits.plan(2, bogus: $0))
    }
    let undisturbed = try curves(cells + cells, bench)
    #expect(undisturbed[0] != undisturbed[1])

    let onOff = Switch()
    bench.threads = 3
    bench.goesOn = { onOff.isOn.load(ordering: .relaxed) }
    var record = CalibrationRecord()
    let isOver = try bench.run(cells, record: &record) { stage in
      if case .finished = stage { onOff.isOn.store(false, ordering: .relaxed) }
    }
    #expect(!isOver)
    #expect(record[cells[0]] != nil && record[cells[1]] == nil)

    onOff.isOn.store(true, ordering: .relaxed)
    var finished: [CalibrationCell] = []
    let isOverNow = try bench.run(cells, record: &record) { stage in
      guard case .finished(let cell, _, let number, let count) = stage else { return }
      finished.append(cell)
      #expect(number == 1 && count == 1)
    }
    #expect(isOverNow && finished == [cells[1]])
    for (cell, curve) in zip(cells, undisturbed) {
      let found = try #require(record[cell])
      #expect(found.measurements.map(\.accuracy) == curve.measurements.map(\.accuracy))
      #expect(found.last.messages == curve.last.messages)
    }
    // Nothing is left to do: not even training.
    _ = try bench.run(cells, record: &record) { _ in Issue.record("something ran again") }
  }

  @Test func trainingStopsToo() throws {
    var bench = try GeneratedDigits.bench()
    bench.goesOn = { false }
    #expect(try bench.localModels(of: GeneratedDigits.division(.c)) == nil)
    var record = CalibrationRecord()
    #expect(try !bench.run([CentralisedClassifier(seed: 1)], record: &record))
  }

  /// One model with all images has nothing to be told by others.
  @Test func theCentralisedClassifierLearns() throws {
    let bench = try GeneratedDigits.bench()
    var classifier = CentralisedClassifier(seed: 1)
    classifier.training.epochs = 3
    classifier.training.batchSize = 32
    var record = CalibrationRecord()
    #expect(try bench.run([classifier, classifier], record: &record))
    let curve = try #require(record[classifier.key])
    #expect(curve.after > 0.95)
  }

  @Test func imagesThatDoNotFit() throws {
    let digits = GeneratedDigits.make(20, seed: 1)
    let small = LabelledImages(
      channels: 1, height: 2, width: 2, classes: 10, pixels: [0, 0, 0, 0], labels: [9])
    #expect(throws: BenchError.wrongShape(1, 2, 2)) {
      try CalibrationBench(train: digits, test: small)
    }
    let few = LabelledImages(
      channels: 1, height: 28, width: 28, classes: 3, pixels: digits.image(0), labels: [0])
    #expect(throws: BenchError.wrongClasses(3)) {
      try CalibrationBench(train: few, test: few)
    }
    let bench = try CalibrationBench(train: digits, test: digits)
    #expect(throws: BenchError.noImages) { try bench.heldOut(20) }
    let held = try bench.heldOut(8)
    #expect(held.train == digits.selecting(Array(0..<12)))
    #expect(held.test == digits.selecting(Array(12..<20)))
    // No image of some class is left for some party.
    var record = CalibrationRecord()
    let cell = CalibrationCell(
      .bema, PartyDivision(parties: 20, seed: 1, publicImages: 0), GeneratedDigits.plan(1))
    #expect(throws: SplitError.self) { try held.run([cell], record: &record) }
  }

  /// Liars are further from original parties than honest newcomers, and what is in the record is not
  /// trained again.
  @Test func admissionTellsLiarsFromHonestParties() throws {
    var sweep = AdmissionSweep()
    sweep.split = GeneratedDigits.division().split
    sweep.training = GeneratedDigits.division().training
    sweep.values = [0.4]
    let bench = try GeneratedDigits.bench()
    var record = CalibrationRecord()
    var trained: [String] = []
    let isOver = try bench.run(sweep, record: &record) { kind, _ in trained.append(kind) }
    #expect(isOver)
    #expect(trained == ["honest"] + ByzantineModel.allCases.map(\.rawValue))
    func differences(_ kind: ByzantineModel?) throws -> [Double] {
      try sweep.candidates(kind, seed: 1).map { try #require(record[sweep.key($0)]?.after) }
    }
    let honest = try #require(try differences(nil).max())
    for liar in [ByzantineModel.permutedLabels, .falseClasses] {
      #expect(try #require(try differences(liar).min()) > honest, "\(liar)")
    }
    let table = sweep.report(of: record).table
    #expect(table.rows.map { $0[0] } == trained)
    #expect(table.rows[2].last == "\(try differences(.permutedLabels).count) of 5")
    let again = try bench.run(sweep, record: &record) { kind, _ in trained.append(kind) }
    #expect(again && trained.count == 5)
  }
}
