import Foundation
import Synchronization
import Testing

/// Ports for processes of tests.
enum LoopbackPorts {
  /// Those of all tests: a program may listen at its own long after it was chosen.
  private static let taken = Mutex<Set<Int>>([])

  /// Ports that nobody listens at, a moment ago, below those that outgoing connections get: a node
  /// that starts again needs its own.
  static func free(_ count: Int) throws -> [Int] {
    var ports: [Int] = []
    for _ in 0..<1000 where ports.count < count {
      let port = Int.random(in: 24_000..<32_000)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      try #require(descriptor >= 0)
      defer { close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(port).bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      let length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isFree = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, length) == 0
        }
      }
      if isFree && taken.withLock({ $0.insert(port).inserted }) { ports.append(port) }
    }
    try #require(ports.count == count)
    return ports
  }
}
