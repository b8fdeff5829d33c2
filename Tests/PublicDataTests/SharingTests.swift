import Foundation
import Simulation
import Storage
import Testing

/// Where the public data sets are, or `nil`: `$COLLABDICT_DATA`, or `../shared/datasets`.
private let folder: String? = {
  let folder = ProcessInfo.processInfo.environment["COLLABDICT_DATA"] ?? "../shared/datasets"
  return FileManager.default.fileExists(atPath: "\(folder)/imdb.h5") ? folder : nil
}()

/// The defaults of Ding and Hu 2022, Table I, on the IMDB reviews; in release builds only, because
/// numeric code is slow without optimisation.
@Suite(.enabled(if: folder != nil, "no public data sets; see datasets/README.md"))
struct SharingTests {
  #if !DEBUG
    @Test(arguments: [400, 1000])
    func theBadAgentGoesAndTheModelStays(words: Int) throws {
      let file = try ReviewFile(reading: "\(#require(folder))/imdb.h5")
      let reviews = SharedReviews(train: file.train, test: file.test, words: words)
      for seed in UInt64(1)...5 {
        var configuration = SharingConfiguration()
        configuration.words = words
        configuration.seed = seed
        let outcome = try #require(reviews.run(configuration))
        #expect(outcome.gap <= 1 && outcome.gapWithoutBad <= 1, "seed \(seed)")
        #expect(outcome.daysUntilGone ?? .infinity <= 30, "seed \(seed)")
        #expect(outcome.good.balance >= 19_500, "seed \(seed)")
      }
    }
  #else
    @Test func theReviewsAreRead() throws {
      let file = try ReviewFile(reading: "\(#require(folder))/imdb.h5")
      #expect(file.train.count == 25_000 && file.test.count == 25_000)
      #expect(file.train.labels.reduce(0) { $0 + Int($1) } == 12_500)
    }
  #endif
}
