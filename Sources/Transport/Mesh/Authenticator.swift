/// Answers the library's question whether a key may connect (ZAP, ZeroMQ RFC 27), on a thread of its
/// own: handshakes must go on while the mesh's thread computes.
struct Authenticator: ~Copyable {
  private let context: Context
  private let thread: Thread

  /// Starts to answer. Sockets that are bound before are not protected.
  init(in context: Context, admission: Admission) throws(TransportError) {
    let started = Outcome()
    let thread = try Thread { Self.run(in: context, admission: admission, started: started) }
    if let error = started.wait() { throw error }
    self.context = context
    self.thread = thread
  }

  deinit {
    // The thread waits in the library, and this is how it is told; the thread's own end waits.
    context.shutDown()
  }

  private static func run(in context: Context, admission: Admission, started: Outcome) {
    do {
      let socket = try Socket(.reply, in: context)
      try socket.bind("inproc://zeromq.zap.01")
      started.set(nil)
      var request: [[UInt8]] = []
      while try receive(&request, from: socket) {
        guard try answer(request, over: socket, admission: admission) else { return }
      }
    } catch {
      // Without this thread nobody new is let in; what is connected goes on.
      started.set(error)
    }
  }

  /// Waits for a question; `false` when the context has been shut down.
  private static func receive(
    _ parts: inout [[UInt8]], from socket: borrowing Socket
  ) throws(TransportError) -> Bool {
    parts.removeAll(keepingCapacity: true)
    var part = Message()
    repeat {
      guard try part.receive(from: socket, waiting: true) == .done else { return false }
      parts.append(part.bytes)
    } while part.hasMore
    return true
  }

  private static func answer(
    _ request: [[UInt8]], over socket: borrowing Socket, admission: Admission
  ) throws(TransportError) -> Bool {
    // Version, request, domain, address, identity, mechanism, key.
    var ticket: Int?
    if request.count == 7, request[0] == Array("1.0".utf8), request[5] == Array("CURVE".utf8) {
      ticket = admission.ticket(of: request[6])
    }
    let status = ticket == nil ? "400" : "200"
    let text = ticket == nil ? "not a member" : "OK"
    let user = ticket.map { String($0) } ?? ""
    let id = request.count > 1 ? request[1] : []
    let parts = [
      Array("1.0".utf8), id, Array(status.utf8), Array(text.utf8), Array(user.utf8), [],
    ]
    for (place, part) in parts.enumerated() {
      guard var message = Message(part) else { return false }
      let more = place + 1 < parts.count
      guard try message.send(over: socket, more: more, waiting: true) == .done else {
        return false
      }
    }
    return true
  }
}
