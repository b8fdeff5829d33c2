import Datasets
import Testing

@Suite struct MinibatchesTests {
  private func minibatches(
    _ source: any RowSource, _ parts: [Range<Int>], window: Int = 1, size: Int = 16,
    seed: UInt64 = 1, participant: UInt32 = 0
  ) -> Minibatches {
    Minibatches(
      source, parts: parts, standardisation: identity(source.columnCount),
      window: CausalWindow(window), batchSize: size, seed: seed, participant: participant)
  }

  /// The values of a minibatch, and whether it said that some are missing.
  private func values(_ batches: inout Minibatches, _ n: Int) throws -> (
    values: [Float], missing: Bool
  ) {
    try batches.load(batch: n)
    var values = [Float](repeating: -1, count: batches.batchSize * batches.featureCount)
    var span = values.mutableSpan
    let missing = batches.fill(&span, batch: n)
    return (values, missing)
  }

  /// The numbers of the rows of a minibatch.
  private func rows(_ batches: inout Minibatches, _ n: Int) throws -> [Int] {
    let features = batches.featureCount
    let values = try values(&batches, n).values
    return stride(from: 0, to: values.count, by: features).map { Int(values[$0]) / 100 }
  }

  static let layouts: [(rows: Int, parts: [Range<Int>])] = [
    (64, [0..<64]), (100, [0..<100]), (100, [0..<10, 20..<50, 60..<70, 90..<100]),
    (200, [0..<5, 100..<200]), (40, [3..<7, 9..<10, 20..<24]),
    (20_000, [0..<20_000]), (20_000, [0..<9000, 9500..<9510, 12_000..<20_000]),
  ]

  /// No row twice in an epoch, and none left out but what does not fill a minibatch.
  @Test(arguments: layouts) func everyRowOnceAnEpoch(rows: Int, parts: [Range<Int>]) throws {
    let total = parts.reduce(0) { $0 + $1.count }
    var batches = minibatches(numberedRows(rows), parts)
    let blocks = (total + Minibatches.blockLength - 1) / Minibatches.blockLength
    #expect(batches.batchSize == min(16, total))
    #expect(batches.batchesPerEpoch * batches.batchSize > total - blocks * batches.batchSize)
    var ever: Set<Int> = []
    for epoch in 0..<6 {
      var seen: [Int] = []
      for n in 0..<batches.batchesPerEpoch {
        seen += try self.rows(&batches, epoch * batches.batchesPerEpoch + n)
      }
      #expect(Set(seen).count == seen.count)
      #expect(seen.allSatisfy { row in parts.contains { $0.contains(row) } })
      ever.formUnion(seen)
      if rows > 1000 { break }
    }
    if rows <= 1000 { #expect(ever.count >= total * 9 / 10) }
  }

  @Test func aMinibatchIsAFunctionOfItsNumber() throws {
    let source = numberedRows(20_000)
    let parts = [0..<9000, 9500..<20_000]
    var inOrder = minibatches(source, parts, window: 2)
    let total = 2 * inOrder.batchesPerEpoch
    let chosen = [
      0, 1, 2, 500, 501, inOrder.batchesPerEpoch - 1, inOrder.batchesPerEpoch, total - 1,
    ]
    var expected: [Int: [Float]] = [:]
    for n in 0..<total where chosen.contains(n) || n % 97 == 0 {
      expected[n] = try values(&inOrder, n).values
    }
    for n in chosen.reversed() {
      // Begun anew at this number, and streamed from a source that is read in pieces.
      var resumed = minibatches(source, parts, window: 2)
      #expect(try values(&resumed, n).values == expected[n])
      var streamed = minibatches(StreamedRows(source), parts, window: 2)
      #expect(try values(&streamed, n).values == expected[n])
    }
    for n in chosen.reversed() { #expect(try values(&inOrder, n).values == expected[n]) }
  }

  @Test func seedsParticipantsAndEpochsDiffer() throws {
    let source = numberedRows(160)
    var base = minibatches(source, [0..<160])
    let first = try rows(&base, 0)
    var again = minibatches(source, [0..<160])
    #expect(try rows(&again, 0) == first)
    var otherSeed = minibatches(source, [0..<160], seed: 2)
    #expect(try rows(&otherSeed, 0) != first)
    var otherParticipant = minibatches(source, [0..<160], participant: 1)
    #expect(try rows(&otherParticipant, 0) != first)
    #expect(try rows(&base, 10) != first)
    #expect(try rows(&base, 1) != first)
  }

  /// Windows do not reach over the boundary of a part, nor stop at that of a block.
  @Test func windowsKeepToTheirPart() throws {
    let parts = [5..<9, 10..<40, 50..<9000, 9001..<17_500]
    let length = 3
    for source in [numberedRows(17_500) as any RowSource, StreamedRows(numberedRows(17_500))] {
      var batches = minibatches(source, parts, window: length, size: 64)
      var seen = 0
      for n in stride(from: 0, to: batches.batchesPerEpoch, by: 3) {
        let values = try values(&batches, n).values
        for place in stride(from: 0, to: values.count, by: 2 * length) {
          let row = Int(values[place]) / 100
          let part = try #require(parts.first { $0.contains(row) })
          for lag in 0..<length {
            let expected = Float(100 * max(part.lowerBound, row - lag))
            #expect(values[place + 2 * lag] == expected)
            #expect(values[place + 2 * lag + 1] == expected + 1)
          }
          seen += 1
        }
      }
      #expect(seen > 5000)
    }
  }

  @Test func missingValuesAreReported() throws {
    var values = numberedRows(64).values
    values[2 * 40] = .nan
    var batches = minibatches(MemoryRows(columnCount: 2, values: values), [0..<64])
    var found = 0
    for n in 0..<4 {
      let (values, missing) = try self.values(&batches, n)
      #expect(missing == values.contains { $0.isNaN })
      if missing { found += 1 }
    }
    #expect(found == 1)
  }

  @Test func smallerThanABatch() throws {
    var batches = minibatches(numberedRows(5), [1..<4], size: 128)
    #expect(batches.batchSize == 3 && batches.batchesPerEpoch == 1)
    for n in 0..<4 { #expect(Set(try rows(&batches, n)) == [1, 2, 3]) }
  }
}
