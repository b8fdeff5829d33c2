import Consensus
import Cryptography
import GraphicalModels
import Ledger

/// What e_update made of a block (CollabDict 2018, Sec. IV-C): endorsers vote on its digest.
public struct Outcome: Sendable, Equatable {
  public enum Conclusion: UInt8, Sendable, Hashable {
    case goesOn, converged, failed
  }

  /// The height of the block that it is of.
  public var height: UInt64
  /// The hash of that block.
  public var block: Digest
  /// The digest of the outcome before; the job's hash for the first.
  public var previous: Digest
  /// SHA-256 of the dictionary with all that its learning goes on from.
  public var dictionary: Digest
  /// SHA-256 of what is held of every client, for rounds in which it is silent.
  public var holdings: Digest
  /// K of the dictionary.
  public var patterns: Int
  /// What clients do with their weights.
  public var step: MixtureLearning.Step
  public var conclusion: Conclusion
  /// Why the learning failed.
  public var reason: String

  var bytes: [UInt8] {
    var writer = LedgerWriter()
    write(to: &writer)
    return writer.bytes
  }

  /// What is signed.
  func statement(job: Digest) -> [UInt8] {
    var writer = LedgerWriter()
    writer.text("collabdict outcome 1")
    writer.digest(job)
    write(to: &writer)
    return writer.bytes
  }

  public var digest: Digest { SHA256.hash(bytes) }

  func write(to writer: inout LedgerWriter) {
    writer.long(height)
    for digest in [block, previous, dictionary, holdings] { writer.digest(digest) }
    writer.word(UInt32(patterns))
    writer.byte(conclusion.rawValue)
    writer.text(reason)
    let (kind, succession): (UInt8, PatternDictionary.Succession) =
      switch step {
      case .advance(let succession): (0, succession)
      case .attempt(let succession): (1, succession)
      case .retry(let succession): (2, succession)
      case .settle: (3, [])
      }
    writer.byte(kind)
    writer.word(UInt32(succession.count))
    // 0 for a pattern that was discarded.
    for place in succession { writer.word(UInt32(place.map { $0 + 1 } ?? 0)) }
  }

  init(_ reader: inout LedgerReader) throws(LedgerCodingError) {
    height = try reader.long()
    block = try reader.digest()
    previous = try reader.digest()
    dictionary = try reader.digest()
    holdings = try reader.digest()
    patterns = Int(try reader.word())
    guard let conclusion = Conclusion(rawValue: try reader.byte()) else {
      throw .malformed("conclusion")
    }
    self.conclusion = conclusion
    reason = try reader.text()
    let kind = try reader.byte()
    let count = try reader.count(of: "patterns", size: 4)
    var succession: PatternDictionary.Succession = []
    for _ in 0..<count {
      let place = Int(try reader.word())
      guard place <= count else { throw .malformed("succession") }
      succession.append(place == 0 ? nil : place - 1)
    }
    switch kind {
    case 0: step = .advance(succession)
    case 1: step = .attempt(succession)
    case 2: step = .retry(succession)
    case 3 where succession.isEmpty: step = .settle
    default: throw .malformed("step")
    }
  }

  init(
    height: UInt64, block: Digest, previous: Digest, dictionary: Digest, holdings: Digest,
    patterns: Int, step: MixtureLearning.Step, conclusion: Conclusion, reason: String
  ) {
    self.height = height
    self.block = block
    self.previous = previous
    self.dictionary = dictionary
    self.holdings = holdings
    self.patterns = patterns
    self.step = step
    self.conclusion = conclusion
    self.reason = reason
  }
}

/// An outcome on which a quorum of endorsers agree.
public struct EndorsedOutcome: Sendable, Equatable {
  public var outcome: Outcome
  /// Endorsers' signatures, ascending.
  public var votes: [MemberSignature]

  func isValid(_ job: OrderedJob, digest: Digest) -> Bool {
    job.endorsers.isReached(by: votes, of: outcome.statement(job: digest))
  }

  func write(to writer: inout LedgerWriter) {
    outcome.write(to: &writer)
    writer.signatures(votes)
  }
}

extension EndorsedOutcome {
  init(_ reader: inout LedgerReader) throws(LedgerCodingError) {
    outcome = try Outcome(&reader)
    votes = try reader.signatures()
  }
}
