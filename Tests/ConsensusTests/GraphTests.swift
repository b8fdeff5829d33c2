import Consensus
import Testing

@Suite struct GraphTests {
  static let sizes = [2, 3, 4, 5, 6, 7, 8, 9, 16, 25, 31, 32, 64, 101]
  static let topologies: [Topology] = [
    .complete, .ring, .cycleWithInverseChords, .randomRegular(degree: 4), .hypercube,
    .onePeerExponential,
  ]

  /// Every family gives simple undirected connected graphs: the validating initialiser takes them.
  @Test(arguments: sizes) func everyFamilyIsSimpleAndConnected(participants: Int) throws {
    for topology in Self.topologies {
      if topology == .hypercube && participants & (participants - 1) != 0 { continue }
      if topology == .randomRegular(degree: 4) && participants < 5 { continue }
      let graph = try topology.graph(participants: participants, seed: 3)
      #expect(graph.participants == participants)
      #expect(graph.isConnected)
      #expect(try CommunicationGraph(adjacency: graph.adjacency) == graph)
    }
  }

  @Test func degreesAndDiameters() throws {
    let complete = CommunicationGraph.complete(participants: 9)
    #expect(complete.channels == 36)
    #expect(complete.diameter == 1)
    let ring = CommunicationGraph.ring(participants: 10)
    #expect((0..<10).allSatisfy { ring.degree(of: $0) == 2 })
    #expect(ring.diameter == 5)
    let cube = try CommunicationGraph.hypercube(participants: 32)
    #expect((0..<32).allSatisfy { cube.degree(of: $0) == 5 })
    #expect(cube.diameter == 5)
    #expect(cube.neighbours(of: 5) == [1, 4, 7, 13, 21])
    let exponential = CommunicationGraph.exponential(participants: 20)
    #expect(exponential.neighbours(of: 0) == [1, 2, 4, 8, 12, 16, 18, 19])
    #expect(CommunicationGraph.ring(participants: 1).adjacency == [[]])
    #expect(CommunicationGraph.ring(participants: 2).adjacency == [[1], [0]])
  }

