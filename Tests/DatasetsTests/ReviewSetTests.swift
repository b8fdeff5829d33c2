import Datasets
import Testing

@Suite struct ReviewSetTests {
  let reviews = ReviewSet(
    wordRanks: [5, 0, 5, 64, 300, 2, 2, 63, 1], offsets: [0, 5, 5, 9], labels: [1, 0, 1])

  @Test func featuresAreSortedUniqueRanksBelowTheNumberOfWords() {
    let features = reviews.features(words: 65)
    #expect(features.count == 65 && features.rowCount == 3)
    #expect(
      features.row(0) == [0, 5, 64] && features.row(1) == [] && features.row(2) == [1, 2, 63])
    let few = reviews.features(words: 2)
    #expect(few.row(0) == [0] && few.row(1) == [] && few.row(2) == [1])
    #expect(reviews.features(words: 301).row(0) == [0, 5, 64, 300])
  }

  @Test(
    arguments: [
      ([0, 5, 9], [1, 0, 1], "3 offsets for 3 labels"), ([1, 5, 5, 9], [1, 0, 1], "from 1 to 9"),
      ([0, 5, 5, 8], [1, 0, 1], "from 0 to 8 for 9 words"),
      ([0, 6, 5, 9], [1, 0, 1], "review 1 ends at word 5"),
      ([0, 5, 5, 9], [1, 0, 2], "review 2 has the label 2"),
    ] as [([Int], [UInt8], String)])
  func whatIsNoReviewsIsNamed(offsets: [Int], labels: [UInt8], words: String) throws {
    let problem = try #require(ReviewSet.problem(wordRanks: 9, offsets: offsets, labels: labels))
    #expect(problem.contains(words))
  }
}
