/// The name that somebody who mistyped may have meant.
public enum NearestName {
  /// The candidate with the smallest edit distance, if that is small.
  public static func of(_ name: String, among candidates: [String]) -> String? {
    let scored = candidates.map { ($0, distance(name, $0)) }
    guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(2, name.count / 3) else {
      return nil
    }
    return best.0
  }

  /// Levenshtein's distance.
  static func distance(_ a: String, _ b: String) -> Int {
    let left = Array(a)
    let right = Array(b)
    var row = Array(0...right.count)
    for i in 0..<left.count {
      var diagonal = row[0]
      row[0] = i + 1
      for j in 0..<right.count {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (left[i] == right[j] ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}
