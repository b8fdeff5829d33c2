/// An etcd cluster: its members' addresses, how to reach them, and how long to wait.
///
/// Written as `etcd://host:port[,host:port…]/prefix`. With an authority or a certificate the members
/// are spoken to over TLS.
public struct EtcdCluster: Sendable, Hashable {
  /// `host:port` of each member, IPv6 in brackets.
  public let members: [String]
  /// What all keys of the chain start with; without a slash at either end.
  public let prefix: String
  /// A PEM file with the certificates of who signs the members' certificates.
  public var authority: String?
  /// PEM files with this program's own certificate and its key.
  public var certificate: String?
  public var key: String?
  /// The longest that one member may take to answer, in seconds, before the next is asked.
  public var answerSeconds = 3.0
  /// The longest that a request is tried at all members in turn, in seconds.
  public var patienceSeconds = 10.0

  /// - Precondition: at least one member, and a prefix.
  public init(members: [String], prefix: String) {
    precondition(
      !members.isEmpty && !prefix.isEmpty, "a cluster of no members, or without a prefix")
    self.members = members
    self.prefix = prefix
  }

  public static let scheme = "etcd://"

  /// Reads `etcd://host:port[,host:port…]/prefix`.
  ///
  /// - Throws: ``StorageError``.
  public init(_ address: String) throws(StorageError) {
    func malformed(_ problem: String) -> StorageError {
      StorageError(
        .malformed, problem, at: .init(file: String(address.prefix(200))),
        remedy: "write it as etcd://host:port[,host:port]/prefix")
    }
    guard address.hasPrefix(Self.scheme) else { throw malformed("this is no address of a cluster") }
    let rest = address.dropFirst(Self.scheme.count)
    guard let slash = rest.firstIndex(of: "/") else { throw malformed("the prefix is missing") }
    let prefix = rest[rest.index(after: slash)...].drop { $0 == "/" }
    guard !prefix.isEmpty else { throw malformed("the prefix is missing") }
    guard !prefix.hasSuffix("/"), !prefix.contains(where: { $0.isWhitespace || $0 == "\0" }) else {
      throw malformed("the prefix ends with a slash or has blanks")
    }
    let members = rest[..<slash].split(separator: ",", omittingEmptySubsequences: false)
    for member in members {
      let port = member.split(separator: ":").last.flatMap { UInt16($0) }
      guard let colon = member.lastIndex(of: ":"), colon > member.startIndex, port ?? 0 > 0,
        !member.contains(where: { $0.isWhitespace || "@?#\\".contains($0) })
      else { throw malformed("a member's host or port is missing") }
    }
    self.init(members: members.map(String.init), prefix: String(prefix))
  }

  var security: TransportSecurity {
    TransportSecurity(authority: authority, certificate: certificate, key: key)
  }

  var isSecure: Bool { authority != nil || certificate != nil }

  /// The chain's address, for messages.
  var place: StorageError.Place {
    .init(file: Self.scheme + members.joined(separator: ",") + "/" + prefix)
  }
}
