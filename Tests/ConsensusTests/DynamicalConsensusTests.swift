import Consensus
import LinearAlgebra
import Randomness
import Testing

/// All participants of one session in one process; `hear` sees what passes.
func run(
  _ plan: ConsensusPlan, values: [[Double]], rounds: Int,
  hear: (Int, [[Double]]) -> Void = { _, _ in }
) throws -> [DynamicalConsensus] {
  var nodes = values.enumerated().map {
    DynamicalConsensus(plan: plan, participant: $0.offset, value: $0.element, rounds: rounds)
  }
  for round in 0..<rounds {
    let sent = nodes.map(\.value)
    hear(round, sent)
    for i in nodes.indices { try nodes[i].receive(nodes[i].sources.map { sent[$0] }) }
  }
  return nodes
}

/// Reproducible standard normal values, `[participants][count]`.
func startValues(participants: Int, count: Int, seed: UInt64) -> [[Double]] {
  (0..<participants).map { i in
    RandomStream(seed: seed, participant: UInt32(i), purpose: .syntheticData).normal(count)
      .map { Double($0) }
  }
}

func averages(_ values: [[Double]]) -> [Double] {
  values[0].indices.map { i in values.reduce(0) { $0 + $1[i] } / Double(values.count) }
}

/// ‖x − x̄‖₂ over participants, for one number each.
func distance(_ x: [Double], from mean: Double) -> Double {
  x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
}

@Suite struct DynamicalConsensusTests {
  /// The rounds that the design of this project is based on: S, Metropolis, Chebyshev.
  @Test(arguments: [(7, 53, 16), (31, 238, 36), (127, 481, 52), (1021, 608, 59)])
  func roundsOnTheCycleWithInverseChords(
    participants: Int, metropolis: Int, chebyshev: Int
  ) throws {
    let graph = try CommunicationGraph.cycleWithInverseChords(participants: participants, seed: 0)
    let plain = try ConsensusPlan(graph: graph, method: .metropolis)
    #expect(plain.rounds(toTolerance: 1e-6) == metropolis)
    let fast = try ConsensusPlan(graph: graph, method: .chebyshev)
    #expect(fast.rounds(toTolerance: 1e-6) == chebyshev)
  }

  /// The bound holds, and the worst start value, the slowest eigenvector, needs every round.
  @Test(arguments: [ConsensusMethod.paperStep, .metropolis, .chebyshev])
  func theCountedRoundsAreEnoughAndNeeded(method: ConsensusMethod) throws {
    let graph = try CommunicationGraph.cycleWithInverseChords(participants: 31, seed: 0)
    let plan = try ConsensusPlan(graph: graph, method: method)
    let rounds = plan.rounds(toTolerance: 1e-6)
    let matrix = try #require(plan.matrix)
    let slowest = try #require(matrix.dense.eigendecomposition()).vectors[(29 * 31)..<(30 * 31)]
    let values = zip(slowest, startValues(participants: 31, count: 1, seed: 4)).map {
      [$0 + 3, $1[0]]
    }
    let mean = averages(values)
    for (count, isEnough) in [(rounds, true), (rounds - 1, false)] {
      let result = try run(plan, values: values, rounds: count).map(\.average)
      let worst = distance(result.map { $0[0] }, from: mean[0])
      #expect((worst <= 1.000_001e-6) == isEnough)
      if isEnough {
        let start = distance(values.map { $0[1] }, from: mean[1])
        #expect(distance(result.map { $0[1] }, from: mean[1]) <= 1e-6 * start)
      }
    }
  }

  /// Rounds of extreme tolerances are numbers, not overflows.
  @Test func extremeTolerances() throws {
    let plan = try ConsensusPlan(
      graph: .cycleWithInverseChords(participants: 31, seed: 0), method: .chebyshev)
    #expect(plan.rounds(toTolerance: 1) == 0)
    #expect(plan.rounds(toTolerance: 0.999) == 1)
    // Each factor of 10⁶ takes as many rounds as the one before, after the first.
    let step = plan.rounds(toTolerance: 1e-12) - plan.rounds(toTolerance: 1e-6)
    #expect(abs(plan.rounds(toTolerance: 1e-306) - 51 * step) < 60)
    #expect(throws: ConsensusError.self) { try plan.rounds(toError: 1e-300, amplitude: 1e300) }
    #expect(try plan.rounds(toError: 1, amplitude: 0) == 0)
  }

