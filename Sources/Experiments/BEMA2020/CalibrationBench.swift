import Datasets
import MultipartyLearning
import NeuralNetworks

/// Runs cells on images, one after the other, each with all threads; the local models of a division
/// are trained once and shared by its cells.
public struct CalibrationBench: Sendable {
  /// What parties learn from and calibrate by.
  public let train: LabelledImages
  /// What accuracy is measured on, which no choice may look at.
  public let test: LabelledImages
  public var threads = 1
  public var points = MeasuringPoints()
  /// Asked often; once it says no, the bench ends after a moment.
  public var goesOn: @Sendable () -> Bool = { true }

  /// - Throws: ``BenchError`` for images that the models cannot look at.
  public init(train: LabelledImages, test: LabelledImages) throws(BenchError) {
    for images in [train, test] {
      guard images.count > 0 else { throw .noImages }
      let extent = ImageClassifier.extent
      guard images.channels == 1, images.height == extent, images.width == extent else {
        throw .wrongShape(images.channels, images.height, images.width)
      }
      guard images.classes == 10 else { throw .wrongClasses(images.classes) }
    }
    self.train = train
    self.test = test
  }

  /// The last training images in the place of the test images: for choices.
  ///
  /// - Throws: ``BenchError`` if there are not more than so many.
  public func heldOut(_ count: Int) throws(BenchError) -> CalibrationBench {
    guard train.count > count else { throw .noImages }
    let first = train.count - count
    var bench = try CalibrationBench(
      train: train.selecting(Array(0..<first)), test: train.selecting(Array(first..<train.count)))
    bench.threads = threads
    bench.points = points
    bench.goesOn = goesOn
    return bench
  }

  /// What tells these images from others, training and test images apart: FNV-1a over pixels, labels
  /// and numbers, 64 bits in hexadecimal. Nobody is kept from making others with the same.
  public var fingerprint: String {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for images in [train, test] {
      for bytes in [images.pixels, images.labels] {
        let span = bytes.span
        for place in span.indices {
          state = (state ^ UInt64(span[place])) &* 0x0000_0100_0000_01b3
        }
        state = (state ^ UInt64(bytes.count)) &* 0x0000_0100_0000_01b3
      }
    }
    return String(state, radix: 16)
  }

  /// What the bench is at.
  public enum Stage: Sendable {
    case training(PartyDivision)
    case calibrating(CalibrationCell, iteration: Int, accuracy: Double?)
    case finished(CalibrationCell, CalibrationCurve, number: Int, of: Int)
  }

  /// Runs the cells that are not in the record, division by division.
  ///
  /// - Parameters:
  ///   - record: gets each finished cell at once.
  ///   - progress: told what happens.
  /// - Returns: whether all have run; no, once ``goesOn`` said no.
  /// - Throws: `StorageError` if the record cannot be written, `SplitError` if there are too few images.
  public func run(
    _ cells: [CalibrationCell], record: inout CalibrationRecord,
    progress: (Stage) -> Void = { _ in }
  ) throws -> Bool {
    var missing: [CalibrationCell] = []
    for cell in cells where record[cell] == nil && !missing.contains(cell) { missing.append(cell) }
    let count = missing.count
    var number = 0
    while let division = missing.first?.division {
      let own = missing.filter { $0.division == division }
      missing.removeAll { $0.division == division }
      progress(.training(division))
      guard let models = try localModels(of: division) else { return false }
      for cell in own {
        guard let curve = run(cell, models, progress) else { return false }
        try record.enter(curve, for: cell.key)
        number += 1
        progress(.finished(cell, curve, number: number, of: count))
      }
    }
    return true
  }

  /// Parties' images, and the models that they trained on them.
  struct LocalModels: Sendable {
    let models: [PartyModel]
    let data: [LabelledImages]
  }

  /// - Returns: `nil` once ``goesOn`` said no.
  func localModels(of division: PartyDivision) throws(SplitError) -> LocalModels? {
    let data = try division.split.deal(train, seed: division.seed).parties
    let start = division.split.parties.enumerated().map {
      PartyModel(kind: $1.kind, classes: $1.classes, seed: division.seed, party: $0)
    }
    let panel = ModelPanel(start, classes: train.classes, rule: .zeroLogit, threads: threads)
    guard panel.train(data, division.training, seed: division.seed, while: goesOn) else {
      return nil
    }
    return LocalModels(models: start.indices.map { panel.model($0) }, data: data)
  }

  private func run(
    _ cell: CalibrationCell, _ local: LocalModels, _ progress: (Stage) -> Void
  ) -> CalibrationCurve? {
    var run = MultipartyRun(
      cell.system, models: local.models, data: local.data, rules: cell.rules, plan: cell.plan,
      seed: cell.division.seed, threads: threads)
    var measurements = [
      CalibrationCurve.Measurement(iteration: 0, accuracy: run.accuracy(test))
    ]
    progress(.calibrating(cell, iteration: 0, accuracy: measurements[0].accuracy))
    let clock = ContinuousClock()
    var messages = MessageTotals()
    var spent = Duration.zero
    for iteration in 0..<cell.plan.iterations {
      guard goesOn() else { return nil }
      let start = clock.now
      messages.add(run.runIteration())
      spent += clock.now - start
      var accuracy: Double?
      if points.contains(iteration + 1, of: cell.plan.iterations) {
        let value = run.accuracy(test)
        var measurement = CalibrationCurve.Measurement(iteration: iteration + 1, accuracy: value)
        measurement.messages = messages
        measurement.seconds = spent / .seconds(1)
        measurements.append(measurement)
        accuracy = value
      }
      progress(.calibrating(cell, iteration: iteration + 1, accuracy: accuracy))
    }
    return CalibrationCurve(measurements)
  }
}

/// Why images cannot be used.
public enum BenchError: Error, Hashable, CustomStringConvertible {
  case noImages
  case wrongShape(Int, Int, Int)
  case wrongClasses(Int)

  public var description: String {
    switch self {
    case .noImages: "there are too few images; name a file with more"
    case .wrongShape(let channels, let height, let width):
      "images of [\(channels), \(height), \(width)] cannot be classified; name a file of digits, "
        + "[1, 28, 28]"
    case .wrongClasses(let count):
      "\(count) classes cannot be dealt out; name a file of the ten digits"
    }
  }
}
