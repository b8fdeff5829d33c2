import Testing

@testable import Consensus

@Suite struct ConvergenceTableTests {
  @Test func rowsOfSmallNumbers() throws {
    let rows = ConvergenceTable.rows(participants: [7, 8, 31])
    func row(_ topology: String, _ method: String) throws -> ConvergenceTable.Row {
      try #require(rows.first { $0.topology == topology && $0.method == method })
    }
    #expect(try row("complete", "metropolis").rounds == [1, 1, 1])
    #expect(try row("hypercube", "chebyshev").rounds[0] == nil)
    #expect(try row("hypercube", "chebyshev").messages[1] == 3)
    #expect(try row("cycle-inverse-chords", "metropolis").rounds[2] == 238)
    #expect(try row("one-peer-exponential", "one-peer-exponential").rounds[1] == 3)
    #expect(try row("one-peer-exponential", "exact-sum").rounds == [3, 3, 5])
    #expect(!rows.contains { $0.topology == "ring" && $0.method == "one-peer-exponential" })
    // Chebyshev never takes longer than what it accelerates.
    for topology in ConvergenceTable.topologies {
      let plain = try row(topology.description, "metropolis").rounds
      let fast = try row(topology.description, "chebyshev").rounds
      for (a, b) in zip(plain, fast) { #expect((b ?? 0) <= (a ?? 0)) }
    }
  }

  @Test func markdown() {
    let row = ConvergenceTable.Row(
      topology: "ring", method: "metropolis", rounds: [3, nil], messages: [2, nil])
    #expect(
      ConvergenceTable.markdown([row], participants: [5, 6]) == """
        | topology | method | S = 5 | S = 6 |
        |---|---|---:|---:|
        | ring | metropolis | 3 | – |

        """)
  }

  /// On an expander, Chebyshev's rounds grow no faster than ln S; the paper's step grows faster
  /// than S itself.
  @Test func growth() throws {
    let sizes = [31, 127, 1021]
    let rows = ConvergenceTable.rows(participants: sizes, topologies: [.cycleWithInverseChords])
    let fast = try #require(rows.first { $0.method == "chebyshev" }?.rounds.compactMap { $0 })
    let paper = try #require(rows.first { $0.method == "paper-step" }?.rounds.compactMap { $0 })
    // ln 1021 / ln 31 = 2.02.
    #expect(Double(fast[2]) < 2.02 * Double(fast[0]))
    #expect(paper[2] > paper[0] * 1021 / 31)
  }
}
