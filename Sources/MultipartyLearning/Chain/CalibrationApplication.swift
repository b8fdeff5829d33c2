import Cryptography
import Ledger
import NeuralNetworks
import Synchronization

/// Calibration on a chain: what Wang et al. 2020, Sec. III-C-3 have a miner do to the models, and
/// everybody repeat who checks a block. Applying the recorded samples to the recorded parameters
/// gives the recorded digests.
///
/// A block's messages are validated with the models as they stand behind the block before, and make
/// one step of each model together; then registrations are entered. A message that is not valid stays
/// in the block with its verdict: its sender's numbers go on, and everybody sees what it sent.
///
/// Parameters are floats, and the digests are of their bits: members must compute on processors of
/// the same kind, with the same libraries, as for ordered blocks.
public final class CalibrationApplication: LedgerApplication {
  public typealias State = CalibrationState

  /// The models that were worked on last, with their tapes.
  private let cache: Mutex<Bench>
  private let threads: Int

  private struct Bench: ~Copyable {
    var panel: ModelPanel?
    /// Of the panel's models.
    var digests: [Digest] = []
    var architectures: [Architecture] = []
  }

  /// What a place in the panel cannot change.
  private struct Architecture: Equatable {
    let kind: ImageClassifierKind
    let classes: [UInt8]

    init(_ model: PartyModel) {
      kind = model.kind
      classes = model.classes
    }
  }

  /// - Parameter threads: models that are worked on at once; it changes nothing in the results.
  public init(threads: Int = 1) {
    self.threads = threads
    cache = Mutex(Bench())
  }

  public func start(_ genesis: MinedBlock) throws(ApplicationRefusal) -> CalibrationState {
    guard genesis.records.count > 2 else {
      throw ApplicationRefusal("the first block names no original party")
    }
    do {
      let terms = try CalibrationTerms(decoding: genesis.records[1])
      var state = CalibrationState(terms: terms, parties: [])
      for record in genesis.records[2...] {
        let registration = try Registration(decoding: record, classes: terms.classes)
        guard state.party(registration.party) == nil else {
          throw LedgerCodingError.malformed("list of original parties: one is there twice")
        }
        state.add(registration, .original)
      }
      return state
    } catch {
      throw ApplicationRefusal("first block: \(error)")
    }
  }

  public func refusal(of transaction: SignedTransaction, after state: State) -> String? {
    do {
      switch transaction.kind {
      case CalibrationMessage.kind:
        guard state.party(transaction.sender) != nil else {
          return "the sender has not registered a model"
        }
        _ = try CalibrationMessage(decoding: transaction.payload, state.terms)
        return nil
      case Registration.kind:
        let registration = try Registration(
          decoding: transaction.payload, classes: state.terms.classes)
        return problem(with: registration, transaction, after: state)
      default: return "transactions of kind \(transaction.kind.rawValue) are unknown here"
      }
    } catch {
      return "\(error)"
    }
  }

  /// Why a party cannot be entered.
  private func problem(
    with registration: Registration, _ transaction: SignedTransaction, after state: State
  ) -> String? {
    guard registration.party == transaction.sender else {
      return "the registration is of another party than its sender"
    }
    guard state.party(registration.party) == nil else { return "the party is registered already" }
    let statement = registration.approvalStatement(network: transaction.network)
    var approving: Set<UInt32> = []
    for approval in registration.approvals {
      let place = Int(approval.original)
      guard state.parties.indices.contains(place), state.parties[place].type == .original,
        state.parties[place].key.isValid(approval.signature, for: statement)
      else { return "an approval is not that of an original party for this model" }
      // Who knows none of the classes cannot have tested the model.
      guard state.parties[place].model.classes.contains(where: registration.model.classes.contains)
      else { return "an original party approved a model of which it knows no class" }
      approving.insert(approval.original)
    }
    if approving.count < state.terms.approvals {
      return "the model has \(approving.count) of \(state.terms.approvals) approvals"
    }
    if state.terms.approvals == 0 { return nil }
    let untested = state.untestedClasses(of: registration)
    return untested.isEmpty
      ? nil
      : "no original party that knows class \(untested.map(String.init).joined(separator: ", ")) "
        + "approved the model; ask one that does"
  }

