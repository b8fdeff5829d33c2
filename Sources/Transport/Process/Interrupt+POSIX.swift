import Dispatch
import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Notices Ctrl-C and a request to end (`SIGINT`, `SIGTERM`) instead of dying of them.
public final class Interrupt {
  private let flag: Flag
  private let sources: [any DispatchSourceSignal]

  private final class Flag: Sendable {
    let value = Atomic(false)
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
      source.setEventHandler { flag.value.store(true, ordering: .relaxed) }
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
