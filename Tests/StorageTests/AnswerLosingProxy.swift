import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Hands requests on to a server and its answers back, but for some that it loses.
final class AnswerLosingProxy: Sendable {
  let port: Int
  private let listener: Int32
  private let target: Int
  /// Called with each request once it is answered, and its number.
  private let loses: @Sendable (_ request: String, _ number: Int) -> Bool
  private let counts = Mutex((requests: 0, lost: 0))

  /// - Parameter loses: whether to lose the answer to a request that starts with these words. The
  ///   server has done already what was asked.
  init(to target: Int, loses: @escaping @Sendable (_ request: String, _ number: Int) -> Bool) {
    (listener, port) = loopbackSocket()
    self.target = target
    self.loses = loses
    Thread { [self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        Thread { self.serve(client) }.start()
      }
    }.start()
  }

  var lost: Int { counts.withLock { $0.lost } }

  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve(_ client: Int32) {
    defer { close(client) }
    while let request = Self.message(from: client) {
      let server = Self.connection(to: target)
      defer { close(server) }
      Self.write(request, to: server)
      guard let answer = Self.message(from: server) else { return }
      let words = String(decoding: request.prefix(40), as: UTF8.self)
      let number = counts.withLock { counts in
        counts.requests += 1
        return counts.requests
      }
      if loses(words, number) {
        counts.withLock { $0.lost += 1 }
        return
      }
      Self.write(answer, to: client)
    }
  }

  /// A message of HTTP whose head tells its length, or whose last chunk tells its end.
  private static func message(from socket: Int32) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if let end = Data(bytes).range(of: Data("\r\n\r\n".utf8))?.upperBound {
        let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
        let line = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        let length = line.flatMap { Int($0.dropFirst(15).filter { !$0.isWhitespace }) } ?? 0
        let isWhole =
          head.contains("transfer-encoding: chunked")
          ? bytes.suffix(7).elementsEqual("\r\n0\r\n\r\n".utf8) : bytes.count >= end + length
        if isWhole { return bytes }
      }
      let count = read(socket, &buffer, buffer.count)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
    }
  }

  private static func write(_ bytes: [UInt8], to socket: Int32) {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes {
        send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      start += count
    }
  }

  private static func connection(to port: Int) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return descriptor
  }
}
