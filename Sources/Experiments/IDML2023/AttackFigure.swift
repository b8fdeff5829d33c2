import Datasets
import Simulation

/// Figs. 8 and 9 of Yu et al. 2023: mean accuracy with 0, 3 and 10 attackers, without the contract and
/// with it, and stakes over time.
public struct AttackFigure: Sendable {
  public var base = EncounterConfiguration()
  /// Numbers of attackers without the contract; with it, the most.
  public var attackers = [0, 3, 10]
  public var seeds: [UInt64] = [1]

  public init() {}

  public struct Cell: Sendable, Hashable {
    public var attackers: Int
    public var hasContract: Bool
    public var seed: UInt64

    public var title: String {
      "\(attackers) attackers, \(hasContract ? "with iDML" : "without")"
    }
  }

  var kinds: [(attackers: Int, hasContract: Bool)] {
    let most = attackers.max() ?? 0
    return attackers.map { ($0, false) } + [(most, true)]
  }

  public var cells: [Cell] {
    kinds.flatMap { kind in
      seeds.map { Cell(attackers: kind.attackers, hasContract: kind.hasContract, seed: $0) }
    }
  }

  /// - Parameters:
  ///   - goesOn: asked now and then, from any thread; once it says no, the run ends.
  ///   - progress: told of each round.
  /// - Returns: `nil` if it was stopped.
  /// - Throws: what keeps a simulation from its start.
  public func run(
    _ cell: Cell, train: LabelledImages, test: LabelledImages, threads: Int,
    while goesOn: @escaping @Sendable () -> Bool = { true },
    progress: (EncounterSimulation.Point) -> Void = { _ in }
  ) throws -> EncounterSimulation.Outcome? {
    var configuration = base
    configuration.attackers = cell.attackers
    configuration.hasContract = cell.hasContract
    configuration.seed = cell.seed
    var simulation = try EncounterSimulation(
      configuration, train: train, test: test, threads: threads)
    simulation.goesOn = goesOn
    let outcome = try simulation.run(progress: progress)
    return goesOn() ? outcome : nil
  }

  public func report(_ outcomes: [Cell: EncounterSimulation.Outcome]) -> AttackReport {
    AttackReport(plan: self, outcomes: outcomes)
  }
}

/// Figs. 8 and 9 as measured.
public struct AttackReport: ExperimentReport {
  let plan: AttackFigure
  let outcomes: [AttackFigure.Cell: EncounterSimulation.Outcome]

  public let name = "idml-figures-8-9"

  private func outcomes(
    _ kind: (attackers: Int, hasContract: Bool)
  ) -> [EncounterSimulation.Outcome] {
    plan.seeds.compactMap {
      outcomes[
        AttackFigure.Cell(attackers: kind.attackers, hasContract: kind.hasContract, seed: $0)]
    }
  }

  private func below(_ outcome: EncounterSimulation.Outcome, attackers: Bool) -> Int {
    let some = Set(outcome.attackers)
    return (outcome.curve.last?.stakes ?? []).enumerated().count {
      some.contains($0.offset) == attackers && $0.element < plan.base.terms.stakeThreshold
    }
  }

  public var table: (header: [String], rows: [[String]]) {
    let undisturbed = outcomes((0, false)).map(\.accuracy)
    let rows = plan.kinds.compactMap { kind -> [String]? in
      let runs = outcomes(kind)
      guard !runs.isEmpty else { return nil }
      let loss = zip(undisturbed, runs).map { 100 * ($0 - $1.accuracy) }
      func votes(_ path: (VotingRecord) -> Double?) -> String {
        kind.hasContract
          ? ReportNumber.text(runs.compactMap { path($0.record) }, decimals: 3) : "-"
      }
      func low(attackers: Bool) -> String {
        kind.hasContract
          ? ReportNumber.text(
            runs.map { Double(below($0, attackers: attackers)) }, decimals: 0) : "-"
      }
      return [
        AttackFigure.Cell(attackers: kind.attackers, hasContract: kind.hasContract, seed: 0).title,
        ReportNumber.text(runs.compactMap { $0.curve.first?.accuracy }),
        ReportNumber.text(runs.map(\.accuracy)), ReportNumber.text(loss, decimals: 1),
        votes { $0.honest.acceptance }, votes { $0.attackers.acceptance.map { 1 - $0 } },
        low(attackers: true), low(attackers: false),
      ]
    }
    return (
      [
        "run", "before", "after", "points lost", "honest accepted", "attackers refused",
        "attackers below", "honest below",
      ], rows
    )
  }

  public var remarks: [String] {
    [
      "mean accuracy of honest participants on test images before and after \(plan.base.rounds) "
        + "rounds of \(plan.base.algorithm == .gossip ? "gossip" : "OppCL"), "
        + "\(plan.base.participants) participants; points lost against no attackers without the "
        + "contract; below: participants whose stake is under the threshold of "
        + "\(plan.base.terms.stakeThreshold) at the end; "
        + (plan.seeds.count == 1 ? "one seed" : "\(plan.seeds.count) seeds"),
      "the paper shows curves only: the more attackers, the lower the end; with iDML the curve first "
        + "follows that of ten attackers and recovers when their stakes have fallen below the threshold",
    ]
  }

  public var sheet: ReportSheet {
    var sheet = ReportSheet(
      texts: ["contract"],
      columns: [
        "attackers", "seed", "round", "height", "accuracy", "attackers_below", "honest_below",
      ])
    for cell in plan.cells {
      guard let outcome = outcomes[cell] else { continue }
      for point in outcome.curve {
        var part = outcome
        part.curve = [point]
        sheet.lines.append(
          .init(
            [cell.hasContract ? "yes" : "no"],
            [
              Double(cell.attackers), Double(cell.seed), Double(point.round), Double(point.height),
              point.accuracy, Double(below(part, attackers: true)),
              Double(below(part, attackers: false)),
            ]))
      }
    }
    return sheet
  }

  public var charts: [(name: String, chart: any Drawing)] {
    let series = plan.kinds.compactMap { kind -> LineChart.Series? in
      let curves = outcomes(kind).map(\.curve)
      guard let first = curves.first else { return nil }
      let cell = AttackFigure.Cell(
        attackers: kind.attackers, hasContract: kind.hasContract, seed: 0)
      return LineChart.Series(
        cell.title,
        first.indices.map { place in
          let values = curves.compactMap { place < $0.count ? $0[place].accuracy : nil }
          return Point(Double(first[place].round), values.reduce(0, +) / Double(values.count))
        })
    }
    var charts: [(name: String, chart: any Drawing)] = []
    if !series.isEmpty {
      var chart = LineChart(
        title: "Mean accuracy of honest participants", x: Axis("round"), y: Axis("accuracy"),
        series: series)
      chart.subtitle = "\(plan.base.participants) participants"
      charts.append(("accuracy", chart))
    }
    if let most = plan.attackers.max(), let outcome = outcomes((most, true)).first {
      charts.append(
        (
          "stakes",
          StakeChart.chart(outcome, threshold: Double(plan.base.terms.stakeThreshold))
        ))
    }
    return charts
  }
}
