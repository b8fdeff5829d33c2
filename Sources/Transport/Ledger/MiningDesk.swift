import Dispatch
import Ledger
import Synchronization

/// Where the thread that carries messages and the thread that mines put what is for the other.
final class MiningDesk: Sendable {
  private struct State {
    var template: MinedBlock?
    var found: [MinedBlock] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  /// Counts templates: whoever searches for an earlier one stops.
  private let turn = Atomic<Int>(0)
  private let work = DispatchSemaphore(value: 0)
  private let waker: MeshWaker
  /// Hashes a second, at most.
  private let hashRate: Double?
  /// Seconds of hashing between two pauses of a limited miner.
  private static let slice = 0.02

  init(waker: MeshWaker, hashRate: Double?) {
    self.waker = waker
    self.hashRate = hashRate
  }

  /// Gives a block to search a nonce for, in the place of the last one.
  func set(_ template: MinedBlock) {
    state.withLock { $0.template = template }
    turn.add(1, ordering: .releasing)
    work.signal()
  }

  func takeFound() -> [MinedBlock] {
    state.withLock { state in
      var found: [MinedBlock] = []
      swap(&found, &state.found)
      return found
    }
  }

  /// The thread that mines ends soon.
  func close() {
    state.withLock { $0.isClosed = true }
    turn.add(1, ordering: .releasing)
    work.signal()
  }

  /// The work of the thread that mines.
  func mine() {
    while true {
      work.wait()
      // One look is enough for all that came so far.
      while work.wait(timeout: .now()) == .success {}
      let mine = turn.load(ordering: .acquiring)
      let (template, isClosed) = state.withLock { ($0.template, $0.isClosed) }
      if isClosed { return }
      guard let template, let nonce = nonce(for: template, turn: mine) else { continue }
      state.withLock { state in
        state.found.append(template.with(nonce: nonce))
        // A block is found once.
        if state.template == template { state.template = nil }
      }
      waker.wake()
    }
  }

  /// Searches in ranges, until there is another template.
  private func nonce(for template: MinedBlock, turn mine: Int) -> UInt64? {
    let width = hashRate.map { UInt64(max(1, $0 * Self.slice)) } ?? 1 << 16
    var start: UInt64 = 0
    while start < .max - width {
      let nonce = ProofOfWork.nonce(for: template.header, in: start..<start + width) {
        turn.load(ordering: .relaxed) == mine
      }
      if let nonce { return nonce }
      start += width
      if let hashRate {
        // Woken early by a new template, which the one who waits for work has to hear of, too.
        let pause = max(Self.slice, 1 / hashRate)
        if work.wait(timeout: .now() + pause) == .success { work.signal() }
      }
      if turn.load(ordering: .relaxed) != mine { return nil }
    }
    return nil
  }
}