  public func execute(
    _ transactions: [SignedTransaction], in context: BlockContext, after state: State
  ) -> Execution<State> {
    var state = state
    var accepted: [SignedTransaction] = []
    var messages: [CalibrationMessage] = []
    var senders: [Int] = []
    var newcomers: [Registration] = []
    var skipped: Set<VerificationKey> = []
    for transaction in transactions where !skipped.contains(transaction.sender) {
      if transaction.kind == CalibrationMessage.kind,
        messages.count < state.terms.rules.blockSize,
        let sender = state.party(transaction.sender),
        let message = try? CalibrationMessage(decoding: transaction.payload, state.terms)
      {
        messages.append(message)
        senders.append(sender)
        accepted.append(transaction)
      } else if transaction.kind == Registration.kind,
        let registration = try? Registration(
          decoding: transaction.payload, classes: state.terms.classes),
        problem(with: registration, transaction, after: state) == nil,
        !newcomers.contains(where: { $0.party == registration.party })
      {
        newcomers.append(registration)
        accepted.append(transaction)
      } else {
        skipped.insert(transaction.sender)
      }
    }
    var records: [CalibrationRecord] = []
    if !messages.isEmpty {
      let verdicts = calibrate(&state, messages, &records)
      for (sender, verdict) in zip(senders, verdicts) {
        state.parties[sender].sent += 1
        guard verdict == .valid else { continue }
        state.parties[sender].valid += 1
        state.rewards[state.parties[sender].key, default: 0] += 1
        state.rewards[context.miner.key, default: 0] += 1
      }
      state.messages += messages.count
    }
    for registration in newcomers {
      state.add(registration, .regular)
      let party = state.parties.count - 1
      records.append(
        .update(
          ModelUpdate(
            party: UInt32(party), before: Block.origin, after: state.parties[party].digest)))
    }
    return Execution(accepted: accepted, records: records.map(\.encoded), state: state)
  }

  private func calibrate(
    _ state: inout State, _ messages: [CalibrationMessage], _ records: inout [CalibrationRecord]
  ) -> [CalibrationVerdict] {
    let rules = state.terms.rules
    let (verdicts, models) = withPanel(of: state) { panel, digests in
      let before = digests
      let verdicts = panel.calibrate(messages, by: rules)
      var models: [(party: Int, model: PartyModel)] = []
      for party in before.indices {
        let model = panel.model(party)
        let digest = model.digest
        if digest == before[party] { continue }
        digests[party] = digest
        models.append((party, model))
      }
      return (verdicts, models)
    }
    records.append(.verdicts(verdicts))
    for (party, model) in models {
      let digest = model.digest
      records.append(
        .update(
          ModelUpdate(
            party: UInt32(party), before: state.parties[party].digest, after: digest)))
      state.parties[party].model = model
      state.parties[party].digest = digest
    }
    return verdicts
  }

  /// Lends the models of a state, ready to work.
  func withPanel<R: Sendable>(
    of state: State, _ body: (borrowing ModelPanel, inout [Digest]) -> R
  ) -> R {
    cache.withLock { bench in
      let parties = state.parties
      // Another branch may have other parties in the same places.
      let fits =
        !bench.architectures.isEmpty && bench.architectures.count <= parties.count
        && zip(bench.architectures, parties).allSatisfy { $0 == Architecture($1.model) }
      var panel: ModelPanel
      if fits, let kept = bench.panel.take() {
        panel = kept
      } else {
        panel = ModelPanel(
          parties.map(\.model), classes: state.terms.classes, rule: state.terms.rules.scoreRule,
          threads: threads)
        bench.digests = parties.map(\.digest)
        bench.architectures = parties.map { Architecture($0.model) }
      }
      for party in parties.indices {
        if party == bench.digests.count {
          panel.add(parties[party].model)
          bench.digests.append(parties[party].digest)
          bench.architectures.append(Architecture(parties[party].model))
        } else if bench.digests[party] != parties[party].digest {
          panel.replace(party, by: parties[party].model)
          bench.digests[party] = parties[party].digest
        }
      }
      let result = body(panel, &bench.digests)
      bench.panel = consume panel
      return result
    }
  }
}
