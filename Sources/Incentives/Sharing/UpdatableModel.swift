/// A model that a contract keeps and that its callers' data changes, one sample at a time (Harris and
/// Waggoner 2019; Ding and Hu 2022). All that a contract sees of a model is this.
///
/// Deterministic: from the same updates in the same order it predicts the same everywhere.
public protocol UpdatableModel: Sendable {
  associatedtype Sample: Hashable & Sendable
  associatedtype Label: Hashable & Sendable

  /// The label that the model now gives to a sample. Mutating, so that a model may remember what it
  /// has computed; asking changes no later answer.
  mutating func predict(_ sample: Sample) -> Label

  /// Learns from one sample.
  mutating func update(_ sample: Sample, label: Label)

  /// What a sample takes of the chain's storage, in bytes.
  func byteCount(of sample: Sample) -> UInt64

  /// Why the model can neither learn from a sample nor predict it, in words; `nil` if it can.
  func problem(of sample: Sample) -> String?
}

extension UpdatableModel {
  /// Nothing, unless a model says otherwise.
  public func problem(of sample: Sample) -> String? { nil }
}
