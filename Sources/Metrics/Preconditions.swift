/// Stops unless there is exactly one label for each of the `count` rows of the array `name`.
func requireOneLabelPerRow(_ name: String, count: Int, labels: Int) {
  precondition(
    count == labels,
    "\(name) and labels must have equal lengths, but there are \(count) \(name) and \(labels) labels"
  )
}

/// Stops at the first NaN: it has no place in an order, so every rank after it would be arbitrary.
func requireOrdered(_ values: [Double], _ name: String) {
  if let row = values.firstIndex(where: \.isNaN) {
    preconditionFailure("\(name)[\(row)] of \(values.count) is NaN, which has no rank")
  }
}

/// Stops unless `value` lies in the closed unit interval.
func requireUnitInterval(_ value: Double, _ name: String) {
  precondition((0...1).contains(value), "\(name) must lie in 0...1, but is \(value)")
}
