import Foundation

/// Round numbers along an axis: multiples of 1, 2, 2.5 or 5 times a power of ten.
public struct Ticks: Sendable, Hashable {
  /// Ascending, within the range.
  public let values: [Double]
  /// Decimals that tell them apart.
  public let decimals: Int

  /// - Parameters:
  ///   - range: what the axis shows.
  ///   - count: about how many; there are never more than one more.
  public init(in range: ClosedRange<Double>, about count: Int = 6) {
    precondition(count >= 1, "\(count) ticks on an axis")
    let span = range.upperBound - range.lowerBound
    guard span > 0, span.isFinite else {
      values = range.lowerBound.isFinite ? [range.lowerBound] : []
      decimals = range.lowerBound == range.lowerBound.rounded() ? 0 : 3
      return
    }
    let coarse = span / Double(count)
    var power = Int(log10(coarse).rounded(.down))
    let steps = [1, 2, 2.5, 5, 10]
    let mantissa = coarse / pow(10, Double(power))
    // A hair of tolerance: a step that fits but for rounding fits.
    var step = steps.first { $0 >= mantissa * (1 - 1e-9) } ?? 10
    var digits = step == 2.5 ? 1 : 0
    if step == 10 { (step, power, digits) = (1, power + 1, 0) }
    decimals = max(0, digits - power)
    // Multiples of a whole number of the smallest unit, so that 0.3 is 0.3.
    let unit = pow(10, Double(power - digits))
    let stride = step * pow(10, Double(digits))
    let first = (range.lowerBound / (stride * unit) - 1e-9).rounded(.up)
    let last = (range.upperBound / (stride * unit) + 1e-9).rounded(.down)
    var values: [Double] = []
    var index = first
    while index <= last {
      let whole = index * stride
      let divisor = pow(10, Double(digits - power))
      let value = power - digits < 0 ? whole / divisor : whole * unit
      values.append(value == 0 ? 0 : value)
      index += 1
    }
    self.values = values
  }

  /// What stands beside the ticks.
  public var labels: [String] { values.map { Self.label($0, decimals: decimals) } }

  /// A number with a true minus sign.
  static func label(_ value: Double, decimals: Int) -> String {
    let text = String(format: "%.\(decimals)f", value)
    return text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }
}
