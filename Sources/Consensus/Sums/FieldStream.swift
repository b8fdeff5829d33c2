import Cryptography
import LinearAlgebra

/// Elements of the prime field from a seed: uniform and independent to whoever lacks the seed.
///
/// The low 31 bits of a word of the key stream are an element unless all of them are ones, once in
/// 2³¹ words; then the next word of a second stream takes its place, and so on. What is left is
/// exactly uniform (rejection, von Neumann 1951), an element's place decides over its word, and
/// only such a place, which is as random as the words, ever takes more time.
struct FieldStream {
  private var words: KeyStream
  private var replacements: KeyStream

  init(seed: SymmetricKey) {
    words = KeyStream(key: seed, nonce: 0)
    replacements = KeyStream(key: seed, nonce: 1)
  }

  /// The next elements.
  ///
  /// The key stream goes on by whole blocks of 16 words, so that every part but the last must be
  /// a multiple of 16 long if the parts are to be those of one whole.
  mutating func fill(_ elements: inout MutableSpan<UInt32>) {
    words.fill(&elements)
    Self.reduce(&elements) { replacements.next() }
  }

  /// Makes words elements; those that cannot be are drawn anew.
  static func reduce(_ words: inout MutableSpan<UInt32>, drawing next: () -> UInt64) {
    var start = 0
    while let place = PrimeFieldVectors.mask(&words, from: start) {
      words[place] = UInt32(truncatingIfNeeded: next())
      // From the same place: the new word may have to be replaced as well.
      start = place
    }
  }
}