  @Test func inverseChordsOfSeven() throws {
    // 2·4 = 3·5 = 1 mod 7; 0, 1 and 6 stand for themselves.
    let graph = try CommunicationGraph.cycleWithInverseChords(participants: 7, seed: 0)
    #expect(
      graph.adjacency == [
        [1, 6], [0, 2], [1, 3, 4], [2, 4, 5], [2, 3, 5], [3, 4, 6], [0, 5],
      ])
    let large = try CommunicationGraph.cycleWithInverseChords(participants: 1021, seed: 0)
    for x in 2..<1020 {
      for y in large.neighbours(of: x) {
        #expect((x * y) % 1021 == 1 || abs(x - y) == 1)
      }
    }
    #expect(try #require(large.diameter) <= 16)
  }

  @Test(arguments: [4, 6, 9, 15, 100, 1024]) func otherNumbersGetARegularGraph(
    participants: Int
  ) throws {
    let graph = try CommunicationGraph.cycleWithInverseChords(participants: participants, seed: 5)
    let degree = participants % 2 == 0 ? 3 : 4
    #expect((0..<participants).allSatisfy { graph.degree(of: $0) == degree })
  }

  @Test func randomRegularGraphs() throws {
    for (participants, degree) in [(4, 3), (7, 4), (7, 6), (12, 7), (12, 10), (50, 3), (1024, 6)] {
      let graph = try CommunicationGraph.randomRegular(
        participants: participants, degree: degree, seed: 1)
      #expect((0..<participants).allSatisfy { graph.degree(of: $0) == degree })
      #expect(
        try CommunicationGraph.randomRegular(participants: participants, degree: degree, seed: 1)
          == graph)
    }
    #expect(
      try CommunicationGraph.randomRegular(participants: 50, degree: 3, seed: 1)
        != .randomRegular(participants: 50, degree: 3, seed: 2))
    for (participants, degree) in [(7, 3), (4, 4), (10, 2), (10, 0)] {
      #expect(throws: GraphError.degree(degree, participants: participants)) {
        try CommunicationGraph.randomRegular(participants: participants, degree: degree, seed: 1)
      }
    }
  }

  @Test func whatIsNoGraph() {
    func error(_ adjacency: [[Int]]) -> GraphError? {
      do throws(GraphError) {
        _ = try CommunicationGraph(adjacency: adjacency)
        return nil
      } catch { return error }
    }
    #expect(error([[1], [0]]) == nil)
    #expect(error([[1], []]) == .asymmetric(node: 0, neighbour: 1))
    #expect(error([[0]]) == .selfLoop(node: 0))
    #expect(error([[2], [0]]) == .outOfRange(node: 0, neighbour: 2, participants: 2))
    #expect(error([[1], [-1]]) == .outOfRange(node: 1, neighbour: -1, participants: 2))
    #expect(error([[1, 1], [0]]) == .repeated(node: 0, neighbour: 1))
    #expect(throws: GraphError.notPowerOfTwo(12)) {
      try CommunicationGraph.hypercube(participants: 12)
    }
    #expect(GraphError.notPowerOfTwo(12).description.contains("one-peer-exponential"))
  }

  @Test func aGivenGraphMustBeConnectedAndFit() throws {
    let halves = try CommunicationGraph(adjacency: [[1], [0], [3], [2]])
    #expect(!halves.isConnected)
    #expect(halves.diameter == nil)
    #expect(throws: GraphError.disconnected(reachable: 2, participants: 4)) {
      try Topology.given(halves).graph(participants: 4, seed: 0)
    }
    #expect(throws: GraphError.adjacencyCount(4, participants: 5)) {
      try Topology.given(halves).graph(participants: 5, seed: 0)
    }
    #expect(halves.components() == [[0, 1], [2, 3]])
    let path = try CommunicationGraph(adjacency: [[1], [0, 2], [1, 3], [2]])
    #expect(path.components(without: [1]) == [[0], [2, 3]])
  }

  @Test func textOfTopologies() {
    for topology in Self.topologies { #expect(Topology(topology.description) == topology) }
    #expect(Topology("random-regular(4)") == .randomRegular(degree: 4))
    for text in ["", "given", "Ring", "random-regular", "random-regular()", "random-regular(04)"] {
      #expect(Topology(text) == nil)
    }
  }

  @Test func messagesReachTheirDestinationOnShortestPaths() throws {
    let graph = try CommunicationGraph.cycleWithInverseChords(participants: 31, seed: 0)
    for destination in 0..<31 {
      let hops = graph.nextHops(to: destination)
      let distances = graph.distances(from: destination)
      for start in 0..<31 {
        var node = start
        var steps = 0
        while let next = hops[node], steps <= 31 {
          #expect(graph.hasChannel(node, next))
          node = next
          steps += 1
        }
        #expect(node == destination)
        #expect(steps == distances[start])
      }
    }
    #expect(graph.nextHop(from: 3, to: 3) == nil)
  }

  @Test func labelsAreDrawnAnewForEachSession() throws {
    let graph = try CommunicationGraph.cycleWithInverseChords(participants: 31, seed: 0)
    let first = graph.relabelled(seed: 9, session: 0)
    #expect(first == graph.relabelled(seed: 9, session: 0))
    #expect(first != graph.relabelled(seed: 9, session: 1))
    #expect(first != graph.relabelled(seed: 10, session: 0))
    #expect(try CommunicationGraph(adjacency: first.adjacency) == first)
    // Renaming keeps degrees and distances.
    #expect(first.channels == graph.channels)
    #expect(first.diameter == graph.diameter)
    let degrees = (0..<31).map { graph.degree(of: $0) }.sorted()
    #expect((0..<31).map { first.degree(of: $0) }.sorted() == degrees)
    // 0 – 1 – 2: participant 0 stands where 1 stood, in the middle.
    let path = try CommunicationGraph(adjacency: [[1], [0, 2], [1]])
    #expect(path.relabelled(places: [1, 2, 0]).adjacency == [[1, 2], [0], [0]])
    // Every other participant becomes a peer at some time.
    var peers: Set<Int> = []
    for session in 0..<200 {
      peers.formUnion(graph.relabelled(seed: 9, session: UInt32(session)).neighbours(of: 4))
    }
    #expect(peers.count == 30)
  }

  @Test func theLaplacian() throws {
    let laplacian = try CommunicationGraph.hypercube(participants: 8).laplacian
    #expect(laplacian.diagonal == [Double](repeating: 3, count: 8))
    let values = try #require(laplacian.eigendecomposition()).values
    // Twice the number of ones of each node.
    for (value, expected) in zip(values, [0.0, 2, 2, 2, 4, 4, 4, 6]) {
      #expect(abs(value - expected) < 1e-12)
    }
  }
}
