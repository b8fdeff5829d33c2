/// A contract that takes data with a deposit and keeps a model of them: good data earn their deposit
/// back, bad data lose it to those who sent good ones (Harris and Waggoner 2019, Sec. IV; Ding and Hu
/// 2022, Sec. III).
///
/// What it cannot tell: whether two addresses belong to one person. Whoever has good samples verified
/// can get a share of its own bad ones back, in proportion to its good ones.
public struct SharingContract<Model: UpdatableModel>: Contract {
  public typealias Call = SharingCall<Model.Sample, Model.Label>
  public typealias Event = SharingEvent
  public typealias Refusal = SharingRefusal

  public let rules: SharingRules
  /// The number of the first sample's escrow; the others' follow.
  public let firstEscrow: UInt64
  public var model: Model { current }
  @usableFromInline var current: Model
  /// Samples that were added.
  public private(set) var sampleCount: UInt64 = 0
  /// When the last was added, milliseconds since 1970.
  public private(set) var lastTime: UInt64
  /// Verified good samples of all senders.
  public private(set) var goodCount: UInt64 = 0
  /// What the data of unsettled samples take.
  public private(set) var storedBytes: UInt64 = 0
  private var records: [AccountAddress: SharingRecord] = [:]
  private var known = KnownSamples<Datum>()
  /// Deposits of unsettled samples, from the number `firstKept` on; `nil` where one is settled.
  private var deposits: [SharingDeposit?] = []
  /// Their data, until they are settled: in the same places.
  private var data: [Datum?] = []
  private var firstKept: UInt64 = 0
  /// How many of the first places are settled.
  private var settledAtFront = 0

  private struct Datum: Hashable, Sendable {
    let sample: Model.Sample
    let label: Model.Label
  }

  /// - Parameters:
  ///   - model: as it was trained before.
  ///   - time: of the start, milliseconds since 1970, from which the first sample's Δt counts.
  /// - Precondition: `rules.problem` has nothing to say.
  public init(_ model: Model, rules: SharingRules, time: UInt64, firstEscrow: UInt64 = 0) {
    precondition(rules.problem == nil, rules.problem ?? "")
    current = model
    self.rules = rules
    self.firstEscrow = firstEscrow
    lastTime = time
  }

  /// What is known of a sender.
  public func record(of sender: AccountAddress) -> SharingRecord {
    records[sender] ?? SharingRecord()
  }

  /// Whose samples were judged or are unsettled, sorted.
  public var senders: [AccountAddress] { Set(records.keys).union(lockedAmounts.keys).sorted() }

  /// What is left of the deposits of unsettled samples, by their senders.
  public var lockedAmounts: [AccountAddress: TokenAmount] {
    deposits.reduce(into: [:]) { amounts, deposit in
      if let deposit { amounts[deposit.sender, default: 0] += deposit.left }
    }
  }

  /// What the next sample of a sender costs.
  public func cost(for sender: AccountAddress, at time: UInt64) -> TokenAmount {
    rules.cost(
      elapsed: time > lastTime ? time - lastTime : 0,
      entropy: rules.entropyWeight == 0 ? 0 : record(of: sender).entropy)
  }

  /// An unsettled sample's deposit; `nil` of a settled one.
  public func deposit(of number: UInt64) -> SharingDeposit? {
    guard let place = place(number) else { return nil }
    return deposits[place]
  }

  /// An unsettled sample as it was submitted.
  public func data(of number: UInt64) -> (sample: Model.Sample, label: Model.Label)? {
    guard let place = place(number) else { return nil }
    return data[place].map { ($0.sample, $0.label) }
  }

  /// The numbers of the unsettled samples, oldest first.
  public var unsettled: [UInt64] {
    deposits.indices.compactMap { deposits[$0] == nil ? nil : firstKept + UInt64($0) }
  }

  /// Asks the model about something.
  @inlinable
  public mutating func predict(_ sample: Model.Sample) -> Model.Label { current.predict(sample) }

  public mutating func perform(
    _ call: Call, by caller: AccountAddress, in context: CallContext,
    _ tokens: inout TokenAccounts
  ) throws(SharingRefusal) -> [SharingEvent] {
    switch call {
    case .add(let sample, let label, let deposit):
      try [add(sample, label, deposit, by: caller, at: context.time, &tokens)]
    case .refund(let number): try [refund(number, by: caller, at: context.time, &tokens)]
    case .report(let number): try [report(number, by: caller, at: context.time, &tokens)]
    case .takeRest(let number): try [takeRest(number, by: caller, at: context.time, &tokens)]
    }
  }

  private func place(_ number: UInt64) -> Int? {
    guard number >= firstKept, number < sampleCount else { return nil }
    return Int(number - firstKept)
  }

