import Consensus
import Cryptography
import Ledger

/// What orderers say to one another about one height. Every statement is signed, names the job, and
/// starts with words of its own.
enum OrderingStatement {
  static func bytes(
    _ kind: String, job: Digest, height: UInt64, view: UInt32, block: Digest?
  ) -> [UInt8] {
    var writer = LedgerWriter()
    writer.text("collabdict \(kind) 1")
    writer.digest(job)
    writer.long(height)
    writer.word(view)
    writer.flag(block != nil)
    if let block { writer.digest(block) }
    return writer.bytes
  }

  /// - Parameter proof: what the orderer has prepared.
  static func change(
    job: Digest, height: UInt64, view: UInt32, proof: PreparedProof?
  ) -> [UInt8] {
    var writer = LedgerWriter()
    writer.text("collabdict view change 1")
    writer.digest(job)
    writer.long(height)
    writer.word(view)
    writer.flag(proof != nil)
    if let proof {
      writer.word(proof.view)
      writer.digest(proof.block)
    }
    return writer.bytes
  }
}

/// A vote for a block in one view.
public struct BlockVote: Sendable, Equatable {
  public var height: UInt64
  public var view: UInt32
  public var block: Digest
  public var orderer: Int
  public var signature: Signature
}

/// Proof that a quorum of orderers prepared a block in a view.
public struct PreparedProof: Sendable, Equatable {
  public var view: UInt32
  public var block: Digest
  public var votes: [MemberSignature]

  func isValid(_ orderers: Quorum, job: Digest, height: UInt64) -> Bool {
    orderers.isReached(
      by: votes,
      of: OrderingStatement.bytes("prepare", job: job, height: height, view: view, block: block))
  }
}

/// An orderer's wish to go on to a view, with what it has prepared in the views before.
public struct ViewChange: Sendable, Equatable {
  public var height: UInt64
  public var view: UInt32
  public var proof: PreparedProof?
  /// The block of the proof, for those who do not have it; not under the signature.
  public var block: Block?
  public var orderer: Int
  public var signature: Signature

  func isValid(_ orderers: Quorum, job: Digest) -> Bool {
    if let proof {
      guard proof.view < view, proof.isValid(orderers, job: job, height: height) else {
        return false
      }
    }
    return orderers.isValid(
      signature, by: orderer,
      of: OrderingStatement.change(job: job, height: height, view: view, proof: proof))
  }
}

/// A block proposed by the orderer whose turn it is, with a quorum's reasons why it may be that one.
public struct BlockProposal: Sendable, Equatable {
  public var view: UInt32
  public var block: Block
  /// Empty in view 0.
  public var changes: [ViewChange]
  public var orderer: Int
  public var signature: Signature
}

/// The seal of a locked block: a quorum of orderers committed it in one view.
struct BlockSeal: Sendable, Equatable {
  var view: UInt32
  var votes: [MemberSignature]

  var encoded: [UInt8] {
    var writer = LedgerWriter()
    writer.word(view)
    writer.signatures(votes)
    return writer.bytes
  }

  init(view: UInt32, votes: [MemberSignature]) {
    self.view = view
    self.votes = votes
  }

  init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    view = try reader.word()
    votes = try reader.signatures()
    try reader.finish()
  }

  func isValid(_ block: Block, _ orderers: Quorum, job: Digest) -> Bool {
    orderers.isReached(
      by: votes,
      of: OrderingStatement.bytes(
        "commit", job: job, height: block.height, view: view, block: block.hash))
  }
}

extension OrderedChain {
  /// Checks a block with its seal, and goes on to it.
  ///
  /// - Throws: ``OrderedBlockError``.
  mutating func take(_ block: Block) throws(OrderedBlockError) -> RoundPayload {
    let payload = try payload(of: block)
    guard let seal = try? BlockSeal(decoding: block.seal),
      seal.isValid(block, job.orderers, job: digest)
    else {
      throw OrderedBlockError(block.height, "its seal is not that of a quorum of orderers")
    }
    advance(to: block, payload)
    return payload
  }
}
