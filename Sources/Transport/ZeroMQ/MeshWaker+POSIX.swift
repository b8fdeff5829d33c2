#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Wakes a mesh from any thread: its `receive` returns with `woken`. Calls before it looks count as
/// one.
public struct MeshWaker: Sendable {
  private let pipe: WakePipe

  init() throws(TransportError) { pipe = try WakePipe() }

  /// Makes `receive` return, now or when it is next called. Never waits.
  public func wake() { pipe.write() }

  /// What a poller waits for.
  var descriptor: Int32 { pipe.reading }

  /// Forgets the calls so far.
  func clear() { pipe.clear() }
}

/// A pipe whose ends never wait, closed when nobody has it any longer.
private final class WakePipe: Sendable {
  let reading: Int32
  private let writing: Int32

  init() throws(TransportError) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else {
      throw TransportError(
        .exhausted, "the process has too many files open", at: "messaging",
        remedy: "raise the limit of files (ulimit -n)")
    }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    reading = ends[0]
    writing = ends[1]
  }

  deinit {
    close(reading)
    close(writing)
  }

  func write() {
    // A full pipe wakes as well as another byte in it.
    var byte: UInt8 = 1
    #if canImport(Glibc)
      _ = unsafe Glibc.write(writing, &byte, 1)
    #elseif canImport(Musl)
      _ = unsafe Musl.write(writing, &byte, 1)
    #else
      _ = unsafe Darwin.write(writing, &byte, 1)
    #endif
  }

  func clear() {
    var bytes = [UInt8](repeating: 0, count: 256)
    while unsafe read(reading, &bytes, bytes.count) == bytes.count {}
  }
}
