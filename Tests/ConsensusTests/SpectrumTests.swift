import LinearAlgebra
import Testing

@testable import Consensus

@Suite struct SpectrumTests {
  /// Weights are doubly stochastic, so that the average stays what it is.
  @Test(arguments: [AveragingMatrix.Weights.paperStep, .metropolis])
  func weightsKeepTheAverage(weights: AveragingMatrix.Weights) throws {
    // A star with a tail: degrees as different as they can be.
    let graph = try CommunicationGraph(adjacency: [[1, 2, 3], [0], [0], [0, 4], [3]])
    let matrix = AveragingMatrix(graph: graph, weights: weights)
    let dense = matrix.dense
    for i in 0..<5 {
      #expect(abs((0..<5).reduce(0) { $0 + dense[i, $1] } - 1) < 1e-15)
      for j in 0..<5 {
        #expect(dense[i, j] == dense[j, i])
        #expect(dense[i, j] >= 0)
      }
    }
    let x = [1.0, -2, 4, 8, 0.5]
    for (i, value) in matrix.applied(to: x).enumerated() {
      #expect(abs((0..<5).reduce(0) { $0 + dense[i, $1] * x[$1] } - value) < 1e-14)
    }
    if weights == .paperStep {
      // I − L/S.
      let laplacian = graph.laplacian
      for i in 0..<5 {
        for j in 0..<5 {
          #expect(abs(dense[i, j] - ((i == j ? 1 : 0) - laplacian[i, j] / 5)) < 1e-15)
        }
      }
    }
  }

  @Test func knownSpectra() throws {
    // Ring: (1 + 2 cos(2πk/S)) / 3 with Metropolis weights.
    let ring = try AveragingMatrix(graph: .ring(participants: 12), weights: .metropolis).spectrum()
    #expect(abs(ring.second - (1 + 3.0.squareRoot()) / 3) < 1e-12)
    #expect(abs(ring.smallest + 1.0 / 3) < 1e-12)
    // Complete: W is the average itself, with either weights.
    for weights in [AveragingMatrix.Weights.paperStep, .metropolis] {
      let complete = try AveragingMatrix(graph: .complete(participants: 9), weights: weights)
        .spectrum()
      #expect(complete.contraction < 1e-12)
    }
    // Hypercube of n digits: 1 − 2k/(n + 1).
    let cube = try AveragingMatrix(graph: .hypercube(participants: 64), weights: .metropolis)
      .spectrum()
    #expect(abs(cube.second - 5.0 / 7) < 1e-12)
    #expect(abs(cube.smallest + 5.0 / 7) < 1e-12)
  }

  /// Bounds are outside the eigenvalues, by next to nothing, and on the common grid.
  @Test func boundsAreRoundedOutwards() throws {
    let matrix = AveragingMatrix(
      graph: try .cycleWithInverseChords(participants: 31, seed: 0), weights: .metropolis)
    let values = try #require(matrix.dense.eigendecomposition()).values
    let spectrum = try matrix.spectrum()
    #expect(spectrum.smallest < values[0] && spectrum.smallest > values[0] - 1e-12)
    #expect(spectrum.second > values[29] && spectrum.second < values[29] + 1e-12)
    #expect((spectrum.second * 0x1p44).rounded() == spectrum.second * 0x1p44)
  }

  @Test(arguments: [5, 31, 128, 1021]) func lanczosAgreesWithLAPACK(participants: Int) throws {
    for topology in [
      Topology.complete, .ring, .cycleWithInverseChords, .randomRegular(degree: 4),
      .onePeerExponential,
    ] {
      let graph = try topology.graph(participants: participants, seed: 2)
      for weights in [AveragingMatrix.Weights.paperStep, .metropolis] {
        let matrix = AveragingMatrix(graph: graph, weights: weights)
        let dense = try matrix.spectrum()
        let lanczos = try matrix.lanczosSpectrum()
        #expect(abs(lanczos.second - dense.second) < 1e-7 * dense.gap + 1e-12)
        #expect(abs(lanczos.smallest - dense.smallest) < 1e-8)
      }
    }
  }

  @Test func thousandsOfParticipants() throws {
    let ring = try AveragingMatrix(graph: .ring(participants: 2500), weights: .metropolis)
      .spectrum()
    let angle = 2 * Double.pi / 2500
    #expect(abs(ring.gap / (2 * (1 - angle.cosine) / 3) - 1) < 1e-4)
    let regular = try AveragingMatrix(
      graph: .randomRegular(participants: 10_000, degree: 4, seed: 1), weights: .metropolis
    ).spectrum()
    // Alon and Boppana from one side, the check of the generator from the other.
    #expect(5 * regular.second - 1 > 3.3)
    #expect(5 * regular.second - 1 < 2 * 3.0.squareRoot() + 0.1)
  }

  /// From 127 to 9973 participants the expander's gap shrinks by less than a half; the ring's goes
  /// as 1/S², by a factor of 6000.
  @Test func gaps() throws {
    func gap(_ participants: Int) throws -> Double {
      let graph = try CommunicationGraph.cycleWithInverseChords(participants: participants, seed: 0)
      return try AveragingMatrix(graph: graph, weights: .metropolis).spectrum().gap
    }
    let first = try gap(127)
    for participants in [1021, 9973] { #expect(try gap(participants) > 0.5 * first) }
    let small = try AveragingMatrix(graph: .ring(participants: 50), weights: .metropolis).spectrum()
    let large = try AveragingMatrix(graph: .ring(participants: 500), weights: .metropolis)
      .spectrum()
    #expect(abs(small.gap / large.gap - 100) < 1)
  }

  @Test func whatHasNoGap() throws {
    let halves = try CommunicationGraph(adjacency: [[1], [0], [3], [2]])
    #expect(throws: GraphError.disconnected(reachable: 2, participants: 4)) {
      try AveragingMatrix(graph: halves, weights: .metropolis).spectrum()
    }
    #expect(throws: GraphError.disconnected(reachable: 2, participants: 4)) {
      try ConsensusPlan(graph: halves, method: .chebyshev)
    }
    #expect(throws: GraphError.tooFewParticipants(1, minimum: 2)) {
      try AveragingMatrix(graph: .ring(participants: 1), weights: .metropolis).spectrum()
    }
  }
}
