import Cryptography
import Testing

@testable import Ledger

@Suite struct SequenceMapTests {
  /// A key that begins with some bytes, and is otherwise made from a number.
  private func key(_ number: Int, behind prefix: [UInt8] = []) -> VerificationKey {
    VerificationKey(bytes: Array((prefix + Sample.digest(number).bytes).prefix(32)))
  }

  private func expectEqual(
    _ map: SequenceMap, _ model: [VerificationKey: UInt64], _ keys: [VerificationKey]
  ) {
    #expect(map.count == model.count)
    #expect(keys.allSatisfy { map[$0] == model[$0] ?? 0 })
  }

  /// Random changes of a few maps that are copied from one another now and then.
  @Test func mapsAreLikeDictionariesAndCopiesIndependent() {
    var random = TestRandom(seed: 1)
    let keys =
      (0..<500).map { key($0) }
      + (0..<200).map { key($0, behind: [UInt8](repeating: 0xAB, count: 1 + $0 % 30)) }
    var maps = (0..<4).map { _ in SequenceMap() }
    var models = (0..<4).map { _ in [VerificationKey: UInt64]() }
    for step in 0..<20_000 {
      let place = random.below(4)
      if random.below(100) == 0 {
        let other = random.below(4)
        (maps[place], models[place]) = (maps[other], models[other])
      }
      let (key, number) = (keys[random.below(keys.count)], random.next() % 5)
      maps[place][key] = number
      models[place][key] = number
      if step % 1000 == 999 {
        for place in 0..<4 { expectEqual(maps[place], models[place], keys) }
      }
    }
  }

  /// Keys that differ in one bit, wherever it is.
  @Test func keysThatBeginAlikeAreToldApart() {
    var map = SequenceMap()
    var model: [VerificationKey: UInt64] = [:]
    var keys = [VerificationKey(bytes: [UInt8](repeating: 7, count: 32))]
    for bit in (0..<256).reversed() {
      var bytes = keys[0].bytes
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      keys.append(VerificationKey(bytes: bytes))
    }
    for (place, key) in keys.enumerated() {
      #expect(map[key] == 0)
      map[key] = UInt64(place + 1)
      model[key] = UInt64(place + 1)
    }
    let before = map
    for key in keys { map[key] += 1000 }
    expectEqual(before, model, keys)
    expectEqual(map, model.mapValues { $0 + 1000 }, keys)
  }

  /// Each of many states differs from the last in one sender of many: they share the others. All
  /// senders for each would be gigabytes.
  @Test func manyStatesOfManySendersShareThem() {
    var map = SequenceMap()
    let keys = (0..<20_000).map { key($0) }
    for key in keys { map[key] = 1 }
    var states: [SequenceMap] = []
    for key in keys {
      map[key] = 2
      states.append(map)
    }
    #expect(states[0].count == 20_000 && states[19_999].count == 20_000)
    #expect(states[9_999][keys[9_999]] == 2 && states[9_999][keys[10_000]] == 1)
  }
}
