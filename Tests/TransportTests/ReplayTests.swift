import Testing

@testable import Transport

@Suite struct ReplayTests {
  /// What a window should do, remembering everything.
  struct Model {
    var seen: Set<UInt64> = []
    var highest: UInt64 = 0

    mutating func insert(_ number: UInt64) -> Freshness {
      if number == 0 || highest >= 1024 && number <= highest - 1024 { return .tooOld }
      if !seen.insert(number).inserted { return .duplicate }
      highest = max(highest, number)
      return .fresh
    }
  }

  @Test(arguments: 0..<20) func aWindowDoesWhatTheModelDoes(seed: Int) {
    var generator = Generator(state: UInt64(seed))
    var window = ReplayWindow()
    var model = Model()
    var centre: UInt64 = 1
    for _ in 0..<20_000 {
      switch generator.next() % 1000 {
      case 0: centre += generator.next() % 5000
      case 1: centre += 1024 - centre % 1024
      default: centre += generator.next() % 3
      }
      let back = generator.next() % (generator.next() % 4 == 0 ? 1100 : 40)
      let number = back > centre ? 0 : centre - back
      let asked = window.freshness(of: number)
      let expected = model.insert(number)
      #expect(asked == expected)
      #expect(window.insert(number) == expected)
      #expect(window.highest == model.highest)
    }
  }

  @Test func theEdgesOfAWindow() {
    var window = ReplayWindow()
    #expect(window.insert(0) == .tooOld)
    #expect(window.insert(1024) == .fresh)
    #expect(window.insert(1) == .fresh)
    #expect(window.insert(1) == .duplicate)
    #expect(window.insert(1025) == .fresh)
    #expect(window.insert(1) == .tooOld)
    #expect(window.insert(2) == .fresh)
    #expect(window.insert(.max) == .fresh)
    #expect(window.insert(.max) == .duplicate)
    #expect(window.insert(.max - 1023) == .fresh)
    #expect(window.insert(.max - 1024) == .tooOld)
    #expect(window.insert(1025) == .tooOld)
  }

  @Test func restartsAreTakenAndOldOnesRefused() {
    var memory = ReplayMemory()
    for incarnation in UInt64(1)...8 {
      #expect(memory.insert(1, incarnation: incarnation) == .fresh)
    }
    #expect(memory.insert(2, incarnation: 1) == .fresh)
    #expect(memory.insert(1, incarnation: 9) == .fresh)
    // The first is gone, and neither its numbers nor new ones come back.
    #expect(memory.insert(1, incarnation: 1) == .tooOld)
    #expect(memory.insert(3, incarnation: 1) == .tooOld)
    #expect(memory.insert(2, incarnation: 2) == .fresh)
    for incarnation in UInt64(10)...4000 {
      #expect(memory.insert(1, incarnation: incarnation) == .fresh)
    }
    for incarnation in UInt64(1)...3992 {
      #expect(memory.freshness(of: 5, incarnation: incarnation) == .tooOld)
    }
    #expect(memory.freshness(of: 5, incarnation: 3993) == .fresh)
  }

  @Test func whatIsRememberedOfRestartsIsBounded() {
    var memory = ReplayMemory()
    let count = UInt64(3 * ReplayMemory.retiredIncarnations)
    for incarnation in 1...count { memory.insert(1, incarnation: incarnation) }
    let known = (1...count).count { memory.freshness(of: 1, incarnation: $0) != .fresh }
    #expect(known == ReplayMemory.incarnations + ReplayMemory.retiredIncarnations)
  }
}

/// Splitmix64: reproducible test data.
struct Generator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
