internal import CCurl
import Foundation

/// Why a server gave no answer.
struct HTTPFailure: Error {
  /// Whether another server, or the same one later, may answer.
  let isPassing: Bool
  let words: String
  /// Whether there was an answer, which is no.
  var isRefusal = false
}

/// How a server and this program show one another who they are.
struct TransportSecurity: Sendable, Hashable {
  /// A PEM file with the certificates of who signs servers' certificates; `nil` for the system's.
  var authority: String?
  /// PEM files with this program's own certificate and its key.
  var certificate: String?
  var key: String?
}

/// Bytes that have come in.
private final class Received {
  var bytes: [UInt8] = []
  /// More are refused.
  let limit: Int

  init(limit: Int) { self.limit = limit }
}

private func receive(
  _ start: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let start = unsafe start, let context = unsafe context else { return 0 }
  let received = unsafe Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
  guard size * count <= received.limit - received.bytes.count else { return 0 }
  unsafe received.bytes.append(
    contentsOf: UnsafeRawBufferPointer(start: start, count: size * count))
  return size * count
}

/// Posts to one address and takes the answer, whole or as it comes. What belongs to it goes with it.
@safe struct HTTPExchange: ~Copyable {
  private let handle: UnsafeMutableRawPointer
  private let several: UnsafeMutableRawPointer
  private let headers: UnsafeMutablePointer<curl_slist>?
  private let received: Received
  private var isOver = false

  /// Once in a process, before anything else of the library.
  private static let start: Void = { _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

  /// - Parameters:
  ///   - connecting: the longest that making a connection may take, in seconds.
  ///   - limit: bytes that may wait to be taken.
  init(security: TransportSecurity, connecting: Double, limit: Int) throws(HTTPFailure) {
    Self.start
    guard let handle = unsafe curl_easy_init() else { throw Self.noMemory }
    guard let several = unsafe curl_multi_init() else {
      unsafe curl_easy_cleanup(handle)
      throw Self.noMemory
    }
    unsafe self.handle = handle
    unsafe self.several = several
    // Neither a pause before what is posted nor any proxy: members of a cluster are near.
    unsafe headers = curl_slist_append(
      curl_slist_append(nil, "Content-Type: application/json"), "Expect:")
    received = Received(limit: limit)
    let context = unsafe Unmanaged.passUnretained(received).toOpaque()
    _ = unsafe ccurl_set_receiver(handle, receive, context)
    _ = unsafe ccurl_set_headers(handle, headers)
    _ = unsafe ccurl_set_text(handle, CURLOPT_NOPROXY, "*")
    _ = unsafe ccurl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    for (option, value) in [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_TCP_KEEPALIVE, 1), (CURLOPT_TCP_KEEPIDLE, 10),
      (CURLOPT_CONNECTTIMEOUT_MS, Int(1000 * connecting)),
      (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
    ] {
      _ = unsafe ccurl_set_number(handle, option, value)
    }
    for (option, path) in [
      (CURLOPT_CAINFO, security.authority), (CURLOPT_SSLCERT, security.certificate),
      (CURLOPT_SSLKEY, security.key),
    ] {
      if let path { _ = unsafe ccurl_set_text(handle, option, path) }
    }
  }

  deinit {
    // Removing what was never added does nothing.
    _ = unsafe curl_multi_remove_handle(several, handle)
    unsafe curl_easy_cleanup(handle)
    _ = unsafe curl_multi_cleanup(several)
    unsafe curl_slist_free_all(headers)
  }

  private static let noMemory = HTTPFailure(isPassing: false, words: "there is too little memory")

  private mutating func prepare(_ address: String, _ body: [UInt8], seconds: Double) {
    received.bytes = []
    _ = unsafe ccurl_set_text(handle, CURLOPT_URL, address)
    _ = unsafe ccurl_set_number(handle, CURLOPT_TIMEOUT_MS, Int(1000 * seconds))
    _ = unsafe body.withUnsafeBytes {
      unsafe ccurl_set_body(handle, $0.baseAddress, $0.count)
    }
  }

  /// Posts and waits for the whole answer. The connection stays open for the next post.
  ///
  /// - Parameter seconds: the longest that all of it may take.
  mutating func post(
    to address: String, _ body: [UInt8], seconds: Double
  ) throws(HTTPFailure) -> (status: Int, body: [UInt8]) {
    prepare(address, body, seconds: seconds)
    let code = unsafe curl_easy_perform(handle)
    guard code == CURLE_OK else { throw Self.failure(code) }
    return (unsafe ccurl_status(handle), received.bytes)
  }

  /// Posts and lets the answer come, as long as it may take: see ``next(seconds:)``.
  mutating func open(_ address: String, _ body: [UInt8]) throws(HTTPFailure) {
    prepare(address, body, seconds: 0)
    guard unsafe curl_multi_add_handle(several, handle) == CURLM_OK else { throw Self.noMemory }
  }

  /// What has come of an answer, after waiting for something at most so long; empty where nothing
  /// has, `nil` when the answer has ended.
  mutating func next(seconds: Double) throws(HTTPFailure) -> [UInt8]? {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while received.bytes.isEmpty, !isOver {
      var running: Int32 = 0
      guard unsafe curl_multi_perform(several, &running) == CURLM_OK else { throw Self.noMemory }
      var code = CURLE_OK
      if unsafe ccurl_take_result(several, &code) == 1 {
        isOver = true
        guard code == CURLE_OK else { throw Self.failure(code) }
      }
      if !received.bytes.isEmpty || isOver { break }
      let left = (deadline - .now) / .seconds(1)
      if left <= 0 { return [] }
      _ = unsafe curl_multi_poll(several, nil, 0, Int32(min(left, 60) * 1000) + 1, nil)
    }
    if received.bytes.isEmpty { return nil }
    let bytes = received.bytes
    received.bytes = []
    return bytes
  }

  private static func failure(_ code: CURLcode) -> HTTPFailure {
    let words = unsafe String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION:
      return HTTPFailure(
        isPassing: false,
        words: "its certificate is not signed by the authority, or for another name")
    case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ENGINE_INITFAILED:
      return HTTPFailure(isPassing: false, words: words)
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
      return HTTPFailure(isPassing: false, words: "this is no address of a server")
    case CURLE_COULDNT_CONNECT: return HTTPFailure(isPassing: true, words: "it does not listen")
    case CURLE_COULDNT_RESOLVE_HOST:
      return HTTPFailure(isPassing: true, words: "its name is not known")
    case CURLE_OPERATION_TIMEDOUT:
      return HTTPFailure(isPassing: true, words: "it does not answer in time")
    case CURLE_WRITE_ERROR:
      return HTTPFailure(isPassing: false, words: "its answer is too long")
    default: return HTTPFailure(isPassing: true, words: words)
    }
  }
}
