/// Texts with one label each, as ranks of their words: rank 0 is the most frequent word.
///
/// The layout that the IMDB reviews of Maas et al. 2011 are kept in.
public struct ReviewSet: Sendable, Equatable {
  /// The words of all reviews, one review after the other.
  public let wordRanks: [UInt16]
  /// `[count + 1]`: review i has the words `offsets[i] ..< offsets[i + 1]`.
  public let offsets: [Int]
  /// `[count]`: 1 for a positive review, 0 for a negative one.
  public let labels: [UInt8]

  /// - Precondition: ``problem(wordRanks:offsets:labels:)`` has nothing to say.
  public init(wordRanks: [UInt16], offsets: [Int], labels: [UInt8]) {
    let problem = Self.problem(wordRanks: wordRanks.count, offsets: offsets, labels: labels)
    precondition(problem == nil, problem ?? "")
    self.wordRanks = wordRanks
    self.offsets = offsets
    self.labels = labels
  }

  public var count: Int { labels.count }

  /// Why these are no reviews, in words; `nil` if they are.
  public static func problem(wordRanks: Int, offsets: [Int], labels: [UInt8]) -> String? {
    guard offsets.count == labels.count + 1 else {
      return "\(offsets.count) offsets for \(labels.count) labels, which need one more"
    }
    guard offsets[0] == 0, offsets[labels.count] == wordRanks else {
      return "offsets from \(offsets[0]) to \(offsets[labels.count]) for \(wordRanks) words"
    }
    if let place = labels.indices.first(where: { offsets[$0] > offsets[$0 + 1] }) {
      return "review \(place) ends at word \(offsets[place + 1]), before its start at "
        + "\(offsets[place])"
    }
    if let place = labels.firstIndex(where: { $0 > 1 }) {
      return "review \(place) has the label \(labels[place]), which is neither 0 nor 1"
    }
    return nil
  }

  /// Which of the most frequent words each review has (Ding and Hu 2022, Sec. III-B).
  ///
  /// - Parameter words: `num_words`: ranks from there on are left out.
  /// - Precondition: 1 to 65,536 words.
  public func features(words: Int) -> BinaryFeatures {
    precondition((1...1 << 16).contains(words), "\(words) words; there are 1 to 65536")
    var features = BinaryFeatures(count: words)
    var seen = [UInt64](repeating: 0, count: (words + 63) / 64)
    let ranks = wordRanks.span
    for review in labels.indices {
      var bits = seen.mutableSpan
      for place in offsets[review]..<offsets[review + 1] {
        let rank = Int(ranks[place])
        if rank < words { bits[rank >> 6] |= 1 << UInt64(rank & 63) }
      }
      features.append(takingBits: &bits)
    }
    return features
  }
}
