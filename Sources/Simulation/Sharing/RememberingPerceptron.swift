import Datasets
import Incentives
import Metrics
import NeuralNetworks

/// An averaged perceptron that remembers the sums of samples it was asked about. Unsettled samples are
/// asked about at every wake, and the weights change with mistakes only: what a mistake does to another
/// sample's sums follows from the number of features that the two share.
struct RememberingPerceptron: ReviewModel {
  private(set) var perceptron: AveragedPerceptron
  private let features: BinaryFeatures
  /// `[samples, maskWords]`: one bit a feature.
  private let masks: [UInt64]
  private let maskWords: Int
  private var changes: [Change] = []
  private var memory: [Memory]

  private struct Change: Sendable {
    let sample: Int32
    let change: Int64
    let step: Int64
  }

  private struct Memory: Sendable {
    var scores = PerceptronScores(last: 0, delayed: 0)
    /// How many changes the sums have followed; −1 where there are none yet.
    var changes: Int32 = -1
  }

  /// - Parameter masks: of the features, see ``masks(of:)``.
  init(_ perceptron: AveragedPerceptron, features: BinaryFeatures, masks: [UInt64]) {
    self.perceptron = perceptron
    self.features = features
    self.masks = masks
    maskWords = (features.count + 63) / 64
    memory = Array(repeating: Memory(), count: features.rowCount)
  }

  /// `[samples, words of 64 bits]`: one bit a feature.
  static func masks(of features: BinaryFeatures) -> [UInt64] {
    let words = (features.count + 63) / 64
    var masks = [UInt64](repeating: 0, count: features.rowCount * words)
    for row in 0..<features.rowCount {
      for place in features.range(row) {
        let column = Int(features.columns[place])
        masks[row * words + column >> 6] |= 1 << UInt64(column & 63)
      }
    }
    return masks
  }

  mutating func predict(_ sample: Int32) -> Bool {
    let row = Int(sample)
    var memory = memory[row]
    let behind = memory.changes < 0 ? Int.max : changes.count - Int(memory.changes)
    if behind == 0 { return perceptron.isPositive(memory.scores) }
    // From a few changes on, adding up anew is as fast.
    if behind > 8 {
      memory.scores = perceptron.scores(features.columns.span.extracting(features.range(row)))
    } else {
      let masks = masks.span
      let own = masks.extracting(row * maskWords..<(row + 1) * maskWords)
      for place in Int(memory.changes)..<changes.count {
        let change = changes[place]
        let other = Int(change.sample) * maskWords
        var shared = 0
        for word in own.indices { shared &+= (own[word] & masks[other &+ word]).nonzeroBitCount }
        memory.scores.follow(change.change, step: change.step, shared: shared)
      }
    }
    memory.changes = Int32(changes.count)
    self.memory[row] = memory
    return perceptron.isPositive(memory.scores)
  }

  mutating func update(_ sample: Int32, label: Bool) {
    let features = features
    let change = perceptron.step(
      features.columns.span.extracting(features.range(Int(sample))), isPositive: label)
    if change != 0 {
      changes.append(Change(sample: sample, change: change, step: perceptron.steps))
    }
  }

  /// Two bytes a feature, and the label.
  func byteCount(of sample: Int32) -> UInt64 { 2 * UInt64(features.range(Int(sample)).count) + 1 }

  func counts(on reviews: LabelledFeatures) -> ConfusionCounts {
    let sums = perceptron.summedWeights
    let weights = sums.span
    let bias = sums[sums.count - 1]
    return reviews.counts { features in
      var sum = bias
      for place in features.indices { sum &+= weights[Int(features[place])] }
      return sum > 0
    }
  }
}
