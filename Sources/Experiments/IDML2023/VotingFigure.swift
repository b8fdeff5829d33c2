import Datasets
import OpportunisticLearning
import Simulation

/// Fig. 7 of Yu et al. 2023: how often validators call contributions valid, by the tolerance and the
/// number of voters, for both algorithms and both ways to deal out images. Label flippers are among the
/// neighbours here, so that what is refused rightly is seen as well.
public struct VotingFigure: Sendable {
  public var base = EncounterConfiguration()
  public var algorithms = EncounterConfiguration.Algorithm.allCases
  /// What is judged in gossip learning: a run for each.
  public var judged = GossipLearning.JudgedModel.allCases
  public var distributions = ParticipantSplit.Distribution.allCases
  public var tolerances = [0, 0.01, 0.02, 0.03, 0.05, 0.1]
  public var voters = [1, 3, 5, 7, 9]
  public var seeds: [UInt64] = [1]

  public init() { base.attackers = 10 }

  /// One run, whatever the tolerance and the voters.
  public struct Cell: Sendable, Hashable {
    public var algorithm: EncounterConfiguration.Algorithm
    /// What is judged in gossip learning; `nil` for OppCL.
    public var judged: GossipLearning.JudgedModel?
    public var distribution: ParticipantSplit.Distribution
    public var seed: UInt64

    /// The algorithm and what is judged, as one word.
    var contender: String {
      algorithm.rawValue + (judged.map { "-\($0.rawValue)" } ?? "")
    }

    public var title: String {
      (judged.map { "gossip, \($0.rawValue) model judged, " } ?? "OppCL, ")
        + (distribution == .even ? "IID" : "two classes each")
    }
  }

  public var cells: [Cell] {
    algorithms.flatMap { algorithm in
      (algorithm == .gossip ? judged.map(Optional.some) : [nil]).flatMap { judged in
        distributions.flatMap { distribution in
          seeds.map {
            Cell(algorithm: algorithm, judged: judged, distribution: distribution, seed: $0)
          }
        }
      }
    }
  }

  /// - Parameters:
  ///   - goesOn: asked now and then, from any thread; once it says no, the run ends.
  ///   - progress: told of each round that is over.
  /// - Returns: `nil` if it was stopped.
  /// - Throws: what keeps a simulation from its start.
  public func run(
    _ cell: Cell, train: LabelledImages, test: LabelledImages, threads: Int,
    while goesOn: @escaping @Sendable () -> Bool = { true }, progress: (Int) -> Void = { _ in }
  ) throws -> [EncounterSimulation.MeasuredContribution]? {
    var configuration = base
    configuration.algorithm = cell.algorithm
    if let judged = cell.judged { configuration.gossipJudged = judged }
    configuration.distribution = cell.distribution
    configuration.seed = cell.seed
    configuration.hasContract = false
    var simulation = try EncounterSimulation(
      configuration, train: train, test: test, threads: threads)
    simulation.goesOn = goesOn
    let measured = simulation.measure(voters: voters.max() ?? 1, progress: progress)
    return goesOn() ? measured : nil
  }

  public func report(
    _ outcomes: [Cell: [EncounterSimulation.MeasuredContribution]]
  ) -> VotingReport {
    VotingReport(plan: self, outcomes: outcomes)
  }
}

/// Fig. 7 as measured.
public struct VotingReport: ExperimentReport {
  let plan: VotingFigure
  let outcomes: [VotingFigure.Cell: [EncounterSimulation.MeasuredContribution]]

  public let name = "idml-figure-7"

  /// The share of contributions that is judged rightly; `nil` if there are none.
  ///
  /// - Parameter isHonest: whether honest ones that are accepted count, or attackers' that are refused.
  public func share(
    _ cell: VotingFigure.Cell, isHonest: Bool, voters: Int, tolerance: Double
  ) -> Double? {
    let some = (outcomes[cell] ?? []).filter { $0.isHonest == isHonest }
    guard !some.isEmpty else { return nil }
    let right = some.count {
      $0.isAccepted(voters: voters, tolerance: tolerance) == isHonest
    }
    return Double(right) / Double(some.count)
  }

  private var kinds: [VotingFigure.Cell] {
    plan.cells.filter { $0.seed == plan.seeds.first }
  }

  private func shares(
    _ kind: VotingFigure.Cell, isHonest: Bool, voters: Int, tolerance: Double
  ) -> [Double] {
    plan.seeds.compactMap { seed in
      var cell = kind
      cell.seed = seed
      return share(cell, isHonest: isHonest, voters: voters, tolerance: tolerance)
    }
  }

  public var table: (header: [String], rows: [[String]]) {
    let header =
      ["run", "voters"] + plan.tolerances.map { "τ \(ReportNumber.text([$0], decimals: 2))" }
    let rows = kinds.flatMap { kind in
      plan.voters.map { voters in
        [kind.title, "\(voters)"]
          + plan.tolerances.map { tolerance in
            [true, false].map { isHonest in
              ReportNumber.text(
                shares(kind, isHonest: isHonest, voters: voters, tolerance: tolerance), decimals: 3)
            }.joined(separator: " / ")
          }
      }
    }
    return (header, rows)
  }

  public var remarks: [String] {
    [
      "share of honest contributions that are accepted / of label flippers' that are refused; "
        + "\(plan.base.participants) participants, \(plan.base.attackers) of them label flippers, "
        + "\(plan.base.rounds) rounds; voters are honest",
      "learners take over honest contributions and no others, so that what is judged does not depend "
        + "on who judges",
      "the paper shows: IID stable over the number of voters, three are enough; with two classes each "
        + "it varies; OppCL varies more than gossip",
    ]
  }

  public var sheet: ReportSheet {
    var sheet = ReportSheet(
      texts: ["algorithm", "judged", "distribution"],
      columns: ["seed", "voters", "tolerance", "honest_accepted", "attackers_refused"])
    for cell in plan.cells where outcomes[cell] != nil {
      for voters in plan.voters {
        for tolerance in plan.tolerances {
          sheet.lines.append(
            .init(
              [cell.algorithm.rawValue, cell.judged?.rawValue ?? "", cell.distribution.rawValue],
              [
                Double(cell.seed), Double(voters), tolerance,
                share(cell, isHonest: true, voters: voters, tolerance: tolerance) ?? .nan,
                share(cell, isHonest: false, voters: voters, tolerance: tolerance) ?? .nan,
              ]))
        }
      }
    }
    return sheet
  }

  public var charts: [(name: String, chart: any Drawing)] {
    kinds.flatMap { kind in
      [true, false].compactMap { isHonest -> (name: String, chart: any Drawing)? in
        let series = plan.voters.compactMap { voters -> LineChart.Series? in
          let points = plan.tolerances.compactMap { tolerance -> Point? in
            let values = shares(kind, isHonest: isHonest, voters: voters, tolerance: tolerance)
            return values.isEmpty
              ? nil : Point(tolerance, values.reduce(0, +) / Double(values.count))
          }
          return points.isEmpty
            ? nil : LineChart.Series("\(voters) voter\(voters == 1 ? "" : "s")", points)
        }
        guard !series.isEmpty else { return nil }
        var chart = LineChart(
          title: isHonest ? "Honest contributions accepted" : "Label flippers' refused",
          x: Axis("tolerance τ"), y: Axis("share", range: 0...1), series: series)
        chart.subtitle = kind.title
        let end = isHonest ? "honest" : "attackers"
        return ("\(kind.contender)-\(kind.distribution.rawValue)-\(end)", chart)
      }
    }
  }
}
