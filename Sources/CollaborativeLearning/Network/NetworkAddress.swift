/// Where a member can be reached: `tcp://host:port`, with IPv6 addresses in brackets.
///
/// Equal addresses have equal texts: hosts are in lower case, IPv6 addresses as RFC 5952 writes
/// them, ports without leading zeros. No name is looked up.
public struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
  /// A name, an IPv4 address, or an IPv6 address without brackets.
  public let host: String
  /// 1 to 65535.
  public let port: Int

  /// What an address may be, for people.
  public static let values = "tcp://host:port or tcp://[IPv6 address]:port, port 1 to 65535"

  /// The address of a text; `nil` if it is none that other machines could use.
  public init?(_ text: String) {
    let scheme = "tcp://"
    guard text.utf8.count <= 300, text.hasPrefix(scheme) else { return nil }
    let rest = text.dropFirst(scheme.count)
    guard let colon = rest.lastIndex(of: ":") else { return nil }
    let digits = rest[rest.index(after: colon)...]
    guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(NetworkName.isDigit),
      let port = Int(digits), (1...65535).contains(port)
    else { return nil }
    let host = rest[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      // The unspecified address is a place to listen at, but not one to reach.
      guard let groups = Self.groups(host.dropFirst().dropLast()),
        groups.contains(where: { $0 != 0 })
      else { return nil }
      self.host = Self.text(groups)
    } else {
      guard Self.isHost(host) else { return nil }
      self.host = host.lowercased()
    }
    self.port = port
  }

  public var description: String {
    host.contains(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
  }

  /// Whether a text is a host name or an IPv4 address.
  private static func isHost(_ text: Substring) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    guard text.utf8.count <= 253,
      labels.allSatisfy({ label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy {
            NetworkName.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
          }
      })
    else { return false }
    // A name that ends in a number is meant as an IPv4 address.
    guard labels.last?.utf8.allSatisfy(NetworkName.isDigit) == true else { return true }
    let isCanonical = labels.allSatisfy { $0.utf8.count == 1 || $0.first != "0" }
    return labels.count == 4 && labels.allSatisfy { (0...255).contains(Int($0) ?? -1) }
      && isCanonical && text != "0.0.0.0"
  }

  /// The eight groups of an IPv6 address, without zone or embedded IPv4 address.
  private static func groups(_ text: Substring) -> [UInt16]? {
    func numbers(_ part: Substring) -> [UInt16]? {
      if part.isEmpty { return [] }
      var numbers: [UInt16] = []
      for group in part.split(separator: ":", omittingEmptySubsequences: false) {
        guard (1...4).contains(group.utf8.count), group.allSatisfy(\.isHexDigit),
          let number = UInt16(group, radix: 16)
        else { return nil }
        numbers.append(number)
      }
      return numbers
    }
    let bytes = Array(text.utf8)
    guard bytes.count <= 39 else { return nil }
    let colon = UInt8(ascii: ":")
    let gap = bytes.indices.dropLast().first { bytes[$0] == colon && bytes[$0 + 1] == colon }
    guard let gap else {
      guard let all = numbers(text), all.count == 8 else { return nil }
      return all
    }
    let split = text.utf8.index(text.startIndex, offsetBy: gap)
    guard let left = numbers(text[..<split]),
      let right = numbers(text[text.utf8.index(split, offsetBy: 2)...]),
      left.count + right.count <= 7
    else { return nil }
    return left + [UInt16](repeating: 0, count: 8 - left.count - right.count) + right
  }

  /// RFC 5952: the longest run of two or more zeros, the first of equals, becomes `::`.
  private static func text(_ groups: [UInt16]) -> String {
    var best = 0..<0
    var start = 0
    while start < groups.count {
      var end = start
      while end < groups.count && groups[end] == 0 { end += 1 }
      if end - start > max(1, best.count) { best = start..<end }
      start = max(end, start + 1)
    }
    func join(_ part: ArraySlice<UInt16>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    if best.isEmpty { return join(groups[...]) }
    return join(groups[..<best.lowerBound]) + "::" + join(groups[best.upperBound...])
  }
}
