/// What a contract knows of one sender.
public struct SharingRecord: Sendable, Hashable {
  /// Samples that were refunded: verified good ones.
  public var good: UInt64 = 0
  /// Samples that were settled without: reported until nothing was left, or taken past t_any.
  public var bad: UInt64 = 0

  public init(good: UInt64 = 0, bad: UInt64 = 0) {
    self.good = good
    self.bad = bad
  }

  /// The surprise, in thousandths of a bit, that the model's verdicts on what was submitted hold for
  /// somebody who expects good samples: −log₂ of the expected share of good ones, (good + 1) / (good +
  /// bad + 2), rounded down.
  ///
  /// Ding and Hu 2022, Sec. V, want a cost that is “linked with the entropy of the submitted data”, low
  /// for good data and high for a sender who continues to submit bad data, and define no entropy. That
  /// of the words alone is the same for a right and a wrong label; this cross-entropy of the labels
  /// under the model is not. 1 bit without any verdict, towards 0 with good samples only.
  public var entropy: UInt64 {
    // The ratio x = (n + 2) / (good + 1), at least 1, with 32 binary digits behind the point.
    let whole = UInt128(good) + UInt128(bad) + 2
    var ratio = (whole << 32) / (UInt128(good) + 1)
    let digits = 127 - ratio.leadingZeroBitCount - 32
    var bits = UInt128(max(0, digits)) << 16
    ratio >>= UInt128(max(0, digits))
    // log₂ of what is left, in [1, 2), by squaring: sixteen digits.
    for place in stride(from: 15, through: 0, by: -1) {
      ratio = (ratio * ratio) >> 32
      if ratio >> 33 != 0 {
        ratio >>= 1
        bits += 1 << UInt128(place)
      }
    }
    return UInt64((bits * 1000) >> 16)
  }
}
