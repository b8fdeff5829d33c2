/// The models in the middle of what several say of one class of one image.
///
/// Wang et al. 2020, Eqs. (4) to (6): a is the model with the least sum of distances to the m values
/// closest to its own, itself among them, and h_a* the mean of these m. Of equally distant values the
/// one of the model that comes first counts as closer.
public struct KrumSelection: Sendable, Hashable {
  /// The place of model a among the values.
  public let medoid: Int
  /// The places of the m models, ascending.
  public let members: [Int]
  /// h_a*, the mean of their values.
  public let mean: Float
  /// The sum of their distances to the value of model a.
  public let distance: Float
  /// The greatest |h_k - h_a*| among them: Eq. (10).
  public let spread: Float

  /// - Parameters:
  ///   - values: of the models that know the class, at least one.
  ///   - share: α.
  public init(_ values: [Float], share: Double) {
    precondition(!values.isEmpty, "no model knows the class")
    let m = Self.memberCount(share, of: values.count)
    var best: (sum: Float, medoid: Int, members: [Int])?
    for j in values.indices {
      let distances = values.map { abs($0 - values[j]) }
      var members = Array(values.indices)
      if m < values.count {
        // Itself first, then by distance, then by place.
        members.sort {
          ($0 == j ? -1 : distances[$0], $0) < ($1 == j ? -1 : distances[$1], $1)
        }
        members.removeLast(values.count - m)
        members.sort()
      }
      let sum = members.reduce(0) { $0 + distances[$1] }
      if best.map({ sum < $0.sum }) ?? true { best = (sum, j, members) }
    }
    medoid = best?.medoid ?? 0
    members = best?.members ?? []
    distance = best?.sum ?? 0
    let mean = members.reduce(0) { $0 + values[$1] } / Float(m)
    self.mean = mean
    spread = members.reduce(0) { max($0, abs(values[$1] - mean)) }
  }

  /// m = ⌈α n⌉, at least 1.
  static func memberCount(_ share: Double, of count: Int) -> Int {
    precondition(share > 0 && share <= 1, "a share of \(share)")
    return min(count, max(1, Int((share * Double(count)).rounded(.up))))
  }
}
