import Cryptography
import GraphicalModels
import Ledger

/// What a client reports in one round: θ of CollabDict 2018, Eq. (15), with the attributes that the
/// orderers look at (Sec. IV-C), signed. The weights of Eq. (19) are the shares of the counts; those
/// that are written down are the ones under which the responsibilities were found.
public struct StatisticsTransaction: Sendable, Equatable {
  /// The hash of the job's first block.
  public var job: Digest
  public var client: Int
  /// The height of the block for which it is.
  public var round: UInt64
  /// Milliseconds on the client's clock.
  public var time: UInt64
  /// The outcome whose dictionary the statistics are under; the job's hash in the first round.
  public var basis: Digest
  /// πₖˢ of the responsibilities, `[K]`.
  public var weights: [Double]
  public var statistics: PatternStatistics
  public var signature: Signature

  init(
    job: Digest, client: Int, round: UInt64, time: UInt64, basis: Digest, weights: [Double],
    statistics: PatternStatistics, key: SigningKey
  ) {
    self.job = job
    self.client = client
    self.round = round
    self.time = time
    self.basis = basis
    self.weights = weights
    self.statistics = statistics
    signature = Signature(bytes: [UInt8](repeating: 0, count: Signature.byteCount))
    signature = key.signature(for: statement)
  }

  /// Dates and signs it anew.
  mutating func stamp(_ time: UInt64, key: SigningKey) {
    self.time = time
    signature = key.signature(for: statement)
  }

  /// The bytes that the client signs.
  var statement: [UInt8] {
    var writer = LedgerWriter()
    writer.text("collabdict transaction 1")
    writeBody(to: &writer)
    return writer.bytes
  }

  private func writeBody(to writer: inout LedgerWriter) {
    writer.digest(job)
    writer.member(client)
    writer.long(round)
    writer.long(time)
    writer.digest(basis)
    writer.numbers(weights)
    writer.statistics(statistics)
  }

  func write(to writer: inout LedgerWriter) {
    writeBody(to: &writer)
    writer.raw(signature.bytes)
  }

  init(_ reader: inout LedgerReader) throws(LedgerCodingError) {
    job = try reader.digest()
    client = try reader.member()
    round = try reader.long()
    time = try reader.long()
    basis = try reader.digest()
    weights = try reader.numbers()
    statistics = try reader.statistics()
    signature = try reader.signature()
  }
}

/// Why a transaction is refused.
public enum TransactionError: Error, Hashable, Sendable, CustomStringConvertible {
  case unknownClient(Int)
  case otherJob
  case wrongRound(UInt64, expected: UInt64)
  case otherDictionary
  case outOfTime
  case wrongShape(patterns: Int, variables: Int)
  case notFinite
  case impossible
  case badSignature

  public var description: String {
    switch self {
    case .unknownClient(let client): "client \(client) is not of this job"
    case .otherJob: "it is of another job"
    case .wrongRound(let round, let expected): "it is for round \(round), and this is \(expected)"
    case .otherDictionary: "its statistics are under another dictionary"
    case .outOfTime: "its time stamp is too far from the block's"
    case .wrongShape(let patterns, let variables):
      "it has statistics of \(patterns) patterns and \(variables) variables"
    case .notFinite: "its statistics are not finite"
    case .impossible: "no rows have such statistics"
    case .badSignature: "its signature is not the client's"
    }
  }
}

extension StatisticsTransaction {
  /// Whether any rows can have such statistics, as far as single numbers show it.
  var plausibility: TransactionError? {
    let numbers = statistics.flattened
    guard numbers.allSatisfy(\.isFinite), statistics.logLikelihood.isFinite,
      weights.allSatisfy(\.isFinite)
    else { return .notFinite }
    let width = PatternStatistics.width(variables: statistics.variables)
    for k in 0..<statistics.patterns {
      let rows = numbers[k * width]
      guard rows >= 0, weights.isEmpty || weights[k] > 0 || (rows == 0 && weights[k] == 0) else {
        return .impossible
      }
      // The places of the diagonal in the lower triangle.
      var place = k * width + statistics.variables + 1
      for i in 0..<statistics.variables {
        if numbers[place] < 0 { return .impossible }
        place += i + 2
      }
    }
    return nil
  }
}

extension LedgerWriter {
  mutating func statistics(_ statistics: PatternStatistics) {
    word(UInt32(statistics.variables))
    number(statistics.logLikelihood)
    numbers(statistics.flattened)
  }
}

extension LedgerReader {
  mutating func statistics() throws(LedgerCodingError) -> PatternStatistics {
    let variables = Int(try word())
    let logLikelihood = try number()
    let numbers = try numbers()
    guard (1...4096).contains(variables), !numbers.isEmpty,
      numbers.count % PatternStatistics.width(variables: variables) == 0
    else { throw .malformed("number of statistics") }
    var statistics = PatternStatistics(flattened: numbers, variables: variables)
    statistics.logLikelihood = logLikelihood
    return statistics
  }
}
