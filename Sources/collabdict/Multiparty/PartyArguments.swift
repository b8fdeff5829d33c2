import CollaborativeLearning
import Datasets
import MultipartyLearning
import NeuralNetworks
import Storage

/// Which party of a division of images somebody is, and its images.
struct PartyArguments {
  /// From 0.
  let party: Int
  let place: PartySplit.Party
  let seed: UInt64
  /// The party's own training images.
  let images: LabelledImages

  static let options = [
    OptionSpecification("data", "FILE", "labelled images in HDF5; they never leave"),
    OptionSpecification(
      "case", "CASE", "how images are divided, of the paper's cases: a, b, c or d [d]"),
    OptionSpecification("party", "NUMBER", "which of the parties this is, from 1"),
    OptionSpecification("parts", "COUNT", "into how many each of the case's parties is cut [1]"),
    OptionSpecification(
      "public-images", "COUNT", "case d: images that everybody has [\(PartySplit.publicImages)]"),
    OptionSpecification("seed", "NUMBER", "of the division and of the training [0]"),
  ]

  init(_ arguments: Arguments) throws {
    guard let path = arguments["data"] else { throw UsageError("name the images with --data") }
    let division: PartySplit.Case = try CalibrationArguments.value("case", arguments) ?? .d
    let split = PartySplit(
      division, parts: try arguments.integer("parts", 1...1000) ?? 1,
      publicImages: try arguments.integer("public-images", 0...Int.max)
        ?? PartySplit.publicImages)
    let count = split.parties.count
    guard let number = try arguments.integer("party", 1...count) else {
      throw UsageError("say which --party this is, from 1 to \(count)")
    }
    party = number - 1
    place = split.parties[party]
    seed = UInt64(try arguments.integer("seed", 0...Int.max) ?? 0)
    let all = try ImageFile(readingHDF5: path).train
    let extent = ImageClassifier.extent
    guard all.channels == 1, all.height == extent, all.width == extent else {
      throw StorageError(
        .wrongShape, "images of \(all.channels)x\(all.height)x\(all.width)",
        at: .init(file: path, object: "data set /train_images"),
        remedy: "store grey images of \(extent)x\(extent)")
    }
    do {
      images = try split.deal(all, seed: seed).parties[party]
    } catch {
      throw FileError(path: path, cause: error)
    }
  }
}
