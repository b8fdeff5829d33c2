internal import CZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Waits for any of several sockets, and for a descriptor of the operating system. It must not
/// outlive the sockets.
@safe struct Poller: ~Copyable {
  private var items: [zmq_pollitem_t] = unsafe []

  /// Also waits for a socket. Sockets are numbered in the order in which they are added.
  mutating func add(_ socket: borrowing Socket) {
    unsafe items.append(
      zmq_pollitem_t(socket: socket.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0))
  }

  /// Also waits for a descriptor.
  mutating func add(descriptor: Int32) {
    unsafe items.append(
      zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
  }

  /// Waits until something is there to be read, or for as many milliseconds.
  ///
  /// - Returns: whether anything is there. A signal may end the wait early.
  mutating func wait(milliseconds: Int) throws(TransportError) -> Bool {
    let ready = unsafe items.withUnsafeMutableBufferPointer { items in
      unsafe zmq_poll(items.baseAddress, Int32(items.count), milliseconds)
    }
    if ready >= 0 { return ready > 0 }
    guard zmq_errno() == EINTR else { throw ZeroMQ.error(at: "messaging") }
    return false
  }

  /// Whether the last wait found something to be read there.
  func isReady(_ place: Int) -> Bool {
    unsafe items[place].revents & Int16(ZMQ_POLLIN) != 0
  }
}
