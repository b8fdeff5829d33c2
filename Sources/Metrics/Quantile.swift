/// The `probability` quantile of `values` [N], interpolated linearly between order statistics.
///
/// With the values sorted as x₀ ≤ … ≤ xₙ₋₁, it is the point at position `probability` · (n − 1):
/// type 7 of Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician
/// 50, 1996, and the default of NumPy and R.
///
/// - Parameter probability: A probability in 0...1; 0 gives the minimum and 1 the maximum.
/// - Returns: The quantile in the unit of the values, or `nil` without a value.
/// - Precondition: No value is NaN.
public func quantile(_ probability: Double, of values: [Double]) -> Double? {
  requireUnitInterval(probability, "probability")
  requireOrdered(values, "values")
  guard !values.isEmpty else { return nil }
  let sorted = values.sorted()
  let position = probability * Double(sorted.count - 1)
  let index = Int(position)
  let (lower, upper) = (sorted[index], sorted[min(index + 1, sorted.count - 1)])
  let fraction = position - Double(index)
  return fraction == 0 || lower == upper ? lower : lower + fraction * (upper - lower)
}
