import Testing

@testable import Experiments

@Suite struct GraphvizTests {
  @Test func namesAreEscaped() {
    #expect(DependencyGraph.quoted("valve") == "\"valve\"")
    #expect(DependencyGraph.quoted("5\" \\N pipe") == "\"5\\\" \\\\N pipe\"")
    #expect(DependencyGraph.quoted("a\nb\r\nc") == "\"a\\nb\\nc\"")
    #expect(DependencyGraph.quoted("Ventil ä; -- {}") == "\"Ventil ä; -- {}\"")
  }

  @Test func edgesAndNodes() {
    let graph = DependencyGraph(
      names: ["same", "same", "alone \""],
      edges: [DependencyGraph.Edge(0, 1, partialCorrelation: -0.25)])
    let lines = graph.graphviz(title: "P \"1\"").split(separator: "\n").map(String.init)
    #expect(lines.first == "graph dependencies {")
    #expect(lines.last == "}")
    #expect(lines.contains { $0.contains("label=\"P \\\"1\\\"\"") })
    #expect(lines.contains("  v1 [label=\"same\"];"))
    #expect(lines.contains("  v2 [label=\"same\"];"))
    #expect(lines.contains("  v3 [label=\"alone \\\"\"];"))
    let edges = lines.filter { $0.contains("--") }
    #expect(edges.count == 1)
    #expect(edges[0].hasPrefix("  v1 -- v2 [label=\"-0.25\""))
    #expect(edges[0].contains("style=dashed"))
  }

  /// What a pattern's zeros and entries say.
  @Test func theGraphOfAPattern() throws {
    let graph = PlotSamples.graph(6)
    #expect(graph.edges.count == 5)
    let first = try #require(graph.edges.first)
    #expect((first.i, first.j) == (0, 1))
    // -Λ₁₂ / √(Λ₁₁ Λ₂₂)
    #expect(abs(first.partialCorrelation - 0.135) < 1e-12)
    #expect(graph.edges[2].partialCorrelation == -0.35)
  }
}
