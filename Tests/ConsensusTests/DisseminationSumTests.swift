import Consensus
import Testing

/// A residue modulo 2³¹ − 1.
private struct Residue: AdditiveGroup, Equatable {
  static let prime: UInt32 = 0x7fff_ffff
  var value: UInt32

  static func add(_ addend: [Residue], to sum: inout [Residue]) {
    for i in sum.indices { sum[i].value = (sum[i].value + addend[i].value) % prime }
  }
}

@Suite struct DisseminationSumTests {
  private func run<Element>(_ values: [[Element]]) throws -> [DisseminationSum<Element>] {
    let count = values.count
    var nodes = values.enumerated().map {
      DisseminationSum(participant: $0.offset, participants: count, value: $0.element)
    }
    for _ in 0..<nodes[0].rounds {
      let sent = nodes.map(\.message)
      #expect(sent.allSatisfy { (1...2).contains($0.count) })
      let recipients = nodes.map(\.recipient)
      #expect(nodes.allSatisfy { $0.sum == nil })
      for i in nodes.indices {
        let source = try #require(nodes[i].source)
        #expect(recipients[source] == i)
        try nodes[i].receive(sent[source])
      }
    }
    return nodes
  }

  /// Value i is 2^(i mod 60) in the place of i / 60: a value that is left out or counted twice
  /// changes the sum, whatever the others are.
  @Test(arguments: 1...130) func everyValueIsCountedOnce(participants: Int) throws {
    let values = (0..<participants).map { i in
      (0..<3).map { $0 == i / 60 ? Int64(1) << Int64(i % 60) : 0 }
    }
    var total = [Int64](repeating: 0, count: 3)
    for value in values { Int64.add(value, to: &total) }
    let nodes = try run(values)
    var rounds = 0
    while 1 << rounds < participants { rounds += 1 }
    for node in nodes {
      #expect(node.rounds == rounds)
      #expect(node.isFinished && node.message.isEmpty && node.source == nil)
      #expect(node.sum == total)
    }
  }

  @Test(arguments: [2, 3, 31, 100, 1021]) func residues(participants: Int) throws {
    let values = (0..<participants).map { i in
      [Residue(value: UInt32(i) * 2_000_003 % Residue.prime), Residue(value: Residue.prime - 1)]
    }
    let first = values.reduce(0) { ($0 + UInt64($1[0].value)) % UInt64(Residue.prime) }
    let expected = [
      Residue(value: UInt32(first)), Residue(value: Residue.prime - UInt32(participants)),
    ]
    for node in try run(values) { #expect(node.sum == expected) }
  }

  /// A total that fits is right although partial sums leave the range of the integers.
  @Test func partialSumsMayWrapAround() throws {
    for node in try run([[.max], [.max], [.min], [.min], [7]] as [[Int64]]) {
      #expect(node.sum == [5])
    }
  }

  @Test func whatComesFromOutsideIsChecked() throws {
    var node = DisseminationSum<Int64>(participant: 1, participants: 3, value: [1, 2])
    #expect(node.source == 2)
    #expect(node.recipient == 0)
    #expect(throws: DisseminationError.parts(2, expected: 1, from: 2, round: 0)) {
      try node.receive([[1, 2], [3, 4]])
    }
    #expect(throws: DisseminationError.length(3, expected: 2, from: 2, round: 0)) {
      try node.receive([[1, 2, 3]])
    }
    #expect(node.round == 0)
    #expect(node.message == [[1, 2]])
  }
}
