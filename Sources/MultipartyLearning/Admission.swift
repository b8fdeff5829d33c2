import Datasets

/// What an original party says of a newcomer's model.
public enum AdmissionVerdict: Sendable, Hashable, CustomStringConvertible {
  /// Eq. (2) holds.
  ///
  /// - Parameters:
  ///   - difference: the mean of |h_j(x, y) - h_i(x, y)|.
  ///   - classes: those that were compared, ascending; the others nobody has spoken for yet.
  case approved(difference: Double, classes: [UInt8])
  /// The models differ by more than ω.
  case refused(difference: Double, classes: [UInt8])
  /// The two have no class in common of which the original party has enough samples.
  case cannotJudge

  public var isApproved: Bool {
    if case .approved = self { true } else { false }
  }

  /// What was compared with ω; `nil` if nothing could be.
  public var difference: Double? {
    switch self {
    case .approved(let difference, _), .refused(let difference, _): difference
    case .cannotJudge: nil
    }
  }

  public var description: String {
    switch self {
    case .approved(let difference, let classes):
      "approved: scores differ by \(difference) on the classes \(classes)"
    case .refused(let difference, let classes):
      "refused: scores differ by \(difference) on the classes \(classes)"
    case .cannotJudge: "cannot judge: too few samples of the model's classes"
    }
  }
}

/// The test of a regular party's model before it may join: Wang et al. 2020, Eq. (2), with three
/// corrections.
///
/// The model under test is that of regular party j. Y_j ⊂ Y_i fails for most pairs of parties, so
/// that an original party i compares on its own samples of the classes that both know. And the sum
/// is divided by the number of samples, so that ω does not depend on it:
///
///     1/n Σ_{(x, y) ∈ D_i, y ∈ Y_i ∩ Y_j} |h_j(x, y) - h_i(x, y)| ≤ ω
///
/// It sees models that do not know the classes that they claim. It does not see what a model says of
/// the digits that it does *not* claim: one that is right on its own classes and takes all others for
/// them, too (``ByzantineModel/foreignImages``), passes at any ω that honest models pass. It is aimed
/// at ``Predictor/maxModel``; against ``Predictor/krumMean`` it does little.
public struct Admission: Sendable, Hashable {
  /// ω. The greatest difference that any original party found, case D of ``PartySplit`` on the first
  /// 50,000 training images of MNIST (`collabdict reproduce bema-sweeps --only omega`); on the left
  /// models trained as by default, seed 1, on the right for 3 epochs only, seeds 1 and 2:
  ///
  /// | model | from | to | refused at ω = 0.2 | from | to | refused at 0.1 | 0.2 | 0.3 |
  /// |---|---|---|---|---|---|---|---|---|
  /// | honest | 0.02 | 0.03 | 0 of 6 | 0.05 | 0.14 | 7 of 12 | 0 | 0 |
  /// | false classes | 0.32 | 0.88 | 5 of 5 | 0.22 | 0.82 | 10 of 10 | 10 | 8 |
  /// | permuted labels | 0.99 | 0.99 | 5 of 5 | 0.92 | 0.97 | 10 of 10 | 10 | 10 |
  /// | random weights | 0.74 | 0.82 | 5 of 5 | 0.69 | 0.78 | 10 of 10 | 10 | 10 |
  /// | foreign images | 0.02 | 0.03 | 0 of 5 | 0.08 | 0.16 | 8 of 10 | 0 | 0 |
  ///
  /// The closest liar was trained on 8, 9 and 0 and calls them 3, 4 and 5, which look like them.
  public var greatestDifference = 0.2
  /// A class of which the original party has fewer samples is not compared.
  public var leastSamples = 20
  /// The first so many samples are compared.
  public var sampleLimit = 2000

  public init() {}

  /// What one original party says of a model: the verdict that it may sign.
  ///
  /// - Parameters:
  ///   - reference: the original party's own model, h_i.
  ///   - data: its own images.
  ///   - rule: how values become scores, the same for everybody on a chain.
  public func verdict(
    on candidate: PartyModel, by reference: PartyModel, data: LabelledImages, rule: ScoreRule
  ) -> AdmissionVerdict {
    let common = Set(candidate.classes).intersection(reference.classes).filter { label in
      data.labels.count { $0 == label } >= leastSamples
    }
    let places = data.labels.indices.filter { common.contains(data.labels[$0]) }
      .prefix(sampleLimit)
    guard !places.isEmpty else { return .cannotJudge }
    // A newcomer may claim classes of which the original party has never heard.
    let classes = (candidate.classes + reference.classes).reduce(data.classes) {
      max($0, Int($1) + 1)
    }
    let panel = ModelPanel([candidate, reference], classes: classes, rule: rule, threads: 1)
    let table = panel.scores(data, Array(places))
    var sum = 0.0
    for (image, place) in places.enumerated() {
      let label = data.labels[place]
      sum += abs(Double(table[0, image, label]) - Double(table[1, image, label]))
    }
    let difference = sum / Double(places.count)
    let compared = common.sorted()
    // Not-a-number is not approved.
    return difference <= greatestDifference
      ? .approved(difference: difference, classes: compared)
      : .refused(difference: difference, classes: compared)
  }

  /// The classes of a model that some original party knows and none of those knows that approved it:
  /// whoever asks only the one whose classes it has learned would enter others untested.
  ///
  /// A class for which no original party can speak is taken on trust: where ``PartySplit`` gives the
  /// original parties all classes there is none.
  ///
  /// - Parameters:
  ///   - classes: of the model.
  ///   - originals: the classes of each original party.
  ///   - approving: the places of those that approved.
  /// - Returns: ascending.
  public static func untestedClasses(
    _ classes: [UInt8], originals: [[UInt8]], approving: some Sequence<Int>
  ) -> [UInt8] {
    var untested = Set(classes).intersection(originals.joined())
    for place in approving { untested.subtract(originals[place]) }
    return untested.sorted()
  }

  /// The parties that may join: the original ones, and those that none of them refuses and of whose
  /// classes, as far as original parties know them, each is known to one that approves. All original
  /// parties are honest (Sec. III-B), so that one refusal counts.
  ///
  /// - Parameters:
  ///   - data: of all parties; of the original ones it is used.
  ///   - originals: see ``PartySplit/originalParties``.
  /// - Returns: ascending.
  public func members(
    _ models: [PartyModel], data: [LabelledImages], originals: [Int], rule: ScoreRule
  ) -> [Int] {
    models.indices.filter { party in
      if originals.contains(party) { return true }
      let verdicts = originals.map {
        verdict(on: models[party], by: models[$0], data: data[$0], rule: rule)
      }
      let approving = verdicts.indices.filter { verdicts[$0].isApproved }
      let untested = Self.untestedClasses(
        models[party].classes, originals: originals.map { models[$0].classes },
        approving: approving)
      return !approving.isEmpty && untested.isEmpty
        && verdicts.allSatisfy { $0.isApproved || $0 == .cannotJudge }
    }
  }
}
