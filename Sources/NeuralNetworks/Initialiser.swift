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
    let slot = layout.append(name, shape)
    let stream = RandomStream(
      seed: seed, participant: participant, round: UInt32(slot), purpose: .initialisation)
    let count = shape.count
    switch initialiser {
    case .constant(let value):
      values.append(contentsOf: repeatElement(value, count: count))
    case .glorotUniform:
      let bound = (6 / Float(fanIn + fanOut)).squareRoot()
      values.append(contentsOf: stream.uniform(count).map { bound * (2 * $0 - 1) })
    case .heNormal:
      let deviation = (2 / Float(fanIn)).squareRoot()
      values.append(contentsOf: stream.normal(count).map { deviation * $0 })
    case .leCunUniform:
      let bound = 2.4 / Float(fanIn)
      values.append(contentsOf: stream.uniform(count).map { bound * (2 * $0 - 1) })
    }
    return slot
  }
}
