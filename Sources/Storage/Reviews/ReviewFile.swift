import Datasets

/// Labelled reviews for training and for testing.
///
/// HDF5 with two groups, `/train` and `/test`, of `word_ranks` (whole numbers below 65,536, all
/// reviews one after the other), `offsets` (one more than reviews) and `labels` (0 or 1).
public struct ReviewFile: Sendable, Equatable {
  public let train: ReviewSet
  public let test: ReviewSet

  /// - Throws: ``StorageError``, which names the data set.
  public init(reading path: String) throws(StorageError) {
    let file = try HDF5File(reading: path)
    train = try Self.part("train", in: file, path)
    test = try Self.part("test", in: file, path)
  }

  private static func part(
    _ name: String, in file: HDF5File, _ path: String
  ) throws(StorageError) -> ReviewSet {
    let ranks: [UInt16] = try flat("/\(name)/word_ranks", in: file, path)
    let offsets: [Int64] = try flat("/\(name)/offsets", in: file, path)
    let labels: [UInt8] = try flat("/\(name)/labels", in: file, path)
    let place = StorageError.Place(file: path, object: "group /\(name)")
    guard !labels.isEmpty else {
      throw StorageError(
        .wrongShape, "there are no reviews", at: place, remedy: "store at least one")
    }
    let places = offsets.map { Int($0) }
    if let problem = ReviewSet.problem(wordRanks: ranks.count, offsets: places, labels: labels) {
      throw StorageError(
        .malformed, problem, at: place,
        remedy: "store offsets that rise from 0 to the number of words, and labels 0 and 1")
    }
    return ReviewSet(wordRanks: ranks, offsets: places, labels: labels)
  }

  private static func flat<Element: HDF5Number>(
    _ object: String, in file: HDF5File, _ path: String
  ) throws(StorageError) -> [Element] {
    let set = try file.dataSet(object)
    guard set.shape.count == 1 else {
      throw StorageError(
        .wrongShape, "the shape is \(set.shape)",
        at: StorageError.Place(file: path, object: "data set \(object)"),
        remedy: "store one number after the other, in one dimension")
    }
    return try set.read()
  }
}
