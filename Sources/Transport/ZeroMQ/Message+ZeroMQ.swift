internal import CZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What became of an attempt to send or receive without waiting.
enum Attempt { case done, wouldWait, unreachable, ended }

/// Bytes that belong to the library, on their way in or out. A message can be used for any number
/// of receipts, one after the other; what it held before is let go.
struct Message: ~Copyable {
  // The library itself moves messages by copying these bytes, as Swift does.
  private var message = zmq_msg_t()

  /// An empty message.
  init() {
    // Never fails.
    _ = unsafe zmq_msg_init(&message)
  }

  /// A message whose bytes are yet to be written; `nil` if there is no memory for it.
  init?(count: Int) {
    guard unsafe zmq_msg_init_size(&message, count) == 0 else { return nil }
  }

  /// A copy of bytes.
  init?(_ bytes: [UInt8]) {
    self.init(count: bytes.count)
    write { span in for i in bytes.indices { span[i] = bytes[i] } }
  }

  /// A frame, copied once.
  init?(_ header: FrameHeader, payload: [UInt8]) {
    self.init(count: FrameHeader.byteCount + payload.count)
    unsafe withUnsafeMutableBytes { room in
      var span = unsafe room.mutableSpan
      header.write(into: &span)
      unsafe payload.withUnsafeBytes { source in
        let place = UnsafeMutableRawBufferPointer(room)
        unsafe UnsafeMutableRawBufferPointer(rebasing: place[FrameHeader.byteCount...])
          .copyMemory(from: source)
      }
    }
  }

  deinit {
    // A deinitialiser sees a constant; a copy of the bytes names the same memory.
    var last = message
    _ = unsafe zmq_msg_close(&last)
  }

  var count: Int {
    mutating get { unsafe zmq_msg_size(&message) }
  }

  /// Whether another part of the same message follows.
  var hasMore: Bool {
    mutating get { unsafe zmq_msg_more(&message) != 0 }
  }

  /// The decimal number that the authenticator gave to the sender's key; `nil` if there is none.
  var ticket: Int? {
    mutating get {
      guard let text = unsafe zmq_msg_gets(&message, "User-Id") else { return nil }
      var value = 0
      var place = 0
      while case let digit = unsafe text[place], digit != 0 {
        guard digit >= 0x30, digit <= 0x39, place < 18 else { return nil }
        value = 10 * value + Int(digit) - 0x30
        place += 1
      }
      return place > 0 ? value : nil
    }
  }

  /// A copy of the bytes.
  var bytes: [UInt8] {
    mutating get { read { span in unsafe span.withUnsafeBufferPointer { unsafe Array($0) } } }
  }

  /// Lends the bytes.
  mutating func read<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    unsafe withUnsafeMutableBytes { room in
      let lent = UnsafeBufferPointer(room)
      return unsafe body(lent.span)
    }
  }

  /// Lends the bytes for writing.
  mutating func write(_ body: (inout MutableSpan<UInt8>) -> Void) {
    unsafe withUnsafeMutableBytes { room in
      var span = unsafe room.mutableSpan
      body(&span)
    }
  }

  private mutating func withUnsafeMutableBytes<Result>(
    _ body: (UnsafeMutableBufferPointer<UInt8>) -> Result
  ) -> Result {
    let start = unsafe zmq_msg_data(&message)?.assumingMemoryBound(to: UInt8.self)
    return unsafe body(UnsafeMutableBufferPointer(start: start, count: zmq_msg_size(&message)))
  }

  /// Sends the message, without waiting unless it is told to. What was sent is gone from here.
  mutating func send(
    over socket: borrowing Socket, more: Bool = false, waiting: Bool = false
  ) throws(TransportError) -> Attempt {
    let flags = (more ? ZMQ_SNDMORE : 0) | (waiting ? 0 : ZMQ_DONTWAIT)
    while true {
      if unsafe zmq_msg_send(&message, socket.handle, flags) >= 0 { return .done }
      if let outcome = try Self.failure() { return outcome }
    }
  }

  /// Receives the next part, without waiting unless it is told to.
  mutating func receive(
    from socket: borrowing Socket, waiting: Bool = false
  ) throws(TransportError) -> Attempt {
    while true {
      if unsafe zmq_msg_recv(&message, socket.handle, waiting ? 0 : ZMQ_DONTWAIT) >= 0 {
        return .done
      }
      if let outcome = try Self.failure() { return outcome }
    }
  }

  /// What the last failure means; `nil` if the attempt was only interrupted.
  private static func failure() throws(TransportError) -> Attempt? {
    switch zmq_errno() {
    case EINTR: nil
    case EAGAIN: .wouldWait
    case EHOSTUNREACH: .unreachable
    case ZeroMQ.terminated: .ended
    default: throw ZeroMQ.error(at: "messaging")
    }
  }
}

extension ZeroMQ {
  /// The context has been shut down.
  static let terminated = Int32(ETERM)
}
