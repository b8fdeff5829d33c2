import Datasets
import Experiments
import Foundation
import Simulation
import Testing

@Suite struct SharingReportTests {
  /// Reviews of which every second word tells the label.
  func reviews(_ count: Int) -> ReviewSet {
    var (ranks, offsets, labels): ([UInt16], [Int], [UInt8]) = ([], [0], [])
    for review in 0..<count {
      for word in 0..<6 {
        ranks.append(UInt16(word.isMultiple(of: 2) ? review % 2 : 2 + (review * 7 + word) % 60))
      }
      offsets.append(ranks.count)
      labels.append(UInt8(review % 2))
    }
    return ReviewSet(wordRanks: ranks, offsets: offsets, labels: labels)
  }

  @Test func aSweepRunsEveryValueForEverySeed() throws {
    var sweep = SharingSweep()
    sweep.parameters = [.meanDeposit]
    sweep.seeds = [1, 2]
    let outcomes = sweep.run(train: reviews(300), test: reviews(40))
    #expect(outcomes.count == 10)
    let report = try #require(sweep.reports(outcomes).first)
    #expect(report.table.rows.count == 5 && report.table.rows[2][0] == "50 (default)")
    #expect(report.sheet.lines.count == 10)
    #expect(report.trends.count == 3)
    // The verdict is that of the figures in the sheet.
    let after = stride(from: 0, to: 10, by: 2).map { first in
      report.sheet.lines[first..<first + 2].reduce(0) { $0 + 50 * $1.numbers[4] }
    }
    let spread = try #require(after.max()) - #require(after.min())
    #expect(report.trends[0].holds == (spread <= 1))
    #expect(report.trends[0].measured.hasSuffix(String(format: "%.2f", spread)))
    #expect(
      report.remarks.contains {
        $0.hasPrefix("\(spread <= 1 ? "holds" : "does not hold"): it changes the accuracy")
      })
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try report.write(into: folder)
    #expect(files.count == 8)
    #expect(files.allSatisfy { FileManager.default.fileExists(atPath: $0) })
  }

  @Test func rulesOfTheFutureAreSweptToo() throws {
    var sweep = SharingSweep()
    sweep.parameters = [.entropyWeight, .goodPerBad, .storageLimit]
    sweep.seeds = [1]
    let reports = sweep.reports(sweep.run(train: reviews(300), test: reviews(40)))
    for report in reports {
      #expect(report.table.rows.count == report.parameter.values.count)
      #expect(report.trends.count >= 3 && report.charts.count == 3)
    }
    #expect(reports[2].table.rows.map { $0[0] }.last == "any (default)")
    #expect(reports[1].table.rows[0][0] == "0 (default)")
    let costly = SharingParameter.entropyWeight.configuration(2, seed: 1)
    #expect(costly.rules.entropyWeight == 2000 && costly.lock == .cost)
    #expect(SharingParameter.storageLimit.configuration(0, seed: 1).rules.storageLimit == nil)
    #expect(SharingParameter.storageLimit.configuration(50_000, seed: 1).storageLimit == 50_000)
    #expect(SharingParameter.goodPerBad.configuration(4, seed: 1).rules.goodPerBad == 4)
  }

  @Test func anEndedSweepSaysWhatIsMissing() throws {
    var sweep = SharingSweep()
    sweep.parameters = [.probMistake]
    let outcomes = sweep.run(train: reviews(100), test: reviews(20), goesOn: { false })
    #expect(outcomes.isEmpty)
    let report = try #require(sweep.reports(outcomes).first)
    #expect(report.remarks.contains("20 runs are missing") && report.trends.isEmpty)
  }
}
