import CollaborativeLearning
import Cryptography
import Foundation
import Incentives
import Ledger
import MultipartyLearning
import Storage

/// Verifies a chain of mined blocks, whatever it is about, one block at a time.
protocol MinedChainChecker {
  mutating func append(_ block: MinedBlock) throws(ChainFault)
  /// The sum of the difficulties.
  var totalWork: UInt128 { get }
  /// What the application says about the chain so far.
  var facts: [(String, JSON)] { get }
}

/// The applications of chains of mined blocks that this program knows, by their names.
enum MinedChains {
  /// The name stands as a text at the start of the first block's second record; a chain without one
  /// keeps notes.
  static func application(of genesis: MinedBlock) -> String {
    guard genesis.records.count > 1 else { return "notes" }
    var reader = LedgerReader(genesis.records[1])
    guard let name = try? reader.text(limit: 64), !name.isEmpty,
      name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return "?" }
    return name
  }

  /// A verifier for the chain that starts with a block. Applications are told apart here alone.
  static func checker(
    genesis: MinedBlock, network: Digest?
  ) throws -> any MinedChainChecker {
    switch application(of: genesis) {
    case let name where ["notes", "recorded-notes"].contains(name):
      return VerifierOf(
        verifier: try ChainVerifier(
          NotesApplication(keepsRecords: name != "notes"), genesis: genesis, network: network)
      ) { facts($0) }
    case CalibrationTerms.application:
      return VerifierOf(
        verifier: try ChainVerifier(
          CalibrationApplication(threads: ProcessInfo.processInfo.activeProcessorCount),
          genesis: genesis, network: network)
      ) { facts($0) }
    case EncounterContract.application:
      return VerifierOf(
        verifier: try ChainVerifier(
          ContractApplication<EncounterContract>(), genesis: genesis, network: network)
      ) { facts($0) }
    case SharingContract<IntegerPerceptron>.application:
      return VerifierOf(
        verifier: try ChainVerifier(
          ContractApplication<SharingContract<IntegerPerceptron>>(), genesis: genesis,
          network: network)
      ) { facts($0) }
    case let name:
      throw ParticipantFailure(
        "the chain is of the application \(name), which this program does not know; check its links "
          + "alone with --links")
    }
  }

  static func facts(_ state: NotesApplication.State) -> [(String, JSON)] {
    [("notes", .integer(Int(clamping: state.noteCount)))]
  }

  static func facts(_ state: CalibrationState) -> [(String, JSON)] {
    [
      ("parties", .integer(state.parties.count)), ("messages", .integer(state.messages)),
      ("valid_messages", .integer(state.parties.reduce(0) { $0 + $1.valid })),
    ]
  }
}

extension MinedChains {
  static func facts<C: ShownContract>(
    _ state: ContractApplication<C>.State
  ) -> [(String, JSON)] {
    [
      ("calls", .integer(state.calls)), ("refused_calls", .integer(state.refusals)),
      ("conserved", .bool(state.tokens.total == state.tokens.supply)),
    ] + state.contract.shownFacts
  }
}

/// A verifier with what there is to tell about its state.
struct VerifierOf<Application: LedgerApplication>: MinedChainChecker {
  var verifier: ChainVerifier<Application>
  let describe: (Application.State) -> [(String, JSON)]

  mutating func append(_ block: MinedBlock) throws(ChainFault) { try verifier.append(block) }
  var totalWork: UInt128 { verifier.totalWork }
  var facts: [(String, JSON)] { describe(verifier.state.application) }
}
