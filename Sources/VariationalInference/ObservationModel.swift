import LinearAlgebra

/// The distribution of an observed value around the decoder's mean.
public enum ObservationModel: Sendable, Hashable, CustomStringConvertible {
  /// Eq. (21) of CollabDict 2024.
  case gaussian
  /// Student's t: its tails forgive a single far value in a row. With ν degrees of freedom the part
  /// of a standardised residual r in the loss is (ν + 1)/2 · ln(1 + r²/ν).
  case studentT(degreesOfFreedom: Float)

  /// The kernel that computes it.
  ///
  /// - Parameter scaleFloor: the smallest σ, in units of the standardised variables.
  public func kernel(scaleFloor: Float) -> ObservationKernel {
    switch self {
    case .gaussian:
      return ObservationKernel(
        degreesOfFreedom: nil, scaleFloor: scaleFloor,
        logNormaliser: Float(0.5 * (2 * Double.pi).logarithm))
    case .studentT(let nu):
      precondition(nu > 0, "Student's t with \(nu) degrees of freedom")
      let half = Double(nu) / 2
      return ObservationKernel(
        degreesOfFreedom: nu, scaleFloor: scaleFloor,
        logNormaliser: Float(
          half.logGamma - (half + 0.5).logGamma + 0.5 * (Double(nu) * Double.pi).logarithm))
    }
  }

  /// From the text that `description` gives: `gaussian` or `student-t(50)`.
  public init?(_ text: String) {
    if text == "gaussian" {
      self = .gaussian
      return
    }
    let prefix = "student-t("
    guard text.hasPrefix(prefix), text.hasSuffix(")"),
      let nu = Float(text.dropFirst(prefix.count).dropLast()), (0.5...100_000).contains(nu)
    else { return nil }
    self = .studentT(degreesOfFreedom: nu)
  }

  public var description: String {
    switch self {
    case .gaussian: "gaussian"
    case .studentT(let nu): "student-t(\(nu))"
    }
  }
}

/// Where σ, the spread of an observation around the decoder's mean, comes from.
public enum DecoderScale: String, Sendable, Hashable, CaseIterable {
  /// A function of z, Eq. (23) of CollabDict 2024: σ = floor + softplus(Linear(q)).
  case network
  /// One σ a variable, a parameter of the shared decoder that is learned with the others.
  case perVariable = "per-variable"
  /// One σ a variable, set to the weighted root mean square residual instead of being stepped.
  case closedForm = "closed-form"
}
