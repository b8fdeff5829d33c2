/// Graphs with a formula.
extension CommunicationGraph {
  /// Everybody talks to everybody. Quadratic in S, in memory too.
  public static func complete(participants: Int) -> CommunicationGraph {
    var channels: [(Int, Int)] = []
    for a in 0..<participants { for b in 0..<a { channels.append((a, b)) } }
    return CommunicationGraph(participants: participants, channels: channels)
  }

  /// Node i talks to i ± 1 mod S. Its spectral gap shrinks as 1/S².
  public static func ring(participants: Int) -> CommunicationGraph {
    CommunicationGraph(
      participants: participants,
      channels: (0..<participants).map { ($0, ($0 + 1) % participants) })
  }

  /// For a prime S: x talks to x ± 1 and to its inverse x⁻¹ mod S, an expander of degree three
  /// (Lubotzky, "Discrete Groups, Expanding Graphs and Invariant Measures", 1994; CollabDict 2024,
  /// Fig. 1). Zero and the numbers that are their own inverse have degree two.
  ///
  /// For any other S there are no inverses; a random regular graph with a checked spectral gap
  /// stands in, of degree 3, or of degree 4 if S is odd.
  ///
  /// - Parameter seed: draws the random graph; without effect for a prime S.
  /// - Throws: ``GraphError/noExpander(participants:degree:attempts:)``.
  public static func cycleWithInverseChords(
    participants: Int, seed: UInt64
  ) throws(GraphError) -> CommunicationGraph {
    guard isPrime(participants) else {
      // One node alone needs no channel; four are the smallest other case.
      if participants < 4 { return complete(participants: participants) }
      return try randomRegular(
        participants: participants, degree: participants % 2 == 0 ? 3 : 4, seed: seed)
    }
    var channels: [(Int, Int)] = []
    for x in 0..<participants {
      channels.append((x, (x + 1) % participants))
      if x > 0 { channels.append((x, inverse(of: x, modulo: participants))) }
    }
    return CommunicationGraph(participants: participants, channels: channels)
  }

  /// Nodes are binary numbers; those that differ in one digit talk to each other.
  ///
  /// - Throws: ``GraphError/notPowerOfTwo(_:)``.
  public static func hypercube(participants: Int) throws(GraphError) -> CommunicationGraph {
    guard participants > 0 && participants & (participants - 1) == 0 else {
      throw .notPowerOfTwo(participants)
    }
    var channels: [(Int, Int)] = []
    var digit = 1
    while digit < participants {
      for node in 0..<participants where node & digit == 0 { channels.append((node, node | digit)) }
      digit <<= 1
    }
    return CommunicationGraph(participants: participants, channels: channels)
  }

  /// The union over all steps of the one-peer exponential graph: i talks to i ± 2ᵏ mod S for
  /// every k < ⌈log₂ S⌉ (Ying et al., "Exponential graph is provably efficient for decentralized
  /// deep training", 2021). At step k only the channels of 2ᵏ are used: see
  /// ``ConsensusMethod/onePeerExponential`` and ``DisseminationSum``.
  public static func exponential(participants: Int) -> CommunicationGraph {
    var channels: [(Int, Int)] = []
    for step in 0..<binaryLogarithm(roundedUp: participants) {
      for node in 0..<participants {
        channels.append((node, (node + (1 << step)) % participants))
      }
    }
    return CommunicationGraph(participants: participants, channels: channels)
  }
}

/// ⌈log₂ n⌉ of a positive number.
func binaryLogarithm(roundedUp number: Int) -> Int {
  number <= 1 ? 0 : Int.bitWidth - (number - 1).leadingZeroBitCount
}

/// Trial division: the numbers of participants are small.
func isPrime(_ number: Int) -> Bool {
  if number < 2 { return false }
  var divisor = 2
  while divisor * divisor <= number {
    if number % divisor == 0 { return false }
    divisor += 1
  }
  return true
}

/// x⁻¹ mod p by Euclid's algorithm, for a prime p and 0 < x < p.
func inverse(of x: Int, modulo p: Int) -> Int {
  var (r, nextR) = (p, x)
  var (t, nextT) = (0, 1)
  while nextR != 0 {
    let quotient = r / nextR
    (r, nextR) = (nextR, r - quotient * nextR)
    (t, nextT) = (nextT, t - quotient * nextT)
  }
  return t < 0 ? t + p : t
}