  /// Eq. (3), written out.
  @Test func oneRoundOfThePapersStep() throws {
    let graph = try CommunicationGraph(adjacency: [[1, 2], [0], [0]])
    let plan = try ConsensusPlan(graph: graph, method: .paperStep)
    let nodes = try run(plan, values: [[3], [6], [-6]], rounds: 1)
    #expect(abs(nodes[0].average[0] - (3 + (3.0 - 9) / 3)) < 1e-15)
    #expect(abs(nodes[1].average[0] - (6 + (3.0 - 6) / 3)) < 1e-15)
    #expect(abs(nodes[2].average[0] - (-6 + (3.0 + 6) / 3)) < 1e-15)
  }

  @Test func everyMethodOnEveryTopology() throws {
    for participants in [1, 2, 3, 8, 13, 32] {
      let values = startValues(participants: participants, count: 5, seed: 8)
      let mean = averages(values)
      for topology in ConvergenceTable.topologies {
        guard let graph = try? topology.graph(participants: participants, seed: 1) else { continue }
        for method in ConsensusMethod.allCases {
          guard let plan = try? ConsensusPlan(graph: graph, method: method) else {
            #expect(method == .onePeerExponential)
            continue
          }
          let rounds = plan.rounds(toTolerance: 1e-9)
          let nodes = try run(plan, values: values, rounds: rounds)
          for node in nodes {
            #expect(node.isFinished)
            #expect(node.sources.isEmpty)
            for i in mean.indices {
              #expect(abs(node.average[i] - mean[i]) < 1e-7)
              // The sum is S times the average.
              #expect(node.sum[i] == node.average[i] * Double(participants))
            }
          }
        }
      }
    }
  }

  /// Chebyshev's recurrence stays sound over far more rounds than are asked for.
  @Test func manyRoundsStayAtTheAverage() throws {
    let graph = try CommunicationGraph.cycleWithInverseChords(participants: 127, seed: 0)
    let plan = try ConsensusPlan(graph: graph, method: .chebyshev)
    let values = startValues(participants: 127, count: 1, seed: 8)
    let mean = averages(values)[0]
    let result = try run(plan, values: values, rounds: 2000).map { $0.average[0] }
    #expect(distance(result, from: mean) < 1e-12)
  }

  @Test func onePeerExponentialIsExactForPowersOfTwo() throws {
    for exponent in 0...7 {
      let participants = 1 << exponent
      let plan = try ConsensusPlan(
        graph: .exponential(participants: participants), method: .onePeerExponential)
      #expect(plan.rounds(toTolerance: 1e-12) == exponent)
      // Small whole numbers: halves are exact, so the average must be.
      let values = (0..<participants).map { [Double($0 * $0 % 37)] }
      for node in try run(plan, values: values, rounds: exponent) {
        #expect(node.average == averages(values))
      }
    }
    #expect(throws: GraphError.missingChannel(node: 0, neighbour: 2)) {
      try ConsensusPlan(graph: .ring(participants: 9), method: .onePeerExponential)
    }
  }

  /// For other S the slowest Fourier mode is a bound that random values stay under.
  @Test(arguments: [3, 7, 12, 31, 100]) func onePeerExponentialForOtherNumbers(
    participants: Int
  ) throws {
    let plan = try ConsensusPlan(
      graph: .exponential(participants: participants), method: .onePeerExponential)
    let rounds = plan.rounds(toTolerance: 1e-6)
    let values = startValues(participants: participants, count: 1, seed: 2)
    let mean = averages(values)[0]
    let start = distance(values.map { $0[0] }, from: mean)
    let result = try run(plan, values: values, rounds: rounds).map { $0.average[0] }
    #expect(distance(result, from: mean) <= 1e-6 * start)
    for i in 0..<participants {
      for round in 0..<10 {
        let source = plan.sources(of: i, round: round)
        #expect(source.count == 1)
        #expect(plan.recipients(of: source[0], round: round) == [i])
      }
    }
  }

  @Test func whatComesFromOutsideIsChecked() throws {
    let plan = try ConsensusPlan(graph: .ring(participants: 4), method: .metropolis)
    var node = DynamicalConsensus(plan: plan, participant: 1, value: [1, 2], rounds: 3)
    #expect(node.sources == [0, 2])
    #expect(
      throws: ConsensusError.neighbours(1, expected: 2, participant: 1, round: 0)
    ) { try node.receive([[1, 2]]) }
    #expect(throws: ConsensusError.length(1, expected: 2, neighbour: 2, round: 0)) {
      try node.receive([[1, 2], [1]])
    }
    #expect(throws: ConsensusError.notFinite(neighbour: 2, index: 1, round: 0)) {
      try node.receive([[1, 2], [1, .nan]])
    }
    #expect(node.value == [1, 2])
    #expect(node.round == 0)
  }
}
