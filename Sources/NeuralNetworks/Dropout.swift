import AutomaticDifferentiation
import Randomness
import Tensors

/// Sets elements to 0 at random while training, and divides the others by what remains (Srivastava
/// et al. 2014, "inverted").
public struct Dropout: Sendable, Equatable {
  public let probability: Float

  public init(probability: Float) {
    precondition(probability >= 0 && probability < 1, "dropout with probability \(probability)")
    self.probability = probability
  }

  /// Records x with elements dropped.
  ///
  /// - Parameter stream: decides which; a new one at each step and layer. `nil` outside training,
  ///   where nothing is dropped.
  public func callAsFunction(
    _ x: Variable, from stream: RandomStream?, on tape: GradientTape
  ) -> Variable {
    guard let stream, probability > 0 else { return x }
    return tape.dropout(x, probability: probability, from: stream)
  }
}
