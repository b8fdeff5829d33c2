import Simulation
import Testing

@testable import Experiments

/// The tables of iDML's figures, from outcomes that are made up.
@Suite struct EncounterReportTests {
  @Test func votesOfOneRunAreCountedForAnyToleranceAndVoters() throws {
    var figure = VotingFigure()
    figure.algorithms = [.oppcl]
    figure.distributions = [.even]
    figure.tolerances = [0, 0.03]
    figure.voters = [1, 3]
    let cell = try #require(figure.cells.first)
    let measured: [EncounterSimulation.MeasuredContribution] = [
      // Accepted by all, by two of three at 0.03 and by nobody at 0, by none.
      .init(round: 0, isHonest: true, gains: [0.1, 0.2, 0.3]),
      .init(round: 0, isHonest: true, gains: [-0.02, -0.01, -0.2]),
      .init(round: 0, isHonest: true, gains: [-0.2, -0.1, -0.3]),
      .init(round: 1, isHonest: true, gains: [0, 0, -1]),
      // A flipper that the first voter lets pass.
      .init(round: 1, isHonest: false, gains: [0.01, -0.5, -0.4]),
    ]
    let report = figure.report([cell: measured])
    #expect(report.share(cell, isHonest: true, voters: 3, tolerance: 0) == 0.5)
    #expect(report.share(cell, isHonest: true, voters: 3, tolerance: 0.03) == 0.75)
    #expect(report.share(cell, isHonest: false, voters: 1, tolerance: 0.03) == 0)
    #expect(report.share(cell, isHonest: false, voters: 3, tolerance: 0.03) == 1)
    #expect(report.table.rows.map { $0[1] } == ["1", "3"])
    #expect(report.table.rows[1].last == "0.750 / 1.000")
    #expect(report.sheet.lines.count == 4)
  }

  @Test func whatIsJudgedInGossipIsShownBothWays() {
    let cells = VotingFigure().cells
    #expect(cells.count == 6 && Set(cells.map(\.title)).count == 6)
    #expect(Set(cells.map(\.contender)) == ["gossip-merged", "gossip-trained", "oppcl"])
  }

  @Test func lossesAreAgainstNobodyAttackingWithTheSameSeed() throws {
    var figure = AttackFigure()
    figure.attackers = [0, 2]
    figure.base.participants = 4
    figure.seeds = [1, 2]
    func outcome(_ accuracy: Double, _ stakes: [UInt64] = []) -> EncounterSimulation.Outcome {
      var outcome = EncounterSimulation.Outcome(attackers: [0, 1])
      outcome.curve = [
        .init(round: 0, height: 0, accuracy: 0.5, stakes: stakes),
        .init(round: 1, height: 8, accuracy: accuracy, stakes: stakes),
      ]
      outcome.record.honest.accepted = 9
      outcome.record.honest.refused = 1
      outcome.record.attackers.refused = 4
      return outcome
    }
    let cells = figure.cells
    #expect(cells.count == 6, "two without attackers, two with, two under the contract")
    var outcomes: [AttackFigure.Cell: EncounterSimulation.Outcome] = [:]
    for cell in cells {
      let accuracy = cell.hasContract ? 0.89 : cell.attackers == 0 ? 0.9 : 0.8
      outcomes[cell] = outcome(
        accuracy + 0.01 * Double(cell.seed), cell.hasContract ? [60, 99, 100, 300] : [])
    }
    let rows = figure.report(outcomes).table.rows
    #expect(
      rows.map { $0[0] } == [
        "0 attackers, without", "2 attackers, without", "2 attackers, with iDML",
      ])
    #expect(
      rows[0][3].hasPrefix("0.0") && rows[1][3].hasPrefix("10.0") && rows[2][3].hasPrefix("1.0"))
    #expect(rows[1][4] == "-")
    #expect(rows[2][4].hasPrefix("0.900") && rows[2][5].hasPrefix("1.000"))
    #expect(rows[2][6].hasPrefix("2") && rows[2][7].hasPrefix("0"), "a stake of 100 is enough")
  }

  @Test func gainsAreOfAllEncounters() throws {
    var plan = LazyNeighbours()
    plan.strategies = [.init(.randomWeights), .init(.copiedWeights)]
    var refused = VotingRecord.Count()
    refused.refused = 3
    refused.accepted = 1
    refused.lost = 180
    refused.earned = 40
    var untaken = VotingRecord.Count()
    untaken.unjudged = 5
    let report = plan.report([plan.strategies[0]: refused, plan.strategies[1]: untaken])
    #expect(report.table.rows[0].dropFirst() == ["4", "1", "3", "0", "-35.00"])
    #expect(report.table.rows[1].dropFirst() == ["5", "0", "0", "5", "0.00"])
  }
}
