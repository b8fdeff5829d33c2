import Cryptography
import NeuralNetworks

/// A party's local model h_i, as everybody else may see it: its kind, the classes Y_i that it was
/// trained for, and its parameters θ_i. Wang et al. 2020, Sec. II-A and III-C.
public struct PartyModel: Sendable, Equatable {
  public let kind: ImageClassifierKind
  /// Y_i, ascending; column c of the model's values is that of class `classes[c]`.
  public let classes: [UInt8]
  /// As long as ``ImageClassifier/parameterCount(_:classes:)`` says.
  public var parameters: [Float]

  /// - Precondition: ascending classes, at least one; as many parameters as the kind has.
  public init(kind: ImageClassifierKind, classes: [UInt8], parameters: [Float]) {
    precondition(
      !classes.isEmpty && zip(classes, classes.dropFirst()).allSatisfy { $0 < $1 },
      "classes \(classes) are not ascending")
    let count = ImageClassifier.parameterCount(kind, classes: classes.count)
    precondition(
      parameters.count == count, "\(parameters.count) parameters for a model of \(count)")
    self.kind = kind
    self.classes = classes
    self.parameters = parameters
  }

  /// A model before any training, its start drawn from the seed.
  public init(kind: ImageClassifierKind, classes: [UInt8], seed: UInt64, party: Int) {
    var builder = ParameterBuilder(seed: seed, participant: UInt32(party))
    _ = ImageClassifier(kind, classes: classes.count, in: &builder)
    self.init(kind: kind, classes: classes, parameters: builder.values)
  }

  /// The parameters as little-endian IEEE floats: what is hashed and stored.
  public var parameterBytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4 * parameters.count)
    for (place, value) in parameters.enumerated() {
      let bits = value.bitPattern
      for byte in 0..<4 { bytes[4 * place + byte] = UInt8(truncatingIfNeeded: bits >> (8 * byte)) }
    }
    return bytes
  }

  /// SHA-256 of ``parameterBytes``: what a block says of a model.
  public var digest: Digest { SHA256.hash(parameterBytes) }
}
