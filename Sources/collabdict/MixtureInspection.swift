import AnomalyDetection
import CollaborativeLearning
import Cryptography
import GraphicalModels

/// What `inspect` says of a mixture of graphical models.
enum MixtureInspection {
  /// Dependencies that the table shows of a pattern.
  private static let shownDependencies = 5

  /// A direct dependency of two numbers of a window.
  struct Dependency {
    let first: Int
    let second: Int
    /// In [-1, 1].
    let partialCorrelation: Double
  }

  /// The dependencies of a pattern, the strongest first.
  static func dependencies(_ pattern: GaussianPattern) -> [Dependency] {
    pattern.edges.map { i, j in
      Dependency(first: i, second: j, partialCorrelation: pattern.partialCorrelation(i, j))
    }.sorted {
      ($1.partialCorrelation.magnitude, $0.first, $0.second)
        < ($0.partialCorrelation.magnitude, $1.first, $1.second)
    }
  }

  /// By which people see whether they hold the same dictionary.
  private static func digest(_ model: MixtureModel) -> String {
    var hash = SHA256()
    for pattern in model.patterns {
      hash.update(memoryOf: pattern.mean.span)
      hash.update(memoryOf: pattern.precision.elements.span)
    }
    return hash.finalise().description
  }

  static func show(_ path: String, _ run: TrainedModel<MixtureModel>) {
    let model = run.detector
    let patterns = model.patterns.count
    Console.print(
      "\(path): \(model.participants.count) participants, \(model.variables) variables, windows of "
        + "\(model.window.length) rows, a mixture of \(patterns) sparse Gaussian graphical "
        + (patterns == 1 ? "model" : "models"))
    Console.print(
      "θ: \(patterns) of \(model.startedWith) patterns kept, SHA-256 \(digest(model))")
    Console.print(
      "ρ = \(Console.number(model.prior.penalty, 1)), λ₀ = "
        + "\(Console.number(model.prior.strength, 1)), "
        + "\(Console.number(run.report.loss)) nats a row, prior included")
    Console.print()
    let pairs = model.features * (model.features - 1) / 2
    Console.table(
      ["pattern", "rows", "share", "edges", "of"],
      model.patterns.enumerated().map { k, pattern in
        [
          "\(k + 1)", Console.number(model.rows[k], 0), Console.percent(model.share(of: k)),
          "\(pattern.edges.count)", "\(pairs)",
        ]
      })
    Console.print()
    for (k, pattern) in model.patterns.enumerated() {
      let strongest = dependencies(pattern).prefix(shownDependencies).map {
        "\(model.featureName($0.first)) – \(model.featureName($0.second)) "
          + Console.number($0.partialCorrelation, 2)
      }
      let text = strongest.isEmpty ? "none" : strongest.joined(separator: ", ")
      Console.print("strongest dependencies of pattern \(k + 1): \(text)")
    }
    Console.print()
    var columns: [(header: String, cell: (MixtureParticipant) -> String)] = []
    if model.participants.contains(where: { $0.diversity != nil }) {
      columns = [
        ("fewest behind a pattern", { Console.number($0.diversity?.leastEffectiveRows, 1) }),
        ("rounds with noise", { $0.diversity.map { "\($0.noisedRounds)" } ?? "-" }),
      ]
    }
    columns.append(
      ("weights", { $0.weights.map { Console.number($0, 2) }.joined(separator: " ") }))
    ModelInspection.participants(model, columns)
  }

  static func json(_ run: TrainedModel<MixtureModel>) -> JSON {
    let model = run.detector
    return .object([
      ("state", .text("finished")), ("model", .text(ModelClass.ggm.rawValue)),
      ("variables", .integer(model.variables)),
      ("variable_names", .list((0..<model.variables).map { .text(model.variableName($0)) })),
      ("window", .integer(model.window.length)), ("theta_sha256", .text(digest(model))),
      ("penalty", .number(model.prior.penalty)), ("started_with", .integer(model.startedWith)),
      ("nats_a_row", .number(run.report.loss)),
      ("settings", ModelInspection.settings(run.configuration)),
      ("patterns", .list(model.patterns.indices.map { pattern($0, model) })),
      (
        "participants",
        .object(
          model.participants.map { participant in
            (
              participant.name,
              .object([
                ("rows", .integer(participant.trainingRows)),
                ("threshold", .number(model.threshold(for: participant))),
                ("weights", .list(participant.weights.map { .number($0) })),
                ("least_effective_rows", .number(participant.diversity?.leastEffectiveRows)),
                (
                  "rounds_with_noise",
                  participant.diversity.map { .integer($0.noisedRounds) } ?? .null
                ),
              ])
            )
          })
      ),
    ])
  }

  private static func pattern(_ k: Int, _ model: MixtureModel) -> JSON {
    .object([
      ("rows", .number(model.rows[k])), ("share", .number(model.share(of: k))),
      ("mean", .list(model.patterns[k].mean.map { .number($0) })),
      (
        "dependencies",
        .list(
          dependencies(model.patterns[k]).map {
            .object([
              ("first", .text(model.featureName($0.first))),
              ("second", .text(model.featureName($0.second))),
              ("partial_correlation", .number($0.partialCorrelation)),
            ])
          })
      ),
    ])
  }
}
