import Foundation

/// Asks the members of an etcd cluster, over the JSON that their gateways speak (etcd 3.4, `/v3/…`).
///
/// Every request may be sent more than once: a member that took it and died cannot say so. It may
/// be done twice then, and late. That comes to the same: keys whose values change are written
/// behind a comparison, which holds once; what is put without one never has another value, and what
/// is deleted without one is never named again.
struct EtcdClient: ~Copyable {
  /// A key and its value as etcd keeps them.
  struct Entry {
    let key: [UInt8]
    let value: [UInt8]
    /// The revision of the store in which the key was written last.
    let revision: Int
  }

  /// What a range of keys has, at one moment.
  struct Range {
    var entries: [Entry]
    var isWhole: Bool
    /// The revision of the store at that moment.
    var revision: Int
  }

  /// The keys from one up to, but not with, another.
  struct KeyRange {
    var start: [UInt8]
    var end: [UInt8]
  }

  enum Comparison {
    /// The key is not there.
    case absent(String)
    /// The key was written last in this revision.
    case unchanged(String, revision: Int)
  }

  let cluster: EtcdCluster
  /// Which member answered last: it is asked first.
  private(set) var current = 0
  private var exchange: HTTPExchange?

  init(_ cluster: EtcdCluster) { self.cluster = cluster }

  static func text(_ bytes: some Sequence<UInt8>) -> JSONValue {
    .text(Data(bytes).base64EncodedString())
  }

  static func object(_ members: [(String, JSONValue)]) -> JSONValue {
    .object(members.map { .init(key: $0.0, value: $0.1) })
  }

  /// The first key behind all that start with these bytes.
  static func end(of prefix: [UInt8]) -> [UInt8] {
    var end = prefix
    while let last = end.popLast() {
      if last < 0xFF { return end + [last + 1] }
    }
    return [0]
  }

  /// The address of a service at a member.
  func address(_ service: String, member: Int) -> String {
    (cluster.isSecure ? "https://" : "http://") + cluster.members[member] + "/v3/" + service
  }

  // MARK: Requests

  mutating func value(of key: String) throws(StorageError) -> Entry? {
    try range(from: Array(key.utf8), to: nil, limit: 1).entries.first
  }

  /// The keys from one up to, but not with, another.
  mutating func range(
    from key: [UInt8], to end: [UInt8]?, limit: Int
  ) throws(StorageError) -> Range {
    var members = [("key", Self.text(key)), ("limit", JSONValue.integer(limit))]
    if let end { members.append(("range_end", Self.text(end))) }
    let answer = try send("kv/range", Self.object(members))
    return try answer.range()
  }

  mutating func put(_ key: String, _ value: [UInt8]) throws(StorageError) {
    _ = try send("kv/put", Self.put(key, value))
  }

  mutating func deleteAll(startingWith prefix: String) throws(StorageError) {
    _ = try send("kv/deleterange", Self.deletion(Self.keys(startingWith: prefix)))
  }

  /// All keys that start with a prefix.
  static func keys(startingWith prefix: String) -> KeyRange {
    let start = Array(prefix.utf8)
    return KeyRange(start: start, end: end(of: start))
  }

  private static func deletion(_ range: KeyRange) -> JSONValue {
    object([("key", text(range.start)), ("range_end", text(range.end))])
  }

  private static func put(_ key: String, _ value: [UInt8]) -> JSONValue {
    object([("key", text(key.utf8)), ("value", text(value))])
  }

  /// Writes all values and deletes all keys in some ranges, at one moment, if the comparison holds.
  /// If it does not, nothing is done, and the answer has the entries of `otherwise`.
  ///
  /// - Returns: `nil` if it held.
  mutating func write(
    _ values: [(key: String, value: [UInt8])], deleting ranges: [KeyRange] = [],
    if comparison: Comparison, otherwise: [String]
  ) throws(StorageError) -> [Entry?]? {
    let compare =
      switch comparison {
      case .absent(let key):
        Self.object([
          ("key", Self.text(key.utf8)), ("target", .text("CREATE")), ("result", .text("EQUAL")),
          ("create_revision", .text("0")),
        ])
      case .unchanged(let key, let revision):
        Self.object([
          ("key", Self.text(key.utf8)), ("target", .text("MOD")), ("result", .text("EQUAL")),
          ("mod_revision", .text(String(revision))),
        ])
      }
    let puts = values.map { Self.object([("requestPut", Self.put($0.key, $0.value))]) }
    let deletions = ranges.map { Self.object([("requestDeleteRange", Self.deletion($0))]) }
    let answer = try send(
      "kv/txn",
      Self.object([
        ("compare", .list([compare])),
        ("success", .list(puts + deletions)),
        (
          "failure",
          .list(
            otherwise.map {
              Self.object([("requestRange", Self.object([("key", Self.text($0.utf8))]))])
            })
        ),
      ]))
    if answer["succeeded"]?.value == .bool(true) { return nil }
    guard let responses = answer["responses"] else { throw answer.odd }
    var entries: [Entry?] = []
    for response in try responses.list() {
      guard let range = response["response_range"] else { throw answer.odd }
      entries.append(try range.range().entries.first)
    }
    guard entries.count == otherwise.count else { throw answer.odd }
    return entries
  }

