import Cryptography
import Synchronization

/// Whose connections are let in: shared between the mesh and the thread that decides.
///
/// A key's ticket is a number that no other key ever has. Connections outlive a change of members,
/// and an index may come to mean somebody else; a ticket never does.
final class Admission: Sendable {
  private struct State {
    var tickets: [[UInt8]: Int] = [:]
    var next = 1
    var refused: UInt64 = 0
  }
  private let state = Mutex(State())

  /// Replaces the keys that are let in. Those that stay keep their tickets.
  ///
  /// - Returns: the ticket of each key.
  func replaceKeys(_ keys: [AgreementPublicKey]) -> [AgreementPublicKey: Int] {
    state.withLock { state in
      var tickets: [[UInt8]: Int] = [:]
      var result: [AgreementPublicKey: Int] = [:]
      for key in keys where result[key] == nil {
        let ticket = state.tickets[key.bytes] ?? state.next
        if ticket == state.next { state.next += 1 }
        tickets[key.bytes] = ticket
        result[key] = ticket
      }
      state.tickets = tickets
      return result
    }
  }

  /// The ticket of a key; `nil`, which is counted, if it is not let in.
  func ticket(of key: [UInt8]) -> Int? {
    state.withLock { state in
      if let ticket = state.tickets[key] { return ticket }
      state.refused += 1
      return nil
    }
  }

  /// How many connections were refused.
  var refused: UInt64 { state.withLock { $0.refused } }
}
