internal import CZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A ZeroMQ socket, which its end closes. It stays with the thread that made it.
@safe struct Socket: ~Copyable {
  /// The kinds in use.
  enum Kind { case router, dealer, pair, reply }

  let handle: UnsafeMutableRawPointer
  private let context: Context

  init(_ kind: Kind, in context: Context) throws(TransportError) {
    let number =
      switch kind {
      case .router: ZMQ_ROUTER
      case .dealer: ZMQ_DEALER
      case .pair: ZMQ_PAIR
      case .reply: ZMQ_REP
      }
    guard let handle = unsafe zmq_socket(context.handle, number) else {
      throw ZeroMQ.error(at: "messaging")
    }
    unsafe self.handle = unsafe handle
    self.context = context
  }

  deinit {
    // Fails only for what is no socket.
    _ = unsafe zmq_close(handle)
  }

  borrowing func bind(_ endpoint: String) throws(TransportError) {
    // The library would take such a port modulo 65536.
    if let port = endpoint.split(separator: ":").last.flatMap({ Int($0) }), port > 65535 {
      throw TransportError(
        .badEndpoint, "there is no port \(port)", at: endpoint, remedy: "choose one below 65536")
    }
    guard unsafe zmq_bind(handle, endpoint) == 0 else { throw ZeroMQ.error(at: endpoint) }
  }

  borrowing func connect(_ endpoint: String) throws(TransportError) {
    guard unsafe zmq_connect(handle, endpoint) == 0 else { throw ZeroMQ.error(at: endpoint) }
  }

  /// Gives a connection up, if it has not given up by itself.
  borrowing func disconnect(_ endpoint: String) {
    _ = unsafe zmq_disconnect(handle, endpoint)
  }

  /// The address it listens at, with the port that a wildcard became.
  borrowing func endpoint() throws(TransportError) -> String {
    var text = [UInt8](repeating: 0, count: 1024)
    var count = text.count
    let status = unsafe text.withUnsafeMutableBytes { room in
      unsafe zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, room.baseAddress, &count)
    }
    guard status == 0 else { throw ZeroMQ.error(at: "listening") }
    return String(decoding: text.prefix(max(count - 1, 0)), as: UTF8.self)
  }

  /// Sets an option that is a number.
  borrowing func set(_ option: Int32, _ value: Int) throws(TransportError) {
    let status =
      if option == ZMQ_MAXMSGSIZE {
        // The only one in use that has 64 bits.
        unsafe withUnsafeBytes(of: Int64(value)) {
          unsafe zmq_setsockopt(handle, option, $0.baseAddress, $0.count)
        }
      } else {
        unsafe withUnsafeBytes(of: Int32(clamping: value)) {
          unsafe zmq_setsockopt(handle, option, $0.baseAddress, $0.count)
        }
      }
    guard status == 0 else { throw ZeroMQ.error(at: "messaging option \(option) = \(value)") }
  }

  /// Sets an option that is bytes.
  borrowing func set(_ option: Int32, _ value: [UInt8]) throws(TransportError) {
    let status = unsafe value.withUnsafeBytes {
      unsafe zmq_setsockopt(handle, option, $0.baseAddress, $0.count)
    }
    guard status == 0 else { throw ZeroMQ.error(at: "messaging option \(option)") }
  }

  /// Lets the library look at what has happened since it last did. Before a send that may not wait,
  /// it does so only once a millisecond.
  borrowing func catchUp() {
    var events: Int32 = 0
    var count = MemoryLayout<Int32>.size
    _ = unsafe zmq_getsockopt(handle, ZMQ_EVENTS, &events, &count)
  }

  /// Ends the reports.
  borrowing func stopMonitoring() {
    _ = unsafe zmq_socket_monitor(handle, nil, 0)
  }

  /// Reports what becomes of this socket's connections at an address within the process.
  borrowing func monitor(_ events: Int32, at endpoint: String) throws(TransportError) {
    guard unsafe zmq_socket_monitor(handle, endpoint, events) == 0 else {
      throw ZeroMQ.error(at: endpoint)
    }
  }
}
