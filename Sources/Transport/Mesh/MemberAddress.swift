import Cryptography

/// How to reach a member, and how to know it.
public struct MemberAddress: Sendable, Hashable {
  /// The member's number in the network, at least 0 and below 2³².
  public var index: Int
  /// Where it listens: `tcp://host:port`, IPv6 in brackets.
  public var endpoint: String
  /// The public half of its connections' key (CurveZMQ).
  public var transportKey: AgreementPublicKey
  /// The public half of the key for what others hand on.
  public var agreementKey: AgreementPublicKey

  public init(
    index: Int, endpoint: String, transportKey: AgreementPublicKey,
    agreementKey: AgreementPublicKey
  ) {
    self.index = index
    self.endpoint = endpoint
    self.transportKey = transportKey
    self.agreementKey = agreementKey
  }
}
