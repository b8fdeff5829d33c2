import Consensus
import Cryptography

/// Reproducible choices of a test (SplitMix64).
struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  mutating func happens(_ oneIn: Int) -> Bool { below(oneIn) == 0 }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }

  mutating func elements(_ count: Int) -> [UInt32] {
    (0..<count).map { _ in UInt32.random(in: 0..<FieldElement.prime, using: &self) }
  }

  mutating func set(below bound: Int) -> MemberSet {
    MemberSet((0..<bound).filter { _ in happens(2) })
  }

  mutating func signature() -> Signature { Signature(bytes: bytes(Signature.byteCount)) }

  mutating func digest() -> Digest { Digest(bytes: bytes(Digest.byteCount)) }
}
