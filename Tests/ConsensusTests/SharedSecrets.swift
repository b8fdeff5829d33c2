import Consensus
import Cryptography

/// Fixed seeds, so that a test of chance has one outcome.
func testSeeds(_ count: Int, _ label: UInt8 = 1) -> [SymmetricKey] {
  (0..<count).map { k in
    SymmetricKey(bytes: (0..<32).map { UInt8($0) ^ label &* 37 ^ UInt8(k) &* 101 })
  }
}

/// Elements of the field, edges among them.
func testSecret(_ count: Int, _ seed: UInt64 = 1) -> [UInt32] {
  let edges: [UInt32] = [0, 1, FieldElement.prime - 1, FieldElement.prime - 2]
  var state = seed
  return (0..<count).map { i in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return i % 3 == 0
      ? edges[Int(state >> 33) % 4] : UInt32((state >> 20) % UInt64(FieldElement.prime))
  }
}

/// The subsets of so many of the numbers below `n`.
func subsets(of n: Int, size: Int) -> [[Int]] {
  if size == 0 { return [[]] }
  return (0..<n).flatMap { last in subsets(of: last, size: size - 1).map { $0 + [last] } }
}

extension SecretSharing {
  /// The shares of all holders.
  func allShares(_ secret: [UInt32], seeds: [SymmetricKey]) -> [[UInt32]] {
    seeds.map { Self.expand($0, count: secret.count) } + share(secret.span, seeds: seeds)
  }
}
