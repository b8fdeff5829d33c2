import Ledger
import Storage

typealias ChainStore = SharedBlockStore<MinedBlock>
typealias ChainNode<Application: LedgerApplication> =
  LedgerNode<Application, ChainStore, ChainStore>

/// What a member of a mined chain does there, beside mining blocks and handing them on.
protocol ChainErrand {
  associatedtype Application: LedgerApplication
  var application: Application { get }

  /// Called every few hundredths of a second.
  ///
  /// - Parameters:
  ///   - moves: of the chain's head, since the last call.
  ///   - now: by the node's clock, in seconds.
  mutating func proceed(
    _ node: inout ChainNode<Application>, moves: [LedgerMove], now: Double) throws

  /// What there is to tell about a state of the chain.
  func facts(_ state: Application.State) -> [(String, JSON)]
}
