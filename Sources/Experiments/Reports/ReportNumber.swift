import Foundation
import Metrics

/// How values of several seeds are shown.
enum ReportNumber {
  /// The mean, with the standard deviation if there is more than one; a dash of none.
  static func text(_ values: [Double], decimals: Int = 4) -> String {
    guard !values.isEmpty else { return "-" }
    let mean = String(format: "%.\(decimals)f", values.mean)
    if values.count == 1 { return mean }
    return mean + " ± " + String(format: "%.\(decimals)f", values.deviation)
  }

  static func percent(_ share: Double) -> String {
    let text = String(format: "%.1f", 100 * share)
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " %"
  }
}

extension [Double] {
  /// NaN without values.
  var mean: Double { reduce(0, +) / Double(count) }

  /// The sample standard deviation; 0 of a single value.
  var deviation: Double { SampleSummary(of: self)?.standardDeviation ?? 0 }
}
