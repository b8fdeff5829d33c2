internal import CZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What the sockets of one mesh have in common: the threads that do their reading and writing.
///
/// Every socket holds its context, so that it ends after the last of them; ending waits until what
/// is still queued has been sent, at most the sockets' linger time.
final class Context: Sendable {
  // The library lets any thread use a context, which a pointer's type does not say.
  private let address: UInt

  init() throws(TransportError) {
    ZeroMQ.keepMemory
    guard let handle = unsafe zmq_ctx_new() else {
      throw ZeroMQ.error(at: "messaging")
    }
    address = UInt(bitPattern: handle)
  }

  deinit {
    // A signal may interrupt the wait.
    while unsafe zmq_ctx_term(handle) != 0 && zmq_errno() == EINTR {}
  }

  /// The library's handle, which lives as long as this object.
  var handle: UnsafeMutableRawPointer? { unsafe UnsafeMutableRawPointer(bitPattern: address) }

  /// Ends every wait on a socket of this context, now and later, with `ETERM`.
  func shutDown() {
    // Fails only for what is no context.
    _ = unsafe zmq_ctx_shutdown(handle)
  }
}

/// The library as a whole.
enum ZeroMQ {
  /// Once in a process: the memory of messages is used again in the next round. Giving it back and
  /// asking for it costs a tenth of the processor's time where long vectors are summed.
  static let keepMemory: Void = {
    // Where there is no such setting, it is only slower.
    _ = czmq_keep_memory()
  }()

  /// What the library said last on this thread, as an error at a place.
  static func error(at place: String) -> TransportError {
    let number = zmq_errno()
    let text = unsafe zmq_strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    switch number {
    case EADDRINUSE:
      return TransportError(
        .addressInUse, "the address is already in use", at: place,
        remedy: "stop the other program, or listen elsewhere")
    case EADDRNOTAVAIL, ENODEV:
      return TransportError(
        .badEndpoint, "this machine has no such address", at: place,
        remedy: "name one of its own, or tcp://0.0.0.0 or tcp://[::] for all of them")
    case EINVAL, EPROTONOSUPPORT, ENOCOMPATPROTO:
      return TransportError(
        .badEndpoint, "not an address", at: place,
        remedy: "write it as tcp://host:port, IPv6 in brackets")
    case EACCES:
      return TransportError(
        .badEndpoint, "this user may not listen there", at: place,
        remedy: "choose a port above 1023")
    case EMFILE, ENFILE, ENOMEM:
      return TransportError(
        .exhausted, text, at: place, remedy: "close other programs, or raise the limit of files")
    default:
      return TransportError(.library, text, at: place, remedy: "start again; report it if it stays")
    }
  }
}
