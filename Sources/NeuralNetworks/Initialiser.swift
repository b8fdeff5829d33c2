import AutomaticDifferentiation
import Randomness
import Tensors

/// How a tensor of parameters starts.
public enum Initialiser: Sendable, Hashable {
  /// Every element the same.
  case constant(Float)
  /// Uniform in ±√(6 / (fan-in + fan-out)): Glorot and Bengio 2010.
  case glorotUniform
  /// Normal with variance 2 / fan-in, for rectified units: He et al. 2015.
  case heNormal
  /// Uniform in ±2.4 / fan-in: LeCun et al. 1998, appendix A.
  case leCunUniform
}

/// Collects the parameters of a model's layers into one flat vector.
///
/// Each tensor draws from a stream of its own, so that adding a layer does not change the start of
/// those before it.
public struct ParameterBuilder {
  public private(set) var layout = ParameterLayout()
  /// The start values, as long as the layout.
  public private(set) var values: [Float] = []
  private let seed: UInt64
  private let participant: UInt32

  /// - Parameter participant: distinguishes the starts of several participants of one seed.
  public init(seed: UInt64, participant: UInt32 = 0) {
    self.seed = seed
    self.participant = participant
  }

  /// Appends a tensor and returns its number in the layout.
  ///
  /// - Parameters:
  ///   - fanIn: inputs of one unit.
  ///   - fanOut: units that one input feeds.
  public mutating func append(
    _ name: String, _ shape: Shape, _ initialiser: Initialiser, fanIn: Int = 1, fanOut: Int = 1
  ) -> Int {
    append(
      name, shape, initialiser, fanIns: [(count: shape.count, fanIn: fanIn)], fanOut: fanOut)
  }

  /// Appends a tensor whose units differ in the number of their inputs.
  ///
  /// - Parameter fanIns: how many elements each unit has in turn, and the inputs of that unit.
  public mutating func append(
    _ name: String, _ shape: Shape, _ initialiser: Initialiser,
    fanIns: [(count: Int, fanIn: Int)], fanOut: Int
  ) -> Int {
    let count = shape.count
    precondition(
      fanIns.reduce(0) { $0 + $1.count } == count,
      "units of \(fanIns.reduce(0) { $0 + $1.count }) elements for shape \(shape)")
    let slot = layout.append(name, shape)
    let stream = RandomStream(
      seed: seed, participant: participant, round: UInt32(slot), purpose: .initialisation)
    switch initialiser {
    case .constant(let value):
      values.append(contentsOf: repeatElement(value, count: count))
    case .glorotUniform:
      append(stream.uniform(count).map { 2 * $0 - 1 }, fanIns) {
        (6 / Float($0 + fanOut)).squareRoot()
      }
    case .heNormal:
      append(stream.normal(count), fanIns) { (2 / Float($0)).squareRoot() }
    case .leCunUniform:
      append(stream.uniform(count).map { 2 * $0 - 1 }, fanIns) { 2.4 / Float($0) }
    }
    return slot
  }

  /// Appends draws, each multiplied by what the fan-in of its unit calls for.
  private mutating func append(
    _ draws: [Float], _ fanIns: [(count: Int, fanIn: Int)], _ scale: (Int) -> Float
  ) {
    var next = 0
    for (count, fanIn) in fanIns {
      let factor = scale(fanIn)
      for draw in draws[next..<next + count] { values.append(factor * draw) }
      next += count
    }
  }
}
