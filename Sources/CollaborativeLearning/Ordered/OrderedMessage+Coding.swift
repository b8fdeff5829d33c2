import Consensus
import Cryptography
import Ledger

// The canonical bytes of messages.

extension OrderedMessage {
  public var encoded: [UInt8] {
    var writer = LedgerWriter()
    switch self {
    case .transaction(let transaction):
      writer.byte(1)
      transaction.write(to: &writer)
    case .proposal(let proposal):
      writer.byte(2)
      writer.word(proposal.view)
      writer.block(proposal.block)
      writer.word(UInt32(proposal.changes.count))
      for change in proposal.changes { writer.change(change) }
      writer.member(proposal.orderer)
      writer.raw(proposal.signature.bytes)
    case .prepare(let vote):
      writer.byte(3)
      writer.vote(vote)
    case .commit(let vote):
      writer.byte(4)
      writer.vote(vote)
    case .change(let change):
      writer.byte(5)
      writer.change(change)
    case .block(let block):
      writer.byte(6)
      writer.block(block)
    case .vote(let vote):
      writer.byte(7)
      vote.outcome.write(to: &writer)
      writer.member(vote.endorser)
      writer.raw(vote.signature.bytes)
    case .update(let update):
      writer.byte(8)
      writer.word(UInt32(update.before.count))
      for outcome in update.before { outcome.write(to: &writer) }
      update.latest.write(to: &writer)
      writer.numbers(update.numbers)
    case .request(let height):
      writer.byte(9)
      writer.long(height)
    }
    return writer.bytes
  }

  /// - Throws: `LedgerCodingError`.
  public init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    switch try reader.byte() {
    case 1: self = .transaction(try StatisticsTransaction(&reader))
    case 2:
      let view = try reader.word()
      let block = try reader.block()
      let count = try reader.count(of: "view changes", size: 80)
      var changes: [ViewChange] = []
      for _ in 0..<count { changes.append(try reader.change()) }
      let orderer = try reader.member()
      self = .proposal(
        BlockProposal(
          view: view, block: block, changes: changes, orderer: orderer,
          signature: try reader.signature()))
    case 3: self = .prepare(try reader.vote())
    case 4: self = .commit(try reader.vote())
    case 5: self = .change(try reader.change())
    case 6: self = .block(try reader.block())
    case 7:
      let outcome = try Outcome(&reader)
      let endorser = try reader.member()
      self = .vote(
        OutcomeVote(outcome: outcome, endorser: endorser, signature: try reader.signature()))
    case 8:
      let count = try reader.count(of: "outcomes", size: 150)
      var before: [Outcome] = []
      for _ in 0..<count { before.append(try Outcome(&reader)) }
      let latest = try EndorsedOutcome(&reader)
      self = .update(
        DictionaryUpdate(before: before, latest: latest, numbers: try reader.numbers()))
    case 9: self = .request(try reader.long())
    default: throw .malformed("kind of message")
    }
    try reader.finish()
  }
}

extension LedgerWriter {
  mutating func vote(_ vote: BlockVote) {
    long(vote.height)
    word(vote.view)
    digest(vote.block)
    member(vote.orderer)
    raw(vote.signature.bytes)
  }

  mutating func proof(_ proof: PreparedProof?) {
    flag(proof != nil)
    guard let proof else { return }
    word(proof.view)
    digest(proof.block)
    signatures(proof.votes)
  }

  mutating func optional(_ block: Block?) {
    flag(block != nil)
    if let block { self.block(block) }
  }

  mutating func change(_ change: ViewChange) {
    long(change.height)
    word(change.view)
    proof(change.proof)
    optional(change.block)
    member(change.orderer)
    raw(change.signature.bytes)
  }
}

extension LedgerReader {
  mutating func vote() throws(LedgerCodingError) -> BlockVote {
    let height = try long()
    let view = try word()
    let block = try digest()
    let orderer = try member()
    return BlockVote(
      height: height, view: view, block: block, orderer: orderer, signature: try signature())
  }

  mutating func proof() throws(LedgerCodingError) -> PreparedProof? {
    guard try flag() else { return nil }
    let view = try word()
    let block = try digest()
    return PreparedProof(view: view, block: block, votes: try signatures())
  }

  mutating func optionalBlock() throws(LedgerCodingError) -> Block? {
    try flag() ? try block() : nil
  }

  mutating func change() throws(LedgerCodingError) -> ViewChange {
    let height = try long()
    let view = try word()
    let proof = try proof()
    let block = try optionalBlock()
    let orderer = try member()
    return ViewChange(
      height: height, view: view, proof: proof, block: block, orderer: orderer,
      signature: try signature())
  }
}

extension BlockAgreement.Pledge {
  /// The bytes that an orderer keeps.
  var encoded: [UInt8] {
    var writer = LedgerWriter()
    writer.long(height)
    writer.word(view)
    for vote in [prepare, commit] {
      writer.flag(vote != nil)
      if let vote { writer.digest(vote) }
    }
    writer.proof(proof)
    writer.optional(block)
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    self.init(height: try reader.long())
    view = try reader.word()
    prepare = try reader.flag() ? try reader.digest() : nil
    commit = try reader.flag() ? try reader.digest() : nil
    proof = try reader.proof()
    block = try reader.optionalBlock()
    try reader.finish()
  }
}
