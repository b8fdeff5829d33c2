import Consensus

/// `Benchmarks convergence`: how many rounds averages need, for each graph, method and number of
/// participants.
enum Convergence {
  static func run() {
    let participants = [7, 8, 31, 32, 127, 128, 1021, 1024]
    print(
      "Rounds to 1e-6 of the start, worst case in the Euclidean norm over all participants:\n")
    print(
      ConvergenceTable.markdown(
        ConvergenceTable.rows(tolerance: 1e-6, participants: participants),
        participants: participants))
  }
}
