import Consensus
import Cryptography
import Dispatch
import Synchronization

/// Where the thread that carries messages and the thread that computes put what is for the other.
final class Desk<Reply: Sendable>: Sendable {
  enum Report: Sendable {
    case ready(
      round: UInt32, epoch: UInt32, state: Digest, contributors: [UInt32: MemberSet],
      isFinished: Bool)
    case reply(Reply)
    case completed
    case failed(any Error)
  }

  private struct State {
    var effects: [ConsensusNode.Effect] = []
    var reports: [Report] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let work = DispatchSemaphore(value: 0)
  private let waker: MeshWaker

  init(waker: MeshWaker) { self.waker = waker }

  /// Something for the participant to do.
  func add(_ effect: ConsensusNode.Effect) {
    state.withLock { $0.effects.append(effect) }
    work.signal()
  }

  /// The next thing to do, when there is one; `nil` when the node has ended.
  func nextEffect() -> ConsensusNode.Effect? {
    work.wait()
    return state.withLock { state in
      state.isClosed || state.effects.isEmpty ? nil : state.effects.removeFirst()
    }
  }

  /// Something that the node has to be told.
  func report(_ report: Report) {
    state.withLock { $0.reports.append(report) }
    waker.wake()
  }

  func takeReports() -> [Report] {
    state.withLock { state in
      var reports: [Report] = []
      swap(&reports, &state.reports)
      return reports
    }
  }

  /// No more work: the thread that computes ends after what it is at.
  func close() {
    state.withLock { $0.isClosed = true }
    work.signal()
  }
}
