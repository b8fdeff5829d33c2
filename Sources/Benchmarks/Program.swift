import Foundation
import LinearAlgebra

/// Timed kernels and detection protocols, for `make benchmark` and `make detection`.
///
/// Each kind of work prints one line, `name seconds`; `peers/compare.py` runs it in turns with its
/// peers and prints ratios.
@main
enum Program {
  static let works: [(name: String, measure: @Sendable () throws -> Double)] = [
    ("vae-step-128", { vaeStep(batch: 128).seconds }),
    ("vae-step-1024", { vaeStep(batch: 1024).seconds }),
    ("bare-products-128", { bareProducts(batch: 128) }),
    ("bare-products-1024", { bareProducts(batch: 1024) }),
    ("lenet-step", { leNetStep().seconds }),
    ("score", { scoring() }),
    ("allocations", { Double(vaeStep(batch: 128).allocations) }),
    ("rounds-1-thread", { try rounds(threads: 1) }),
    ("rounds-2-threads", { try rounds(threads: 2) }),
  ]

  static func main() throws {
    let words = CommandLine.arguments.dropFirst()
    switch words.first {
    case "machine":
      print(
        "OpenBLAS core type \(OpenBLAS.coreType), \(OpenBLAS.threads) thread, vector loops "
          + OpenBLAS.vectorInstructionSet)
    case "convergence":
      Convergence.run()
    case "detection":
      try DetectionReport.run(Array(words.dropFirst()))
    case "detection-ggm":
      try GraphicalDetection.run(Array(words.dropFirst()))
    case "graphical-lasso":
      try GraphicalLassoSpeed.run(Array(words.dropFirst()))
    case "mixture":
      try MixtureSpeed.run(Array(words.dropFirst()))
    case "ledger-verification":
      try LedgerVerification.run(Array(words.dropFirst()))
    case "sharing":
      try SharingSpeed.run(Array(words.dropFirst()))
    case "encounters":
      try EncounterSpeed.run(Array(words.dropFirst()))
    case "network-sum":
      try NetworkSum.run(Array(words.dropFirst()))
    case "network-sum-member":
      try NetworkSum.runMember(Array(words.dropFirst()))
    case "ledger-append":
      try LedgerAppend.run(Array(words.dropFirst()))
    case let name?:
      guard let work = works.first(where: { $0.name == name }) else { usage() }
      print(name, try work.measure())
    case nil:
      usage()
    }
  }

  static func usage() -> Never {
    print(
      "usage: Benchmarks machine | convergence | detection | detection-ggm | "
        + "graphical-lasso FILE [options] | mixture ROWS START [options] | "
        + "encounters [options] | ledger-verification [options] | sharing IMDB.h5 [options] | network-sum [options] | "
        + "ledger-append file|sqlite CHAIN [BLOCKS] | WORK")
    print("work: " + works.map(\.name).joined(separator: " "))
    exit(2)
  }
}

/// The median of the times, in seconds.
func median(_ times: [Duration]) -> Double {
  let seconds = times.map { $0 / .seconds(1) }.sorted()
  return seconds[seconds.count / 2]
}