  // MARK: Sending

  /// Asks one member after the other until one answers.
  private mutating func send(
    _ service: String, _ request: JSONValue
  ) throws(StorageError) -> EtcdAnswer {
    let body = Array(request.pretty.utf8)
    let deadline = ContinuousClock.now + .seconds(cluster.patienceSeconds)
    var tried = 0
    while true {
      let reason: String
      do throws(HTTPFailure) {
        let left = max(0.2, (deadline - .now) / .seconds(1))
        return try answer(service, body, seconds: min(cluster.answerSeconds, left))
      } catch {
        if error.isRefusal { throw refused(error.words) }
        guard error.isPassing else { throw unreachable(error.words) }
        reason = error.words
      }
      current = (current + 1) % cluster.members.count
      tried += 1
      // All have been asked: a leader may be being elected.
      if tried % cluster.members.count == 0 {
        if ContinuousClock.now >= deadline { throw unreachable(reason) }
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
  }

  func unreachable(_ reason: String) -> StorageError {
    StorageError(
      .unreachable, "no member of the cluster answers (\(cluster.members[current]): \(reason))",
      at: cluster.place, remedy: "see that etcd runs there, and check address and certificates")
  }

  private func refused(_ reason: String) -> StorageError {
    reason.contains("space exceeded")
      ? StorageError(
        .diskFull, "the cluster's quota is used up", at: cluster.place,
        remedy: "compact and defragment it, or raise its quota, and disarm its alarm")
      : StorageError(
        .notPermitted, "the cluster refuses (\(reason))", at: cluster.place,
        remedy: "look into its settings")
  }

  private mutating func answer(
    _ service: String, _ body: [UInt8], seconds: Double
  ) throws(HTTPFailure) -> EtcdAnswer {
    if exchange == nil {
      exchange = try HTTPExchange(
        security: cluster.security, connecting: min(2, cluster.answerSeconds), limit: 1 << 28)
    }
    let address = address(service, member: current)
    guard let (status, bytes) = try exchange?.post(to: address, body, seconds: seconds) else {
      throw HTTPFailure(isPassing: false, words: "there is no connection")
    }
    guard let value = try? JSONParser.value(of: bytes, deepest: 16) else {
      throw HTTPFailure(isPassing: status >= 500, words: "it does not answer as etcd does")
    }
    let answer = EtcdAnswer(value: value, place: cluster.place)
    if status == 200 { return answer }
    // Codes of gRPC; these say that the member, not the request, is in trouble.
    let passing = ["1", "2", "4", "10", "13", "14"]
    let code: String? = if case .number(let code)? = answer["code"]?.value { code } else { nil }
    let isPassing = code.map(passing.contains) ?? (status >= 500)
    throw HTTPFailure(
      isPassing: isPassing, words: answer["error"]?.text ?? "status \(status)",
      isRefusal: !isPassing)
  }
}

/// A part of an answer.
struct EtcdAnswer {
  let value: JSONValue
  let place: StorageError.Place

  subscript(key: String) -> EtcdAnswer? {
    guard case .object(let members) = value,
      let member = members.first(where: { $0.key == key })
    else { return nil }
    return EtcdAnswer(value: member.value, place: place)
  }

  var text: String? { if case .text(let text) = value { text } else { nil } }

  /// 64-bit numbers are written as texts, and zeros not at all.
  var number: Int? {
    switch value {
    case .text(let digits), .number(let digits): Int(digits)
    default: nil
    }
  }

  var bytes: [UInt8]? { text.flatMap { Data(base64Encoded: $0) }.map(Array.init) }

  var odd: StorageError {
    StorageError(
      .malformed, "the answer is not one of etcd", at: place, remedy: "check the address")
  }

  func list() throws(StorageError) -> [EtcdAnswer] {
    guard case .list(let values) = value else { throw odd }
    return values.map { EtcdAnswer(value: $0, place: place) }
  }

  func entry() throws(StorageError) -> EtcdClient.Entry {
    guard let key = self["key"]?.bytes, let revision = self["mod_revision"]?.number else {
      throw odd
    }
    return .init(key: key, value: self["value"]?.bytes ?? [], revision: revision)
  }

  func range() throws(StorageError) -> EtcdClient.Range {
    guard let header = self["header"] else { throw odd }
    var entries: [EtcdClient.Entry] = []
    for entry in try self["kvs"]?.list() ?? [] { entries.append(try entry.entry()) }
    return .init(
      entries: entries, isWhole: self["more"]?.value != .bool(true),
      revision: header["revision"]?.number ?? 0)
  }
}
