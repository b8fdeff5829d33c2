import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// How the start of a thread went: set once by it, awaited by who started it.
final class Outcome: Sendable {
  private enum State {
    case unknown
    case known(TransportError?)
  }
  private let state = Mutex(State.unknown)

  /// Tells; only the first time counts.
  func set(_ error: TransportError?) {
    state.withLock { state in
      if case .unknown = state { state = .known(error) }
    }
  }

  /// Waits until it is told. A thread's start takes so little that looking now and then is enough.
  func wait() -> TransportError? {
    while true {
      let state = state.withLock { $0 }
      if case .known(let error) = state { return error }
      usleep(50)
    }
  }
}
