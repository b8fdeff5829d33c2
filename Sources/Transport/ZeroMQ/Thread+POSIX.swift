#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A thread of the operating system, for whose end its end waits.
struct Thread: ~Copyable {
  private let thread: pthread_t

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  init(_ run: @escaping @Sendable () -> Void) throws(TransportError) {
    let body = unsafe Unmanaged.passRetained(Body(run))
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let status = unsafe pthread_create(
      &thread, nil,
      { argument in
        #if canImport(Darwin)
          let body = unsafe Unmanaged<Body>.fromOpaque(argument)
        #else
          guard let argument = unsafe argument else { return nil }
          let body = unsafe Unmanaged<Body>.fromOpaque(argument)
        #endif
        unsafe body.takeRetainedValue().run()
        return nil
      }, body.toOpaque())
    #if canImport(Darwin)
      let started = thread
    #else
      let started: pthread_t? = status == 0 ? thread : nil
    #endif
    guard status == 0, let started else {
      unsafe body.release()
      throw TransportError(
        .exhausted, "no thread can be started", at: "messaging", remedy: "close other programs")
    }
    self.thread = started
  }

  deinit { _ = pthread_join(thread, nil) }
}
