import Cryptography

// Compiled together with the decoders' own files by `run`. What must hold of any bytes: nothing
// traps, what decodes encodes to the same bytes again, and those decode to an equal value. Kinds of
// the run's record are asked with the same bytes.

@MainActor func check(_ bytes: [UInt8]) {
  if let message = try? RoundMessage(decoding: bytes) {
    precondition(message.encoded == bytes, "decoding and encoding a message gives other bytes")
    let again = try? RoundMessage(decoding: message.encoded)
    precondition(again == message, "encoding and decoding gives another message")
  }
  if let entry = try? RunEntry(decoding: bytes) {
    precondition(entry.encoded == bytes, "decoding and encoding an entry gives other bytes")
  }
}

/// Valid messages and entries to start from.
@MainActor func seeds() -> [[UInt8]] { messages().map(\.encoded) + entries().map(\.encoded) }

private let slot = Slot(epoch: 1, round: 2, attempt: 3)
private let digest = Digest(bytes: [UInt8](repeating: 5, count: Digest.byteCount))
private let signature = Signature(bytes: [UInt8](repeating: 6, count: Signature.byteCount))
private let some = MemberSet([0, 2, 70])
private let decision = Decision(contributors: some, next: MemberSet([1]), nextRound: 3)

private var certificate: Certificate {
  Certificate(
    slot: slot, ballot: 1, decision: decision,
    signatures: [0, 2].map { MemberSignature(member: $0, signature: signature) })
}

private func messages() -> [RoundMessage] {
  [
    .hello(.init(epoch: 1, round: 2, state: digest, open: some)),
    .running(slot),
    .deal(slot, .init(seed: [UInt8](repeating: 7, count: 32), shares: [1, 2, 3])),
    .acknowledgement(slot, returning: some),
    .vote(slot, ballot: 1, proposal: decision, report: some),
    .lock(slot, ballot: 0, decision: nil, signature: signature, report: some),
    .lock(slot, ballot: 0, decision: decision, signature: signature, report: MemberSet()),
    .certificate(certificate),
    .vote(
      slot, ballot: 1,
      proposal: Decision(
        contributors: MemberSet(), next: some, nextRound: 3, givesUp: true), report: some),
    .reveal(slot, slice: 1, holder: 2, share: [4, 5]),
    .slice(slot, slice: 1, elements: [6]),
    .ask(slot, slices: some),
    .offer(.init(slot: slot, state: digest, wasCounted: true, isUndone: false, isFinished: false)),
    .stateRequest(slot),
    .state(slot, bytes: [1, 2, 3]),
    .finish(
      .init(
        round: 9, state: digest, signature: signature, isCertified: true, knowsReceiver: false)),
  ]
}

private func entries() -> [RunEntry] {
  [
    .decided(certificate),
    .finished(
      FinishCertificate(round: 9, state: digest, signatures: certificate.signatures)),
    .sum(RoundSum(round: 2, contributors: some, elements: [1, 2], wasCounted: true)),
  ]
}
