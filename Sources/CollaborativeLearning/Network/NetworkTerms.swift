/// What the members of a network agree on, beside who they are.
public struct NetworkTerms: Sendable, Equatable {
  /// Every setting of the training.
  public var training = TrainingConfiguration()
  /// What the columns of everybody's data are; `nil` if nobody said.
  public var variables: NetworkVariables?
  /// Who talks to whom.
  public var links = NetworkLinks.complete
  /// How sums over the members are formed.
  public var sum = NetworkSum.exact
  /// What hides a member's share of a sum from the others.
  public var privacy: NetworkPrivacy
  /// The largest relative error of the iterative sums.
  public var tolerance = 1e-9
  /// How long to wait for what.
  public var deadlines = NetworkDeadlines()

  /// What ``tolerance`` may be.
  public static let tolerances = 1e-15...0.1

  /// The defaults for a number of members.
  public init(members: Int) { privacy = .usual(members: members) }

  /// The settings of the training that are not the defaults.
  public var unusualSettings: [(name: String, value: String)] {
    var usual = TrainingConfiguration()
    let model = training.settings.filter { $0.name == "model" }
    usual.modelClass = training.modelClass
    return model
      + zip(training.settings, usual.settings).filter { $0.value != $1.value }.map { $0.0 }
  }
}

/// The columns that every member's data must have.
public enum NetworkVariables: Sendable, Equatable, CustomStringConvertible {
  case count(Int)
  /// In their order.
  case names([String])

  /// How many columns.
  public var count: Int {
    switch self {
    case .count(let count): count
    case .names(let names): names.count
    }
  }

  /// From a number, or from names with commas between them.
  public init?(_ text: String) {
    if let count = Int(text) {
      self = .count(count)
    } else {
      self = .names(text.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
    }
    if problem != nil { return nil }
  }

  public var description: String {
    switch self {
    case .count(let count): String(count)
    case .names(let names): names.joined(separator: ",")
    }
  }

  /// What they may be, for people.
  public static let values = "a number from 1 to 10000, or distinct names separated by commas"

  var problem: String? {
    guard (1...10_000).contains(count) else { return "there cannot be \(count) variables" }
    guard case .names(let names) = self else { return nil }
    for name in names {
      let isPlain = name.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
          && $0.properties.generalCategory != .format
      }
      guard (1...200).contains(name.utf8.count), isPlain else {
        return "a variable has a name that is empty, longer than 200 bytes, or cannot be printed"
      }
    }
    return Set(names).count == names.count ? nil : "two variables have the same name"
  }
}

/// How sums over the members are formed.
public enum NetworkSum: String, Sendable, CaseIterable {
  /// In fixed point, to the last bit.
  case exact
  /// By averaging with neighbours, with Metropolis-Hastings weights.
  case metropolis
  /// The same, accelerated by Chebyshev's polynomials.
  case chebyshev
  /// As the paper on decentralised collaborative learning does it.
  case paper

  /// What it may be, for people.
  public static let values = allCases.map(\.rawValue).joined(separator: ", ")
}

/// How long members wait, in seconds.
public struct NetworkDeadlines: Sendable, Equatable {
  /// For the members to be present at the start.
  public var assembly = 60.0
  /// For one local update of a member.
  public var contribution = 60.0
  /// For the votes on who takes part in a sum.
  public var vote = 5.0
  /// For the shares that stand in for somebody who fell silent.
  public var reveal = 20.0
  /// Between two attempts to reach a member again.
  public var reconnect = 3.0
  /// For a member that fell silent to come back, before the others need not wait for it.
  public var `return` = 60.0

  /// What each may be, in seconds.
  public static let range = 0.05...604_800.0

  public init() {}

  /// The deadlines by name, in order, with what they are for.
  public static var all: [(name: String, help: String, path: DeadlinePath)] {
    [
      ("assembly", "for the members to be present at the start", \.assembly),
      ("contribution", "for one local update of a member", \.contribution),
      ("vote", "for the votes on who takes part in a sum", \.vote),
      ("reveal", "for the shares of a member that fell silent", \.reveal),
      ("reconnect", "between two attempts to reach a member", \.reconnect),
      ("return", "at the end, for members that are away", \.return),
    ]
  }

  public typealias DeadlinePath = WritableKeyPath<NetworkDeadlines, Double> & Sendable
}
