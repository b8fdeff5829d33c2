import Cryptography

/// What a member writes down of a run, so that it can be gone through again and checked by others.
public enum RunEntry: Sendable {
  /// A decision and its proof.
  case decided(Certificate)
  /// The end of the run and its proof.
  case finished(FinishCertificate)
  /// A sum that was taken.
  case sum(RoundSum)

  private enum Kind: UInt8 {
    case decided = 1
    case finished = 2
    case sum = 3
  }

  /// The entry in its binary layout.
  public var encoded: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .decided(let certificate):
      writer.byte(Kind.decided.rawValue)
      writer.raw(RoundMessage.certificate(certificate).encoded)
    case .finished(let certificate):
      writer.byte(Kind.finished.rawValue)
      writer.word(certificate.round)
      writer.raw(certificate.state.bytes)
      writer.signatures(certificate.signatures)
    case .sum(let sum):
      writer.byte(Kind.sum.rawValue)
      writer.word(sum.round)
      writer.byte(sum.wasCounted ? 1 : 0)
      writer.set(sum.contributors)
      writer.words(sum.elements)
    }
    return writer.bytes
  }

  /// Reads ``encoded``.
  ///
  /// - Throws: ``MessageError``.
  public init(decoding bytes: [UInt8]) throws(MessageError) {
    var reader = ByteReader(bytes)
    let number = try reader.byte()
    switch Kind(rawValue: number) {
    case .decided:
      guard
        case .certificate(let certificate) = try RoundMessage(
          decoding: try reader.raw(reader.remaining))
      else { throw .malformed("certificate") }
      self = .decided(certificate)
      return
    case .finished:
      let round = try reader.word()
      let state = try reader.digest()
      self = .finished(
        FinishCertificate(round: round, state: state, signatures: try reader.signatures()))
    case .sum:
      let round = try reader.word()
      let counted = try reader.byte()
      guard counted <= 1 else { throw .malformed("sum") }
      let contributors = try reader.set()
      self = .sum(
        RoundSum(
          round: round, contributors: contributors, elements: try reader.elements(),
          wasCounted: counted == 1))
    case nil: throw .unknownKind(number)
    }
    try reader.finish()
  }
}
