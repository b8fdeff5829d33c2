import Cryptography
import Settings

extension Network {
  /// The next version, in which somebody new is the last member; yet unsigned.
  ///
  /// - Parameter links: of the new member, if the network lists its links; otherwise none.
  /// - Throws: ``NetworkError`` if this version is not valid, or the next would not be sound.
  public func joining(
    _ member: Member, links pairs: [NetworkLinks.Pair] = []
  ) throws(NetworkError) -> Network {
    try next(.join(member.name), members: members + [member], links: pairs)
  }

  /// The next version, in which a member has left; yet unsigned.
  ///
  /// - Parameter links: between members that had links to the one who leaves, if the network lists
  ///   its links; otherwise none.
  /// - Throws: ``NetworkError`` if there is no such member, this version is not valid, or the next
  ///   would not be sound.
  public func leaving(
    _ name: String, links pairs: [NetworkLinks.Pair] = []
  ) throws(NetworkError) -> Network {
    guard let index = index(named: name), !members[index].hasLeft else {
      let nearest = NearestName.of(name, among: presentMembers.map { self.members[$0].name })
      throw NetworkError(
        index(named: name) != nil
          ? "\(name) has left already" : "there is no member of that name", at: "members",
        remedy: nearest.map { "did you mean \($0)?" } ?? "name a present member")
    }
    var members = members
    members[index] = members[index].gone
    return try next(.leave(name), members: members, links: pairs)
  }

  private func next(
    _ change: Change, members: [Member], links pairs: [NetworkLinks.Pair]
  ) throws(NetworkError) -> Network {
    let check = check()
    guard check.isValid else {
      throw NetworkError(
        "the network is not valid yet: \(check)", at: "signatures",
        remedy: "let it be signed before it is changed")
    }
    var terms = terms
    if case .pairs(let before) = terms.links {
      terms.links = .pairs(before + pairs)
    } else if !pairs.isEmpty {
      throw NetworkError(
        "the links are \(terms.links) and are not listed", at: "links",
        remedy: "leave out the new links")
    }
    let next = try Network(
      name: name, sequence: sequence + 1, members: members, terms: terms, change: change,
      predecessorDigest: digest, predecessor: self, signatures: [:])
    if let problem = next.problemsOfChange.first {
      throw NetworkError(problem, at: "links", remedy: "change only what the change is about")
    }
    return next
  }

  /// This version with one more signature.
  ///
  /// - Throws: ``NetworkError`` if the keys are not a member's whose signature counts, or if
  ///   anything but signatures is missing.
  public func signed(by keys: MemberKeys) throws(NetworkError) -> Network {
    guard let index = index(of: keys.signing.verificationKey) else {
      throw NetworkError(
        "the key of \(keys.name) is no member's", at: "members",
        remedy: "use the key whose public half the network names")
    }
    let member = members[index]
    guard member.transportKey == keys.transport.publicKey,
      member.agreementKey == keys.agreement.publicKey
    else {
      throw NetworkError(
        "the network names other transport or agreement keys for \(member.name)",
        at: "members[\(index)]", remedy: "let it be made again from the public keys of today")
    }
    let check = check()
    if let problem = check.problems.first {
      throw NetworkError(
        problem, at: "network", remedy: "do not sign it; ask whoever sent it for the right file")
    }
    guard check.voters.contains(member.name) || check.required.contains(member.name) else {
      throw NetworkError(
        "\(member.name) has left and has no say any more", at: "members[\(index)]",
        remedy: "leave the signing to the members that are present")
    }
    var signatures = signatures
    signatures[member.name] = keys.signing.signature(for: Self.signedMessage(digest))
    return try with(signatures, predecessor)
  }

  /// This version with the signatures of another copy, too.
  ///
  /// - Throws: ``NetworkError`` if the other is not a copy of the same version, or if one of the two
  ///   has a signature that is not good.
  public func merged(with other: Network) throws(NetworkError) -> Network {
    guard other.digest == digest else {
      throw NetworkError(
        "this is another file than the first: digest \(other.digest.short) instead of "
          + "\(digest.short)", at: "network",
        remedy: "merge copies of one file; members who signed another must sign again")
    }
    for copy in [self, other] {
      if let problem = copy.ownSignatureProblems.first {
        throw NetworkError(problem, at: "signatures", remedy: "leave out this copy")
      }
    }
    var before = predecessor
    if let mine = predecessor, let theirs = other.predecessor {
      before = try mine.merged(with: theirs)
    }
    return try with(signatures.merging(other.signatures) { mine, _ in mine }, before)
  }

  private func with(
    _ signatures: [String: Signature], _ predecessor: Network?
  ) throws(NetworkError) -> Network {
    try Network(
      name: name, sequence: sequence, members: members, terms: terms, change: change,
      predecessorDigest: predecessorDigest, predecessor: predecessor, signatures: signatures)
  }
}

extension Digest {
  /// The first 16 digits, enough for people to tell files apart.
  public var short: String { String(description.prefix(16)) }
}
