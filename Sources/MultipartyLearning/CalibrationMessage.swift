/// A calibration sample (x, y, y⁻): an image whose class is y, and a class that the models wrongly
/// hold for at least as likely. Wang et al. 2020, Sec. III-C-2.
///
/// The image is shown to everybody: who sends one gives it away.
public struct CalibrationMessage: Sendable, Hashable {
  /// `[height, width]`, as bytes.
  public let image: [UInt8]
  /// y.
  public let label: UInt8
  /// y⁻, another class.
  public let wrongLabel: UInt8

  public init(image: [UInt8], label: UInt8, wrongLabel: UInt8) {
    precondition(label != wrongLabel, "class \(label) on both sides of a margin")
    self.image = image
    self.label = label
    self.wrongLabel = wrongLabel
  }
}

/// What validation says of a calibration message: Wang et al. 2020, Eqs. (8) to (10).
public enum CalibrationVerdict: Sendable, Hashable, CustomStringConvertible {
  case valid
  /// Eq. (8): ρ is above 0, the models need no calibration by this sample.
  case marginPositive
  /// Eq. (9): h_a*(x, y) is below δ, nobody is sure that x is of class y.
  case unsure
  /// Eq. (10): some model differs from h_a* by more than σ.
  case disagreement
  /// No model knows one of the two classes.
  case unknownClass

  public var description: String {
    switch self {
    case .valid: "valid"
    case .marginPositive: "the margin is positive: nothing to calibrate"
    case .unsure: "the models are not sure enough of the class that is said to be right"
    case .disagreement: "the models differ too much on the class that is said to be right"
    case .unknownClass: "no model knows one of the classes"
    }
  }
}
