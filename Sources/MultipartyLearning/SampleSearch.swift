import Datasets
import Randomness

/// A party's search for calibration samples among its own images: off-chain sample mining of Wang et
/// al. 2020, Sec. III-C-2.
///
/// It goes through the images in an order of its own, again and again. Two cleverer searches were
/// tried on held-out training images and gave worse models: looking first at images that were nearly
/// samples when last seen (the same few odd ones are sent over and over), and never sending an image
/// twice (honest messages run out, bogus ones do not).
public struct SampleSearch: Sendable {
  public let images: LabelledImages
  private let order: [Int]
  private var cursor = 0

  /// - Parameter party: the party's number in the split: each has an order of its own.
  public init(_ images: LabelledImages, seed: UInt64, party: Int) {
    self.images = images
    order = RandomStream(seed: seed, participant: UInt32(party), purpose: .calibration)
      .permutation(images.count).map { Int($0) }
  }

  /// The next images to look at.
  mutating func next(_ limit: Int) -> LabelledImages {
    let places = (0..<min(limit, order.count)).map { order[(cursor + $0) % order.count] }
    cursor = (cursor + places.count) % order.count
    return images.selecting(places)
  }
}
