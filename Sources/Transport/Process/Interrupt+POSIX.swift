import Dispatch
import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Notices Ctrl-C and a request to end (`SIGINT`, `SIGTERM`) instead of dying of them, so that work can
/// end in good order. Whoever asks again, a second later or more, does not want to wait: the process
/// dies of it.
public final class Interrupt {
  private let flag: Flag
  private let sources: [any DispatchSourceSignal]

  private final class Flag: Sendable {
    let value = Atomic(false)
    private let first = Mutex<ContinuousClock.Instant?>(nil)

    /// - Returns: whether it was raised a while ago. One key may reach a process twice, from its
    ///   terminal and from its parent.
    func rise() -> Bool {
      value.store(true, ordering: .relaxed)
      return first.withLock { first in
        guard let before = first else {
          first = .now
          return false
        }
        return .now - before >= .seconds(1)
      }
    }
  }

  /// Returns when it listens; a signal that comes meanwhile waits until then.
  public init() {
    let (flag, listening) = (Flag(), DispatchSemaphore(value: 0))
    self.flag = flag
    let numbers = [SIGINT, SIGTERM]
    // Until somebody listens a blocked signal stays pending. Its action is not set to “ignore”
    // meanwhile, which would drop what is pending: listening takes the place of the default one.
    var (blocked, before) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&blocked)
    for number in numbers { unsafe sigaddset(&blocked, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &blocked, &before)
    sources = numbers.map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        guard flag.rise() else { return }
        // A source keeps its signal blocked, on all threads.
        var own = sigset_t()
        unsafe sigemptyset(&own)
        unsafe sigaddset(&own, number)
        signal(number, SIG_DFL)
        unsafe pthread_sigmask(SIG_UNBLOCK, &own, nil)
        raise(number)
      }
      source.setRegistrationHandler { _ = listening.signal() }
      source.resume()
      return source
    }
    for _ in sources { listening.wait() }
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  public var happened: Bool { flag.value.load(ordering: .relaxed) }

  /// The same, the other way round, for work on several threads.
  public var goesOn: @Sendable () -> Bool {
    { [flag] in !flag.value.load(ordering: .relaxed) }
  }
}
