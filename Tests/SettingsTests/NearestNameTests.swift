import Settings
import Testing

@Suite struct NearestNameTests {
  private let names = ["rounds", "window", "patience", "batch-size", "warm-up"]

  @Test(arguments: [
    ("rounds", "rounds"), ("ronds", "rounds"), ("ruonds", "rounds"), ("Rounds", "rounds"),
    ("batchsize", "batch-size"), ("batch_size", "batch-size"), ("windows", "window"),
    ("warmup", "warm-up"), ("pacience", "patience"),
  ])
  func mistypedNamesAreFound(typed: String, meant: String) {
    #expect(NearestName.of(typed, among: names) == meant)
  }

  @Test(arguments: ["", "xyzzy", "temperature", "batch-size-of-everything"])
  func otherWordsAreNot(word: String) {
    #expect(NearestName.of(word, among: names) == nil)
  }

  @Test func nothingToChooseFrom() {
    #expect(NearestName.of("rounds", among: []) == nil)
  }

  @Test func theFirstOfEquallyNearOnes() {
    #expect(NearestName.of("ab", among: ["abc", "abd"]) == "abc")
  }
}
