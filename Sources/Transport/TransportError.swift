/// What went wrong between this node and the network: the problem, the place, and what to do.
///
/// `description` is one line that is fit for people, for example
/// `tcp://0.0.0.0:7001: the address is already in use; stop the other program, or listen elsewhere`.
public struct TransportError: Error, Hashable, Sendable {
  /// The classes of mistake, for code that must tell them apart.
  public enum Code: Hashable, Sendable {
    /// An address that this machine cannot listen on, or that is none.
    case badEndpoint
    /// Somebody listens there already.
    case addressInUse
    /// The members contradict one another, or a setting is out of its range.
    case badSetting
    /// The other side did not answer in time.
    case noAnswer
    /// The machine has no more of something: descriptors, memory, threads.
    case exhausted
    /// Anything else that the messaging library reports.
    case library
  }

  /// The class of mistake.
  public var code: Code
  /// What was wrong, without the place: `the address is already in use`.
  public var problem: String
  /// Where it was: an endpoint, a member, a setting.
  public var place: String
  /// What to do about it, as an imperative: `listen elsewhere`.
  public var remedy: String

  /// An error of class `code`: `problem` at `place`; do `remedy`.
  public init(_ code: Code, _ problem: String, at place: String, remedy: String) {
    self.code = code
    self.problem = problem
    self.place = place
    self.remedy = remedy
  }
}

extension TransportError: CustomStringConvertible {
  /// The error in one line: place, problem, remedy.
  public var description: String {
    let text = "\(place): \(problem); \(remedy)"
    return String(text.map { $0.isNewline ? " " : $0 })
  }
}