  private mutating func add(
    _ sample: Model.Sample, _ label: Model.Label, _ deposit: TokenAmount, by sender: AccountAddress,
    at time: UInt64, _ tokens: inout TokenAccounts
  ) throws(SharingRefusal) -> SharingEvent {
    if let problem = current.problem(of: sample) { throw .unsuitable(problem) }
    let datum = Datum(sample: sample, label: label)
    guard !known.contains(datum) else { throw .knownData }
    let cost = cost(for: sender, at: time)
    guard deposit >= cost else { throw .depositTooSmall(deposit: deposit, cost: cost) }
    let balance = tokens.balance(of: sender)
    guard deposit <= balance else {
      throw .tokens(.insufficient(.balance(sender), has: balance, needs: deposit))
    }
    let record = record(of: sender)
    if let least = rules.goodPerBad, record.bad > rules.probation {
      let (needed, isTooMuch) = (record.bad - rules.probation).multipliedReportingOverflow(
        by: least)
      if isTooMuch || record.good < needed { throw .tooMuchBadData(record, goodPerBad: least) }
    }
    let bytes = current.byteCount(of: sample)
    if let limit = rules.storageLimit, bytes > limit || storedBytes > limit - bytes {
      throw .storageFull(bytes: bytes, limit: limit)
    }
    let locked = rules.lock == .deposit ? deposit : cost
    let number = sampleCount
    try move(locked, from: .balance(sender), to: .escrow(firstEscrow &+ number), &tokens)
    known.insert(datum)
    deposits.append(SharingDeposit(sender: sender, time: time, locked: locked, bytes: bytes))
    data.append(datum)
    sampleCount += 1
    storedBytes &+= bytes
    lastTime = max(lastTime, time)
    current.update(sample, label: label)
    return .added(number, sender: sender, cost: cost, locked: locked)
  }

  /// A sample that a call is about, if it is old enough.
  private func find(
    _ number: UInt64, age: UInt64, at time: UInt64
  ) throws(SharingRefusal) -> (place: Int, deposit: SharingDeposit) {
    guard let place = place(number), let found = deposits[place] else {
      throw .noSuchSample(number)
    }
    let (from, overflows) = found.time.addingReportingOverflow(age)
    guard !overflows, time >= from else {
      throw .tooEarly(number, from: overflows ? .max : from)
    }
    return (place, found)
  }

  private mutating func refund(
    _ number: UInt64, by caller: AccountAddress, at time: UInt64, _ tokens: inout TokenAccounts
  ) throws(SharingRefusal) -> SharingEvent {
    let (place, found) = try find(number, age: rules.refundTime, at: time)
    guard found.sender == caller else { throw .notItsSender(number) }
    guard agrees(place) else { throw .modelDisagrees(number) }
    try pay(found.left, of: number, at: place, to: caller, &tokens)
    records[caller, default: SharingRecord()].good += 1
    goodCount += 1
    settle(place)
    return .refunded(number, sender: caller, amount: found.left)
  }

  private mutating func report(
    _ number: UInt64, by caller: AccountAddress, at time: UInt64, _ tokens: inout TokenAccounts
  ) throws(SharingRefusal) -> SharingEvent {
    let (place, found) = try find(number, age: rules.refundTime, at: time)
    guard found.sender != caller else { throw .itsSender(number) }
    let good = record(of: caller).good
    guard good > 0 else { throw .noVerifiedSample }
    guard !found.reporters.contains(caller) else { throw .reportedBefore(number) }
    guard !agrees(place) else { throw .modelAgrees(number) }
    // At most the whole, because the caller's good samples are among all good ones.
    let share = goodCount.dividingFullWidth(found.locked.multipliedFullWidth(by: good)).quotient
    let amount = min(share, found.left)
    guard amount > 0 else { throw .nothingToGain(number) }
    try pay(amount, of: number, at: place, to: caller, &tokens)
    deposits[place]?.reporters.insert(caller)
    if amount == found.left { settleAsBad(place, of: found.sender) }
    return .reported(number, reporter: caller, amount: amount)
  }

  private mutating func takeRest(
    _ number: UInt64, by caller: AccountAddress, at time: UInt64, _ tokens: inout TokenAccounts
  ) throws(SharingRefusal) -> SharingEvent {
    let (place, found) = try find(number, age: rules.anyTime, at: time)
    try pay(found.left, of: number, at: place, to: caller, &tokens)
    settleAsBad(place, of: found.sender)
    return .restTaken(number, taker: caller, amount: found.left)
  }

  private mutating func pay(
    _ amount: TokenAmount, of number: UInt64, at place: Int, to account: AccountAddress,
    _ tokens: inout TokenAccounts
  ) throws(SharingRefusal) {
    try move(amount, from: .escrow(firstEscrow &+ number), to: .balance(account), &tokens)
    deposits[place]?.left -= amount
  }

  private func move(
    _ amount: TokenAmount, from: TokenHolding, to: TokenHolding, _ tokens: inout TokenAccounts
  ) throws(SharingRefusal) {
    do {
      try tokens.move(amount, from: from, to: to)
    } catch {
      throw .tokens(error)
    }
  }

  private mutating func settleAsBad(_ place: Int, of sender: AccountAddress) {
    records[sender, default: SharingRecord()].bad += 1
    settle(place)
  }

  /// Forgets a sample's data, of which nothing is left.
  private mutating func settle(_ place: Int) {
    storedBytes &-= deposits[place]?.bytes ?? 0
    deposits[place] = nil
    data[place] = nil
    while settledAtFront < deposits.count && deposits[settledAtFront] == nil { settledAtFront += 1 }
    // They go in one piece now and then, so that the rest seldom moves.
    if settledAtFront > 64 && 2 * settledAtFront > deposits.count {
      deposits.removeFirst(settledAtFront)
      data.removeFirst(settledAtFront)
      firstKept += UInt64(settledAtFront)
      settledAtFront = 0
    }
  }

  /// Whether the model now gives a sample its label.
  private mutating func agrees(_ place: Int) -> Bool {
    guard let datum = data[place] else { return false }
    return current.predict(datum.sample) == datum.label
  }
}

extension SharingContract: Equatable where Model: Equatable {}
