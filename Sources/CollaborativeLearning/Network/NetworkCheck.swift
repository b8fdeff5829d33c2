import Cryptography

/// Whether a version of a network holds: who signed, who is missing, and what is wrong.
public struct NetworkCheck: Sendable, Equatable, CustomStringConvertible {
  /// Members whose signature must be there: all in the first version, whoever joins in a change.
  public let required: [String]
  /// Members whose signatures count towards the quorum of a change: those present before it. Empty
  /// in the first version.
  public let voters: [String]
  /// How many of the voters must sign.
  public let quorum: Int
  /// Members whose signatures are there and good, in the order of members.
  public let signed: [String]
  /// What no further signature mends. Empty if nothing is wrong.
  public let problems: [String]

  /// Members that must sign and have not.
  public var missing: [String] { required.filter { !signed.contains($0) } }
  /// Voters that may sign and have not.
  public var undecided: [String] { voters.filter { !signed.contains($0) } }
  /// How many voters must still sign.
  public var approvalsMissing: Int {
    max(0, quorum - voters.count { signed.contains($0) })
  }
  /// Whether the version holds.
  public var isValid: Bool { problems.isEmpty && missing.isEmpty && approvalsMissing == 0 }

  /// The outcome in one line.
  public var description: String {
    if !problems.isEmpty { return "not valid: " + problems.joined(separator: "; ") }
    if isValid { return "valid, signed by " + signed.joined(separator: ", ") }
    var parts: [String] = []
    if !missing.isEmpty { parts.append("the signature of " + missing.joined(separator: ", ")) }
    if approvalsMissing > 0 {
      parts.append(
        "\(approvalsMissing) more approval\(approvalsMissing == 1 ? "" : "s"), from "
          + undecided.joined(separator: ", "))
    }
    return "not valid yet; missing: " + parts.joined(separator: " and ")
  }
}

extension Network {
  /// Checks signatures, and that a change follows from the version before it.
  ///
  /// - The first version holds when every member signed it.
  /// - A change holds when the version before it holds, nothing but the change differs from it, and
  ///   more than half of the members present there signed; whoever joins must sign, too. A member
  ///   that leaves by itself is one of those who sign; to put one out against its will, the others
  ///   alone must be more than half. So two changes of one version cannot both hold unless somebody
  ///   signed both.
  /// - A signature that is not good spoils the version: somebody altered it.
  public func check() -> NetworkCheck {
    let spoilt = badSigners
    var problems = problemsOfChange + spoilt.map(Self.problemOfSignature)
    var required: [String] = []
    var voters: [String] = []
    if let predecessor {
      let check = predecessor.check()
      if !check.isValid {
        problems.append("the version before it, number \(predecessor.sequence), is \(check)")
      }
      voters = predecessor.presentMembers.map { predecessor.members[$0].name }
      if case .join(let name) = change { required = [name] }
    } else {
      required = members.map(\.name)
    }
    let heard = Set(required + voters)
    for member in members where signatures[member.name] != nil && !heard.contains(member.name) {
      problems.append("\(member.name) signed, but had left before and has no say")
    }
    let good = members.map(\.name).filter {
      heard.contains($0) && signatures[$0] != nil && !spoilt.contains($0)
    }
    return NetworkCheck(
      required: required, voters: voters, quorum: predecessor?.quorum ?? 0, signed: good,
      problems: problems)
  }

  /// Signatures of this version that are not good.
  var ownSignatureProblems: [String] { badSigners.map(Self.problemOfSignature) }

  /// The members whose signatures are there and not good, in the order of members.
  private var badSigners: [String] {
    let message = Self.signedMessage(digest)
    return members.filter { member in
      signatures[member.name].map { !member.signingKey.isValid($0, for: message) } ?? false
    }.map(\.name)
  }

  private static func problemOfSignature(_ name: String) -> String {
    "the signature of \(name) is not one of this text: something was altered after it was signed, "
      + "or it was taken from another file"
  }
}
