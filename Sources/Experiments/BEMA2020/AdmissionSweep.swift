import Datasets
import MultipartyLearning

/// How far newcomers' scores are from those of original parties, for honest models and for those of
/// attackers: what ω of Wang et al. 2020, Eq. (2), has to tell apart.
public struct AdmissionSweep: Sendable {
  public var seeds: [UInt64] = [1]
  /// Case D of Fig. 5 unless told otherwise.
  public var split = PartySplit(.d)
  public var training = LocalTraining()
  /// The values of ω in the table.
  public var values = [0.05, 0.1, 0.15, 0.2, 0.3, 0.5]

  public init() {}

  /// `nil` stands for honest models.
  static let kinds: [ByzantineModel?] = [nil] + ByzantineModel.allCases.map { $0 }

  static func name(_ kind: ByzantineModel?) -> String { kind?.rawValue ?? "honest" }

  /// A model of one regular party.
  struct Candidate: Sendable, Hashable {
    let kind: ByzantineModel?
    let party: Int
    let seed: UInt64
  }

  /// The regular parties that come to the test: all of them as honest ones, half of all parties as
  /// attackers.
  func candidates(_ kind: ByzantineModel?, seed: UInt64) -> [Candidate] {
    let originals = split.originalParties
    let parties =
      kind.map { ByzantineParties(share: 0.5, of: split, model: $0, seed: seed).parties }
      ?? split.parties.indices.filter { !originals.contains($0) }
    return parties.map { Candidate(kind: kind, party: $0, seed: seed) }
  }

  func key(_ candidate: Candidate) -> String {
    var division = PartyDivision("", split, seed: candidate.seed)
    division.training = training
    return "admission \(Self.name(candidate.kind)) party \(candidate.party + 1); \(division.key)"
  }

  public func report(of record: CalibrationRecord) -> AdmissionReport {
    AdmissionReport(plan: self, record: record)
  }
}

extension CalibrationBench {
  /// Trains the models that are not in the record, and has original parties test them.
  ///
  /// - Parameter progress: told what kind of models is being trained.
  /// - Returns: whether all have run; no, once ``goesOn`` said no.
  /// - Throws: `StorageError` if the record cannot be written, `SplitError` if there are too few images.
  public func run(
    _ sweep: AdmissionSweep, record: inout CalibrationRecord,
    progress: (_ kind: String, _ seed: UInt64) -> Void = { _, _ in }
  ) throws -> Bool {
    let split = sweep.split
    let originals = split.originalParties
    for seed in sweep.seeds {
      let (data, publicPart) = try split.deal(train, seed: seed)
      for kind in AdmissionSweep.kinds {
        let candidates = sweep.candidates(kind, seed: seed)
        if candidates.allSatisfy({ record[sweep.key($0)] != nil }) { continue }
        guard goesOn() else { return false }
        progress(AdmissionSweep.name(kind), seed)
        // Without attackers the kind of their models says nothing.
        let parties = ByzantineParties(
          share: kind == nil ? 0 : 0.5, of: split, model: kind ?? .randomWeights, seed: seed)
        let models = parties.models(
          split, data: data, publicPart: publicPart, training: sweep.training, seed: seed,
          threads: threads)
        for candidate in candidates {
          let differences = originals.compactMap {
            Admission().verdict(
              on: models[candidate.party], by: models[$0], data: data[$0], rule: .zeroLogit
            ).difference
          }
          // Scores differ by 1 at most; of a model that nobody could judge, or that is not a number, 2
          // says that it is refused at any ω.
          let greatest = differences.map { $0.isFinite ? $0 : 2 }.max() ?? 2
          try record.enter(
            CalibrationCurve([.init(iteration: sweep.training.epochs, accuracy: greatest)]),
            for: sweep.key(candidate))
        }
      }
    }
    return true
  }
}

/// How many models of each kind are refused at each ω.
public struct AdmissionReport: ExperimentReport {
  let plan: AdmissionSweep
  let record: CalibrationRecord

  public let name = "bema-admission"

  private func differences(_ kind: ByzantineModel?) -> [Double] {
    plan.seeds.flatMap { plan.candidates(kind, seed: $0) }
      .compactMap { record[plan.key($0)]?.after }
  }

  public var table: (header: [String], rows: [[String]]) {
    let rows = AdmissionSweep.kinds.map { kind in
      let found = differences(kind)
      return [
        AdmissionSweep.name(kind), ReportNumber.text(found.min().map { [$0] } ?? [], decimals: 3),
        ReportNumber.text(found.max().map { [$0] } ?? [], decimals: 3),
      ]
        + plan.values.map { value in "\(found.count { !($0 <= value) }) of \(found.count)" }
    }
    let chosen = Admission().greatestDifference
    return (
      ["models", "least", "greatest"]
        + plan.values.map { "refused at \($0)" + ($0 == chosen ? " (default)" : "") }, rows
    )
  }

  public var remarks: [String] {
    [
      "the greatest mean difference of scores that an original party finds, "
        + "\(plan.split.parties.count) parties, \(plan.seeds.count) "
        + (plan.seeds.count == 1 ? "seed" : "seeds")
        + "; the last \(ParameterSweep.heldOut) training images are left out"
    ]
  }

  public var sheet: ReportSheet {
    var sheet = ReportSheet(texts: ["models"], columns: ["party", "seed", "difference"])
    for kind in AdmissionSweep.kinds {
      for candidate in plan.seeds.flatMap({ plan.candidates(kind, seed: $0) }) {
        guard let difference = record[plan.key(candidate)]?.after else { continue }
        sheet.lines.append(
          .init(
            [AdmissionSweep.name(kind)],
            [Double(candidate.party + 1), Double(candidate.seed), difference]))
      }
    }
    return sheet
  }

  public var charts: [(name: String, chart: any Drawing)] { [] }
}
