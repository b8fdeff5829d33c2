import Testing

@testable import MultipartyLearning

@Suite struct KrumSelectionTests {
  /// The definition once more, in Double, by picking the closest one after the other.
  struct Reference {
    var medoid = 0
    var members: [Int] = []
    var distance = Double.infinity

    init(_ values: [Float], m: Int) {
      for j in values.indices {
        var chosen = [j]
        var rest = values.indices.filter { $0 != j }
        while chosen.count < m {
          // The first of the least distances.
          var nearest = 0
          for place in rest.indices
          where abs(values[rest[place]] - values[j]) < abs(values[rest[nearest]] - values[j]) {
            nearest = place
          }
          chosen.append(rest.remove(at: nearest))
        }
        let sum = chosen.reduce(0.0) { $0 + Double(abs(values[$1] - values[j])) }
        if sum < distance {
          (medoid, members, distance) = (j, chosen.sorted(), sum)
        }
      }
    }
  }

  /// Values on a grid of eighths, so that sums are exact and ties are many.
  @Test func againstTheDefinition() {
    var draws = Draws(1)
    var ties = 0
    for _ in 0..<3000 {
      let count = 1 + draws.below(9)
      let values = (0..<count).map { _ in Float(draws.below(9)) / 8 }
      let share = Double(1 + draws.below(20)) / 20
      let m = max(1, Int((share * Double(count)).rounded(.up)))
      let selection = KrumSelection(values, share: share)
      let reference = Reference(values, m: m)
      #expect(selection.medoid == reference.medoid, "\(values) \(share)")
      #expect(selection.members == reference.members, "\(values) \(share)")
      #expect(Double(selection.distance) == reference.distance)
      let mean = reference.members.reduce(0.0) { $0 + Double(values[$1]) } / Double(m)
      #expect(abs(Double(selection.mean) - mean) < 1e-6)
      let spread = reference.members.map { abs(Double(values[$0]) - mean) }.max() ?? 0
      #expect(abs(Double(selection.spread) - spread) < 1e-6)
      if Set(values).count < count { ties += 1 }
    }
    #expect(ties > 1000)
  }

  @Test func memberCounts() {
    #expect(KrumSelection.memberCount(1, of: 7) == 7)
    #expect(KrumSelection.memberCount(0.5, of: 7) == 4)
    #expect(KrumSelection.memberCount(0.5, of: 8) == 4)
    #expect(KrumSelection.memberCount(0.01, of: 3) == 1)
    #expect(KrumSelection([0.25], share: 0.5).members == [0])
  }

  /// Of equally good ones the first: model a is the first, and its members are the first.
  @Test func ties() {
    let equal = KrumSelection([0.5, 0.5, 0.5, 0.5], share: 0.5)
    #expect(equal.medoid == 0 && equal.members == [0, 1])
    // 0.5 is as far from 0.25 as from 0.75.
    let between = KrumSelection([0.75, 0.5, 0.25], share: 0.6)
    #expect(between.medoid == 0 && between.members == [0, 1])
  }

  // MARK: Theorem 2

  /// h_min - f/m (h_max - h_min) ≤ h_a* ≤ h_max + f/m (h_max - h_min) under 2f < m < K, whatever f
  /// models say; and it needs the whole of the margin.
  @Test func theorem2() {
    var draws = Draws(2)
    var tightest: Float = 0
    var outside = 0
    for _ in 0..<6000 {
      let k = 2 + draws.below(9)
      let f = draws.below(5)
      guard 2 * f + 1 < k else { continue }
      let m = 2 * f + 1 + draws.below(k - 2 * f - 1)
      let values = HostileValues(honest: k, f: f, &draws)
      let n = k + f
      let selection = KrumSelection(values.all(&draws), share: (Double(m) - 0.5) / Double(n))
      #expect(selection.members.count == m)
      let margin = Float(f) / Float(m) * (values.highest - values.lowest)
      #expect(selection.mean >= values.lowest - margin - 1e-5, "\(values), m = \(m)")
      #expect(selection.mean <= values.highest + margin + 1e-5, "\(values), m = \(m)")
      let beyond = max(values.lowest - selection.mean, selection.mean - values.highest)
      if beyond > 1e-6 { outside += 1 }
      if margin > 0 { tightest = max(tightest, beyond / margin) }
    }
    // Hostile values do move the mean out of the honest ones' range.
    #expect(outside > 50)
    #expect(tightest <= 1.001)
  }

