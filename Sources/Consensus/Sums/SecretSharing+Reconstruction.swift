import LinearAlgebra

extension SecretSharing {
  /// The secret from the shares, in any order, of t or more holders.
  ///
  /// The first t shares decide; each one more must agree with them.
  ///
  /// - Throws: ``SecretSharingError``.
  public func reconstruct(
    _ shares: [(holder: Int, share: [UInt32])]
  ) throws(SecretSharingError) -> [UInt32] {
    try check(shares)
    let deciding = shares[..<threshold]
    let vectors = deciding.map(\.share)
    let nodes = deciding.map { Self.node($0.holder) }
    var result = [UInt32](repeating: 0, count: vectors[0].count)
    for (holder, share) in shares[threshold...] {
      Self.interpolate(vectors, nodes, at: Self.node(holder), into: &result)
      guard result == share else { throw .contradiction(holder: holder) }
    }
    Self.interpolate(vectors, nodes, at: .zero, into: &result)
    return result
  }

  private static func node(_ holder: Int) -> FieldElement { FieldElement(holder + 1) }

  private static func interpolate(
    _ vectors: [[UInt32]], _ nodes: [FieldElement], at point: FieldElement,
    into result: inout [UInt32]
  ) {
    let coefficients = FieldElement.interpolation(at: point, from: nodes).map(\.value)
    var span = result.mutableSpan
    PrimeFieldVectors.combine(vectors, coefficients: coefficients.span, into: &span)
  }

  /// Shares come from others.
  private func check(
    _ shares: [(holder: Int, share: [UInt32])]
  ) throws(SecretSharingError) {
    guard shares.count >= threshold else {
      throw .tooFewShares(shares.count, threshold: threshold)
    }
    var seen = Set<Int>()
    let count = shares[0].share.count
    for (holder, share) in shares {
      guard (0..<holders).contains(holder) else {
        throw .unknownHolder(holder, holders: holders)
      }
      guard seen.insert(holder).inserted else { throw .repeatedHolder(holder) }
      guard share.count == count else {
        throw .length(share.count, expected: count, holder: holder)
      }
      if let index = PrimeFieldVectors.firstOther(in: share.span) {
        throw .notAnElement(holder: holder, index: index)
      }
    }
  }
}
