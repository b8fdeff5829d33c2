internal import CVectorMath

/// What a stream of random numbers is for: two purposes never share numbers.
public enum RandomPurpose: UInt32, Sendable {
  case initialisation = 1
  case minibatch = 2
  case latentNoise = 3
  case dropout = 4
  case validationNoise = 5
  case scoringNoise = 6
  case syntheticData = 7
  case resampling = 8
  case communicationGraph = 9
  case nodeLabels = 10
  case simulation = 11
  case augmentation = 12
  case calibration = 13
  case attack = 14
  case localTraining = 20
  case encounter = 21
}

/// Reproducible random numbers keyed by (seed, participant, round, purpose).
///
/// Counter-based: Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"
/// (2011). A number is a function of its key and its position, so the order in which participants
/// or threads ask cannot change it. Never a source of secrets: whoever knows the seed knows all.
public struct RandomStream: Sendable {
  private let stream: cvm_philox

  public init(seed: UInt64, participant: UInt32 = 0, round: UInt32 = 0, purpose: RandomPurpose) {
    stream = cvm_philox(
      key0: UInt32(truncatingIfNeeded: seed), key1: UInt32(truncatingIfNeeded: seed >> 32),
      stream0: participant, stream1: round, stream2: purpose.rawValue)
  }

  /// Fills with independent standard normal draws (Box and Muller).
  public func fillNormal(_ values: inout MutableSpan<Float>) {
    let n = values.count
    unsafe values.withUnsafeMutableBufferPointer {
      unsafe cvm_philox_normal(stream, $0.baseAddress, n)
    }
  }

  /// Fills with independent uniform draws in [0, 1), multiples of 2⁻²⁴.
  public func fillUniform(_ values: inout MutableSpan<Float>) {
    let n = values.count
    unsafe values.withUnsafeMutableBufferPointer {
      unsafe cvm_philox_uniform(stream, $0.baseAddress, n)
    }
  }

  /// Fills with independent uniform 32-bit words.
  public func fillBits(_ values: inout MutableSpan<UInt32>) {
    let n = values.count
    unsafe values.withUnsafeMutableBufferPointer {
      unsafe cvm_philox_bits(stream, $0.baseAddress, n)
    }
  }

  /// `count` standard normal draws.
  public func normal(_ count: Int) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    var span = values.mutableSpan
    fillNormal(&span)
    return values
  }

  /// `count` uniform draws in [0, 1).
  public func uniform(_ count: Int) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    var span = values.mutableSpan
    fillUniform(&span)
    return values
  }

  /// Shuffles in place: every order is equally likely to within 2⁻³² (Fisher and Yates).
  ///
  /// `scratch` keeps the random words, so that a warm call allocates nothing.
  public func shuffle(_ values: inout MutableSpan<Int32>, scratch: inout [UInt32]) {
    let count = values.count
    if count < 2 { return }
    if scratch.count < count {
      scratch.append(contentsOf: repeatElement(0, count: count - scratch.count))
    }
    var bits = scratch.mutableSpan
    fillBits(&bits)
    for i in stride(from: count - 1, to: 0, by: -1) {
      let j = Int((UInt64(bits[i]) &* UInt64(i + 1)) >> 32)
      values.swapAt(i, j)
    }
  }

  /// The numbers 0 ..< count in random order.
  public func permutation(_ count: Int) -> [Int32] {
    var order = (0..<Int32(count)).map { $0 }
    var scratch: [UInt32] = []
    var span = order.mutableSpan
    shuffle(&span, scratch: &scratch)
    return order
  }
}
