import Datasets
import Testing

@Suite struct TimeBlocksTests {
  @Test(arguments: [0, 1, 15, 39, 40, 41, 100, 1999]) func everyRowIsInOneKind(rows: Int) {
    for (count, every) in [(20, 5), (2, 2), (7, 3), (10, 100)] {
      let blocks = TimeBlocks(rowCount: rows, blocks: count, every: every)
      let all = (blocks.training + blocks.validation).sorted { $0.lowerBound < $1.lowerBound }
      #expect(all.flatMap { Array($0) } == Array(0..<rows))
      #expect(blocks.trainingCount + blocks.validationCount == rows)
      #expect(!all.contains { $0.isEmpty })
      for ranges in [blocks.training, blocks.validation] {
        for (a, b) in zip(ranges, ranges.dropFirst()) { #expect(a.upperBound <= b.lowerBound) }
      }
    }
  }

  @Test func everyFifthBlockIsHeldOut() {
    let blocks = TimeBlocks(rowCount: 400)
    #expect(blocks.validation == [40..<60, 140..<160, 240..<260, 340..<360])
    #expect(blocks.training == [0..<40, 60..<140, 160..<240, 260..<340, 360..<400])
  }

  @Test func shortSeriesHoldNothingOut() {
    #expect(TimeBlocks(rowCount: 39).validation.isEmpty)
    #expect(TimeBlocks(rowCount: 39).training == [0..<39])
    #expect(TimeBlocks(rowCount: 0).training.isEmpty)
    #expect(!TimeBlocks(rowCount: 40).validation.isEmpty)
  }

  @Test(arguments: [5, 16, 17, 100]) func foldsCoverTheRowsOnce(rows: Int) {
    var held: [Int] = []
    for fold in 0..<5 {
      let split = TimeBlocks.fold(fold, of: 5, rowCount: rows)
      held += split.held
      let others = split.others.flatMap { Array($0) }
      #expect(Set(others).isDisjoint(with: split.held))
      #expect(others.count + split.held.count == rows)
      #expect(!split.others.contains { $0.isEmpty })
      #expect(split.held.count >= rows / 5)
    }
    #expect(held == Array(0..<rows))
  }
}
