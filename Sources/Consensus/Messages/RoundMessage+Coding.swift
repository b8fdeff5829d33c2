import Cryptography

extension RoundMessage {
  /// One byte, at the start of a message.
  private enum Kind: UInt8 {
    case hello = 1
    case running, deal, acknowledgement, vote, lock, certificate, reveal, slice, ask, offer
    case stateRequest, state, finish
  }

  /// The message in its binary layout.
  public var encoded: [UInt8] {
    var writer = ByteWriter(reserving: encodedByteCountBound)
    switch self {
    case .hello(let hello):
      writer.byte(Kind.hello.rawValue)
      writer.word(hello.epoch)
      writer.word(hello.round)
      writer.raw(hello.state.bytes)
      writer.set(hello.open)
    case .running(let slot):
      writer.byte(Kind.running.rawValue)
      writer.slot(slot)
    case .deal(let slot, let deal):
      writer.byte(Kind.deal.rawValue)
      writer.slot(slot)
      writer.raw(deal.seed)
      writer.words(deal.shares)
    case .acknowledgement(let slot, let returning):
      writer.byte(Kind.acknowledgement.rawValue)
      writer.slot(slot)
      writer.set(returning)
    case .vote(let slot, let ballot, let proposal, let report):
      writer.byte(Kind.vote.rawValue)
      writer.slot(slot)
      writer.word(ballot)
      writer.decision(proposal)
      writer.set(report)
    case .lock(let slot, let ballot, let decision, let signature, let report):
      writer.byte(Kind.lock.rawValue)
      writer.slot(slot)
      writer.word(ballot)
      writer.decision(decision)
      writer.raw(signature.bytes)
      writer.set(report)
    case .certificate(let certificate):
      writer.byte(Kind.certificate.rawValue)
      writer.slot(certificate.slot)
      writer.word(certificate.ballot)
      writer.decision(certificate.decision)
      writer.signatures(certificate.signatures)
    case .reveal(let slot, let slice, let holder, let share):
      writer.byte(Kind.reveal.rawValue)
      writer.slot(slot)
      writer.word(slice)
      writer.word(holder)
      writer.words(share)
    case .slice(let slot, let slice, let elements):
      writer.byte(Kind.slice.rawValue)
      writer.slot(slot)
      writer.word(slice)
      writer.words(elements)
    case .ask(let slot, let slices):
      writer.byte(Kind.ask.rawValue)
      writer.slot(slot)
      writer.set(slices)
    case .offer(let offer):
      writer.byte(Kind.offer.rawValue)
      writer.slot(offer.slot)
      writer.raw(offer.state.bytes)
      writer.byte(offer.wasCounted ? 1 : 0)
      writer.byte(offer.isUndone ? 1 : 0)
      writer.byte(offer.isFinished ? 1 : 0)
    case .stateRequest(let slot):
      writer.byte(Kind.stateRequest.rawValue)
      writer.slot(slot)
    case .state(let slot, let bytes):
      writer.byte(Kind.state.rawValue)
      writer.slot(slot)
      writer.word(UInt32(bytes.count))
      writer.raw(bytes)
    case .finish(let finish):
      writer.byte(Kind.finish.rawValue)
      writer.word(finish.round)
      writer.raw(finish.state.bytes)
      writer.raw(finish.signature.bytes)
      writer.byte(finish.isCertified ? 1 : 0)
      writer.byte(finish.knowsReceiver ? 1 : 0)
    }
    return writer.bytes
  }

  /// Enough bytes for the message, so that writing it takes memory once.
  private var encodedByteCountBound: Int {
    switch self {
    case .deal(_, let deal): 64 + 4 * deal.shares.count
    case .reveal(_, _, _, let elements), .slice(_, _, let elements): 32 + 4 * elements.count
    case .state(_, let bytes): 32 + bytes.count
    case .certificate(let certificate): 256 + 68 * certificate.signatures.count
    default: 256
    }
  }

  /// Reads a message.
  ///
  /// - Throws: ``MessageError`` for any bytes that ``encoded`` does not produce.
  public init(decoding bytes: [UInt8]) throws(MessageError) {
    var reader = ByteReader(bytes)
    let number = try reader.byte()
    guard let kind = Kind(rawValue: number) else { throw .unknownKind(number) }
    switch kind {
    case .hello:
      let epoch = try reader.word()
      let round = try reader.word()
      let state = try reader.digest()
      self = .hello(Hello(epoch: epoch, round: round, state: state, open: try reader.set()))
    case .running: self = .running(try reader.slot())
    case .deal:
      let slot = try reader.slot()
      let seed = try reader.raw(SymmetricKey.byteCount)
      self = .deal(slot, Deal(seed: seed, shares: try reader.elements()))
    case .acknowledgement:
      let slot = try reader.slot()
      self = .acknowledgement(slot, returning: try reader.set())
    case .vote:
      let slot = try reader.slot()
      let ballot = try reader.word()
      guard let proposal = try reader.decision() else { throw .malformed("vote") }
      self = .vote(slot, ballot: ballot, proposal: proposal, report: try reader.set())
    case .lock:
      let slot = try reader.slot()
      let ballot = try reader.word()
      let decision = try reader.decision()
      let signature = try reader.signature()
      self = .lock(
        slot, ballot: ballot, decision: decision, signature: signature, report: try reader.set())
    case .certificate:
      let slot = try reader.slot()
      let ballot = try reader.word()
      guard let decision = try reader.decision() else { throw .malformed("certificate") }
      self = .certificate(
        Certificate(
          slot: slot, ballot: ballot, decision: decision, signatures: try reader.signatures()))
    case .reveal:
      let slot = try reader.slot()
      let slice = try reader.word()
      let holder = try reader.word()
      self = .reveal(slot, slice: slice, holder: holder, share: try reader.elements())
    case .slice:
      let slot = try reader.slot()
      let slice = try reader.word()
      self = .slice(slot, slice: slice, elements: try reader.elements())
    case .ask:
      let slot = try reader.slot()
      self = .ask(slot, slices: try reader.set())
    case .offer:
      let slot = try reader.slot()
      let state = try reader.digest()
      let counted = try reader.byte()
      let undone = try reader.byte()
      let finished = try reader.byte()
      guard counted <= 1, undone <= 1, finished <= 1 else { throw .malformed("offer") }
      self = .offer(
        Offer(
          slot: slot, state: state, wasCounted: counted == 1, isUndone: undone == 1,
          isFinished: finished == 1))
    case .stateRequest: self = .stateRequest(try reader.slot())
    case .state:
      let slot = try reader.slot()
      let count = Int(try reader.word())
      self = .state(slot, bytes: try reader.raw(count))
    case .finish:
      let round = try reader.word()
      let state = try reader.digest()
      let signature = try reader.signature()
      let certified = try reader.byte()
      let knows = try reader.byte()
      guard certified <= 1, knows <= 1 else { throw .malformed("finish") }
      self = .finish(
        Finish(
          round: round, state: state, signature: signature, isCertified: certified == 1,
          knowsReceiver: knows == 1))
    }
    try reader.finish()
  }
}
