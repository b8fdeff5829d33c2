/// Where a sensor file keeps each participant's data: paths with `{participant}` in them.
public struct FleetLayout: Sendable, Hashable {
  /// Rows to learn from.
  public var train = "/{participant}/train"
  /// Rows to score.
  public var test = "/{participant}/test"
  /// Which of those are anomalous, 0 or 1.
  public var labels = "/{participant}/test_labels"
  /// Rows of both kinds in one data set, which `labels` tells apart; replaces `train` and `test`.
  public var values: String?
  /// With `values`: this first share of the normal rows trains, all other rows test.
  public var split = 0.5
  /// The participants to read; `nil` for all that the file has.
  public var participants: [String]?

  public init() {}

  static let placeholder = "{participant}"

  /// The path of a participant's data set.
  static func path(_ pattern: String, _ participant: String) -> String {
    absolute(pattern).replacing(placeholder, with: participant)
  }

  /// The participant to which a path belongs by a pattern, or `nil`.
  static func participant(of path: String, by pattern: String) -> String? {
    let pattern = absolute(pattern)
    guard let place = pattern.firstRange(of: placeholder) else { return nil }
    let prefix = pattern[..<place.lowerBound]
    let suffix = pattern[place.upperBound...]
    guard path.hasPrefix(prefix), path.hasSuffix(suffix),
      path.count > prefix.count + suffix.count
    else { return nil }
    let name = path.dropFirst(prefix.count).dropLast(suffix.count)
    return name.contains("/") ? nil : String(name)
  }

  private static func absolute(_ pattern: String) -> String {
    pattern.hasPrefix("/") ? pattern : "/" + pattern
  }

  /// A pattern must say where the participant's name stands.
  func validate(file: String) throws(StorageError) {
    for (option, pattern) in [
      ("--train", train), ("--test", test), ("--labels", labels), ("--values", values ?? train),
    ]
    where pattern.firstRange(of: Self.placeholder) == nil {
      throw StorageError(
        .malformed, "the path pattern \(pattern) of \(option) has no \(Self.placeholder)",
        at: StorageError.Place(file: file), remedy: "write it as in /\(Self.placeholder)/train")
    }
  }
}
