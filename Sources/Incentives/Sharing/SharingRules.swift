/// The terms of a contract that takes data with a deposit (Harris and Waggoner 2019; Ding and Hu 2022,
/// Table I). Amounts are in the accounts' smallest unit, times in milliseconds.
public struct SharingRules: Sendable, Hashable {
  /// What a sender leaves with the contract.
  public enum Lock: String, Sendable, Hashable, CaseIterable {
    /// The whole deposit. The cost is then a threshold only.
    case deposit
    /// The cost; the rest of the deposit must be there, and stays with the sender.
    case cost
  }

  public static let day: UInt64 = 24 * 3600 * 1000
  /// How long `anyTime` must be past `refundTime`.
  public static let leastClaimTime = 7 * day

  /// What one token is in the accounts' unit: the least cost of a sample.
  public var token: TokenAmount = 1000
  /// w, the paper's `submission cost`: what a sample costs an hour after the one before, if that is
  /// more than a token.
  public var costWeight: TokenAmount = 1000
  /// t_refund: when a sender can ask for a refund, and others can report.
  public var refundTime = day
  /// t_any: when anybody can take what is left.
  public var anyTime = 9 * day
  public var lock = Lock.deposit
  /// How much the cost depends on the entropy of what the sender has submitted, see
  /// ``SharingRecord/entropy``: the cost grows by so many thousandths for each bit.
  public var entropyWeight: UInt64 = 0
  /// How many verified good samples a sender must have for each bad one to add more; `nil` for any.
  /// Its first ``probation`` bad ones do not count.
  public var goodPerBad: UInt64?
  public var probation: UInt64 = 10
  /// The most bytes that data may take while the contract keeps it; `nil` for any.
  public var storageLimit: UInt64?

  public init() {}

  /// Why there is no contract of these terms, in words; `nil` if there is.
  public var problem: String? {
    if token == 0 { return "a token of 0 units; a sample has to cost something" }
    if anyTime < refundTime || anyTime - refundTime < Self.leastClaimTime {
      return
        "what is left can be taken \(Self.days(anyTime)) days after a sample was added, which is "
        + "less than a week past the \(Self.days(refundTime)) days of a refund"
    }
    return nil
  }

  private static func days(_ time: UInt64) -> String {
    let days = Double(time) / Double(day)
    return days == days.rounded() ? "\(Int(days))" : "\(days)"
  }

  /// What a sample costs: max(1 token, w 3600^½ / Δt^½) with Δt in seconds, rounded down; a sum that
  /// 64 bits do not hold is the largest that they do. Within a second of the last sample, Δt is 1 s.
  ///
  /// - Parameters:
  ///   - elapsed: Δt in milliseconds.
  ///   - entropy: of what the sender has submitted, in thousandths of a bit.
  public func cost(elapsed: UInt64, entropy: UInt64 = 0) -> TokenAmount {
    let weight = UInt128(costWeight)
    let time = UInt128(max(1000, elapsed))
    let (square, isTooLarge) = (weight * weight).multipliedReportingOverflow(by: 3_600_000)
    // A weight of which the square does not fit is beyond all tokens that there can be.
    let quotient = isTooLarge ? UInt128.max : square / time
    var cost = max(UInt128(token), quotient.squareRoot)
    if entropyWeight > 0 {
      let factor = 1_000_000 + UInt128(entropyWeight) * UInt128(entropy)
      let (product, overflows) = cost.multipliedReportingOverflow(by: factor)
      cost = overflows ? UInt128(TokenAmount.max) : product / 1_000_000
    }
    return TokenAmount(clamping: cost)
  }
}

extension UInt128 {
  /// ⌊√x⌋, by its binary digits.
  var squareRoot: UInt128 {
    var (rest, root): (UInt128, UInt128) = (self, 0)
    let digits = 128 - leadingZeroBitCount
    var bit: UInt128 = digits == 0 ? 0 : 1 << UInt128((digits - 1) & ~1)
    while bit != 0 {
      if rest >= root + bit {
        rest -= root + bit
        root = root >> 1 + bit
      } else {
        root >>= 1
      }
      bit >>= 2
    }
    return root
  }
}
