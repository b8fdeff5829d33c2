/// What a caller asks of a ``SharingContract``.
public enum SharingCall<Sample: Hashable & Sendable, Label: Hashable & Sendable>: Sendable, Hashable
{
  /// Adds a sample. The deposit must be in the caller's balance and cover the cost.
  case add(Sample, Label, deposit: TokenAmount)
  /// Asks for the deposit of one's own sample, which the model now gets right.
  case refund(UInt64)
  /// Reports somebody else's sample, which the model now gets wrong.
  case report(UInt64)
  /// Takes what is left of a sample after t_any.
  case takeRest(UInt64)
}

/// What has happened in a ``SharingContract``. Samples have numbers from 0 on.
public enum SharingEvent: Sendable, Hashable {
  case added(UInt64, sender: AccountAddress, cost: TokenAmount, locked: TokenAmount)
  case refunded(UInt64, sender: AccountAddress, amount: TokenAmount)
  case reported(UInt64, reporter: AccountAddress, amount: TokenAmount)
  case restTaken(UInt64, taker: AccountAddress, amount: TokenAmount)
}

/// Why a ``SharingContract`` does not do what a call asks for. Nothing has changed then.
public enum SharingRefusal: Error, Hashable, CustomStringConvertible {
  case depositTooSmall(deposit: TokenAmount, cost: TokenAmount)
  case tokens(TokenError)
  /// The same sample with the same label was accepted before.
  case knownData
  /// Nothing that the model can learn from; why, in words.
  case unsuitable(String)
  case tooMuchBadData(SharingRecord, goodPerBad: UInt64)
  case storageFull(bytes: UInt64, limit: UInt64)
  /// A number that was never given, or a sample of which nothing is left.
  case noSuchSample(UInt64)
  case tooEarly(UInt64, from: UInt64)
  case notItsSender(UInt64)
  /// Nobody reports its own sample.
  case itsSender(UInt64)
  case modelDisagrees(UInt64)
  case modelAgrees(UInt64)
  case noVerifiedSample
  case reportedBefore(UInt64)
  /// A share that is less than one unit.
  case nothingToGain(UInt64)

  public var description: String {
    switch self {
    case .depositTooSmall(let deposit, let cost):
      "a deposit of \(deposit) does not cover the cost of \(cost); offer more, or wait"
    case .tokens(let error): "\(error)"
    case .knownData: "the same data with the same label is there already; add other data"
    case .unsuitable(let problem): "\(problem); send what the model of the first block takes"
    case .tooMuchBadData(let record, let least):
      "of the sender's samples \(record.good) were verified good and \(record.bad) bad, and "
        + "\(least) good ones are asked for each bad one; wait for refunds"
    case .storageFull(let bytes, let limit):
      "a sample of \(bytes) bytes does not fit into the storage of \(limit); wait until others are "
        + "settled"
    case .noSuchSample(let number):
      "there is no sample \(number), or it is settled; look at the events"
    case .tooEarly(let number, let time):
      "that can be asked of sample \(number) from \(time) milliseconds since 1970 on; wait"
    case .notItsSender(let number): "sample \(number) is somebody else's; its sender can ask for it"
    case .itsSender(let number):
      "sample \(number) is the caller's own; only others can report it"
    case .modelDisagrees(let number):
      "the model gives sample \(number) another label; wait until it agrees"
    case .modelAgrees(let number):
      "the model gives sample \(number) the same label; only what it gets wrong can be reported"
    case .noVerifiedSample:
      "the caller has no verified good sample; get a refund before reporting others"
    case .reportedBefore(let number): "the caller has reported sample \(number) before"
    case .nothingToGain(let number):
      "the caller's share of sample \(number) is less than one unit; get more samples verified"
    }
  }
}
