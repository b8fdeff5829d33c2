import Testing

@testable import Experiments

@Suite struct TicksTests {
  @Test func roundNumbers() {
    let unit = Ticks(in: 0...1, about: 5)
    #expect(unit.values == [0, 0.2, 0.4, 0.6, 0.8, 1])
    #expect(unit.labels == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(Ticks(in: 0...1, about: 4).values == [0, 0.25, 0.5, 0.75, 1])
    #expect(Ticks(in: 0...1, about: 4).labels == ["0.00", "0.25", "0.50", "0.75", "1.00"])
    #expect(Ticks(in: -3...17, about: 5).values == [0, 5, 10, 15])
    #expect(Ticks(in: -0.31...0.29, about: 6).values == [-0.3, -0.2, -0.1, 0, 0.1, 0.2])
    #expect(Ticks(in: -0.31...0.29, about: 6).labels.first == "−0.3")
    #expect(Ticks(in: 1200...9800, about: 4).labels == ["2500", "5000", "7500"])
    #expect(Ticks(in: 0...3e-5, about: 3).labels == ["0.00000", "0.00001", "0.00002", "0.00003"])
    #expect(Ticks(in: 4...4).values == [4])
  }

  /// Whatever the range: within it, evenly spaced by 1, 2, 2.5 or 5 times a power of ten, neither
  /// too few nor too many, and told apart by their labels.
  @Test func anyRange() {
    for power in -6...6 {
      var scale = 1.0
      for _ in 0..<abs(power) { scale *= power < 0 ? 0.1 : 10 }
      for k in 1...60 {
        let low = scale * (Double(k * 7919 % 100) - 50) / 10
        let high = low + scale * Double(k) / 7
        let ticks = Ticks(in: low...high, about: 5)
        #expect((2...6).contains(ticks.values.count), "\(low)...\(high): \(ticks.values)")
        for value in ticks.values {
          #expect(value >= low - 1e-9 * scale && value <= high + 1e-9 * scale)
        }
        #expect(Set(ticks.labels).count == ticks.values.count)
        let steps = zip(ticks.values, ticks.values.dropFirst()).map { $1 - $0 }
        guard let step = steps.first else { continue }
        for other in steps { #expect(abs(other - step) < 1e-6 * step) }
        var mantissa = step
        while mantissa >= 9.999 { mantissa /= 10 }
        while mantissa < 0.9999 { mantissa *= 10 }
        #expect([1, 2, 2.5, 5].contains { abs($0 - mantissa) < 1e-6 }, "\(step)")
      }
    }
  }
}
