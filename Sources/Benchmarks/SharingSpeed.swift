import Foundation
import Simulation
import Storage

/// The default simulation of Sharing Updatable Models, timed; with `--draws FILE` also the random
/// numbers of its seed, for the peer.
enum SharingSpeed {
  static func run(_ words: [String]) throws {
    var words = words[...]
    var draws: String?
    var runs = 5
    var configuration = SharingConfiguration()
    guard let data = words.popFirst() else {
      print("usage: Benchmarks sharing IMDB.h5 [--draws FILE] [--runs N] [--SETTING VALUE …]")
      exit(2)
    }
    while let word = words.popFirst(), let value = words.popFirst() {
      switch word {
      case "--draws": draws = value
      case "--runs": runs = Int(value) ?? runs
      default: try configuration.set(String(word.drop { $0 == "-" }), to: value)
      }
    }
    let clock = ContinuousClock()
    let start = clock.now
    let file = try ReviewFile(reading: data)
    let read = clock.now
    var times: [(prepared: Duration, ran: Duration)] = []
    var outcome: SharingOutcome?
    for _ in 0..<max(1, runs) {
      let begin = clock.now
      let reviews = SharedReviews(train: file.train, test: file.test, words: configuration.words)
      let prepared = clock.now
      outcome = reviews.run(configuration)
      times.append((prepared - begin, clock.now - prepared))
      if let path = draws {
        let exported = SharingDraws(reviews, configuration, wakes: 60_000)
        try JSONEncoder().encode(exported).write(to: URL(fileURLWithPath: path))
        draws = nil
      }
    }
    guard let outcome else { return }
    let figures: [String: Double] = [
      "read": (read - start) / .seconds(1), "features": median(times.map(\.prepared)),
      "seconds": median(times.map(\.ran)), "before": outcome.before.accuracy,
      "after": outcome.after.accuracy, "without_bad": outcome.withoutBad.accuracy,
      "all_data": outcome.allData.accuracy, "days": outcome.days,
      "gone": outcome.daysUntilGone ?? .infinity, "good": outcome.good.balance,
      "bad": outcome.bad.balance, "good_submitted": Double(outcome.good.submitted),
      "bad_submitted": Double(outcome.bad.submitted),
    ]
    print(
      String(
        decoding: try JSONSerialization.data(
          withJSONObject: figures.filter(\.value.isFinite), options: [.sortedKeys]), as: UTF8.self))
  }
}
