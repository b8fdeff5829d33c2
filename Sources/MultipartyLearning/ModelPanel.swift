import Datasets
import Dispatch
import Synchronization

/// The models of all parties as they stand on the chain, ready to score and to be calibrated.
///
/// Models are worked on side by side, each by one thread at a time, so that the number of threads
/// changes nothing.
public struct ModelPanel: ~Copyable, Sendable {
  private final class Seat: Sendable {
    let runner: Mutex<ClassifierRunner>

    init(_ model: PartyModel, rule: ScoreRule) {
      runner = Mutex(ClassifierRunner(model, rule: rule))
    }
  }

  private var seats: [Seat] = []
  public private(set) var learnedClasses: [[UInt8]] = []
  private var knowing: [[Int]]
  public let classes: Int
  public let rule: ScoreRule
  public let threads: Int

  /// - Parameters:
  ///   - classes: the number of all classes, C.
  ///   - threads: models that are worked on at once.
  public init(_ models: [PartyModel], classes: Int, rule: ScoreRule, threads: Int) {
    self.classes = classes
    self.rule = rule
    self.threads = max(1, threads)
    knowing = [[Int]](repeating: [], count: classes)
    for model in models { add(model) }
  }

  /// Takes up a further party.
  public mutating func add(_ model: PartyModel) {
    precondition(
      model.classes.allSatisfy { $0 < classes }, "a model of classes \(model.classes) of \(classes)"
    )
    for label in model.classes { knowing[Int(label)].append(seats.count) }
    seats.append(Seat(model, rule: rule))
    learnedClasses.append(model.classes)
  }

  public var count: Int { seats.count }

  public func model(_ party: Int) -> PartyModel { seats[party].runner.withLock { $0.model } }

  public func replace(_ party: Int, by model: PartyModel) {
    seats[party].runner.withLock { $0.model = model }
  }

  /// The scores of all models for some images.
  ///
  /// - Parameter places: which of the images; all by default.
  public func scores(_ images: LabelledImages, _ places: [Int]? = nil) -> ScoreTable {
    let places = places ?? Array(0..<images.count)
    return table(places.count) { runner in runner.scores(images, places[...]) }
  }

  /// The same for the few images of a block, after which ``calibrate(_:_:)`` can step.
  func prepare(_ images: LabelledImages) -> ScoreTable {
    table(images.count) { runner in runner.prepare(images) }
  }

  /// One step of each model that has something to do: Eqs. (11) and (12).
  func calibrate(_ adjustments: [[ClassifierRunner.Adjustment]], _ rules: CalibrationRules) {
    let busy = adjustments.indices.filter { !adjustments[$0].isEmpty }
    inParallel(busy.count) { turn in
      let party = busy[turn]
      seats[party].runner.withLock { $0.calibrate(adjustments[party], rules) }
    }
  }

  /// One step of a model for each of its adjustments, in their order.
  func calibrateInTurn(
    _ turns: [[ClassifierRunner.Adjustment]], _ images: LabelledImages, _ rules: CalibrationRules
  ) {
    inParallel(turns.count) { party in
      seats[party].runner.withLock { runner in
        for turn in turns[party] {
          _ = runner.prepare(images.selecting([turn.image]))
          runner.calibrate(
            [.init(image: 0, label: turn.label, isEnhanced: turn.isEnhanced)], rules)
        }
      }
    }
  }

  /// Trains each model on its party's own images.
  ///
  /// - Parameter goesOn: asked before each epoch, from any thread; once it says no, training ends.
  /// - Returns: whether all were trained to the end.
  @discardableResult
  public func train(
    _ images: [LabelledImages], _ settings: LocalTraining, seed: UInt64,
    while goesOn: @Sendable () -> Bool = { true }
  ) -> Bool {
    precondition(images.count == count, "\(images.count) parties' images for \(count) models")
    let finished = Atomic(0)
    inParallel(count) { party in
      let loss = seats[party].runner.withLock {
        $0.train(images[party], settings, seed: seed, party: party, while: goesOn)
      }
      if loss != nil { finished.add(1, ordering: .relaxed) }
    }
    return finished.load(ordering: .relaxed) == count
  }

  private func table(
    _ images: Int, _ score: @Sendable (ClassifierRunner) -> [Float]
  ) -> ScoreTable {
    let table = Mutex(
      ScoreTable(images: images, classes: classes, knowing: knowing, models: count))
    inParallel(count) { party in
      let scores = seats[party].runner.withLock { score($0) }
      table.withLock { $0.enter(scores, of: party, classes: learnedClasses[party]) }
    }
    return table.withLock { $0 }
  }

  private func inParallel(_ count: Int, _ body: @Sendable (Int) -> Void) {
    if threads == 1 || count < 2 {
      for turn in 0..<count { body(turn) }
      return
    }
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while true {
        let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if turn >= count { return }
        body(turn)
      }
    }
  }
}