  /// Three honest models at each end, a hostile one almost as far again: all of the margin.
  @Test func theorem2IsTight() {
    let selection = KrumSelection([0, 0, 0, 0.5, 0.5, 0.5, 0.999], share: 3.5 / 7)
    #expect(selection.medoid == 3 && selection.members == [3, 4, 5, 6])
    let bound: Float = 0.5 + 1.0 / 4 * 0.5
    #expect(selection.mean < bound && selection.mean > bound - 0.001)
  }

  /// Where all models count (m = K + f), or hostile ones have the majority of m, the bound is broken.
  @Test func theorem2NeedsItsConditions() {
    let honest: [Float] = [0.9, 0.91, 0.92, 0.9]
    let all = KrumSelection(honest + [0, 0], share: 1)
    #expect(all.mean < 0.9 - 2.0 / 6 * 0.02)
    // f = m = 2: two that agree exactly are the closest of all.
    let few = KrumSelection(honest.dropLast() + [0, 0], share: 0.4)
    #expect(few.mean == 0)
  }

  /// Honest and hostile scores of one class.
  struct HostileValues {
    let honest: [Float]
    let hostile: [Float]
    var lowest: Float { honest.min() ?? 0 }
    var highest: Float { honest.max() ?? 0 }

    init(honest k: Int, f: Int, _ draws: inout Draws) {
      let isCoarse = draws.below(2) == 0
      let honest = (0..<k).map { _ in
        let draw = draws.unit()
        return isCoarse ? draw.rounded() : draw
      }
      self.honest = honest
      let low = honest.min() ?? 0
      let high = honest.max() ?? 0
      let manner = draws.below(4)
      let reach = draws.unit() * (high - low)
      hostile = (0..<f).map { _ in
        switch manner {
        case 0: low - reach
        case 1: high + reach
        case 2: high + draws.unit() * (high - low)
        default: 10 * draws.unit() - 5
        }
      }
    }

    func all(_ draws: inout Draws) -> [Float] {
      var values = honest + hostile
      for place in values.indices.dropLast() {
        values.swapAt(place, place + draws.below(values.count - place))
      }
      return values
    }
  }

  // MARK: Theorem 3

  /// The margin lies between the bounds of its two terms.
  @Test func theorem3() {
    var draws = Draws(3)
    var checked = 0
    for _ in 0..<3000 {
      let k = 4 + draws.below(6)
      let f = 1 + draws.below(2)
      guard 2 * f + 1 < k else { continue }
      let m = 2 * f + 1
      let right = HostileValues(honest: k, f: f, &draws)
      let wrong = HostileValues(honest: k, f: f, &draws)
      let n = k + f
      let rows = zip(right.all(&draws), wrong.all(&draws)).map { [Optional($0), Optional($1)] }
      let margin = SecureMargin(
        Samples.table(rows), image: 0, label: 0, wrongLabel: 1,
        share: (Double(m) - 0.5) / Double(n))
      let slack =
        Float(f) / Float(m)
        * (right.highest - right.lowest + wrong.highest - wrong.lowest) + 1e-5
      guard let value = margin?.value else {
        Issue.record("no margin")
        continue
      }
      #expect(value >= right.lowest - wrong.highest - slack)
      #expect(value <= right.highest - wrong.lowest + slack)
      checked += 1
    }
    #expect(checked > 1000)
  }
}
