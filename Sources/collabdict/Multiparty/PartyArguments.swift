import CollaborativeLearning
import Datasets
import MultipartyLearning

/// Which party of a division of images somebody is, and its images.
struct PartyArguments {
  /// From 0.
  let party: Int
  let place: PartySplit.Party
  let configuration: MultipartyConfiguration
  /// The party's own training images.
  let images: LabelledImages

  static let options =
    [
      OptionSpecification("data", "FILE", "labelled images in HDF5; they never leave"),
      OptionSpecification("party", "NUMBER", "which of the case's parties this is, from 1"),
    ]
    + MultipartyArguments.settings.filter {
      ["case", "parts", "public-images", "seed"].contains($0.name)
    }

  init(_ arguments: Arguments) throws {
    guard let path = arguments["data"] else { throw UsageError("name the images with --data") }
    configuration = try MultipartyArguments.configuration(arguments)
    let split = configuration.split
    let count = split.parties.count
    guard let number = try arguments.integer("party", 1...count) else {
      throw UsageError("say which --party this is, from 1 to \(count)")
    }
    party = number - 1
    place = split.parties[party]
    let all = try MultipartyArguments.images(path).train
    do {
      images = try split.deal(all, seed: configuration.seed).parties[party]
    } catch {
      throw FileError(path: path, cause: error)
    }
  }
}
