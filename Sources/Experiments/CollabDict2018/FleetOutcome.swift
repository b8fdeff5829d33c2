/// A figure that an experiment reports.
public struct Measure: Sendable, Hashable {
  /// For files.
  public let key: String
  /// For tables.
  public let title: String
  public let explanation: String

  init(_ key: String, _ title: String, _ explanation: String) {
    self.key = key
    self.title = title
    self.explanation = explanation
  }
}

/// What one method reached on one fleet.
public struct MethodOutcome: Sendable, Equatable {
  public let method: ComparedMethod
  /// By the key of the measure; a measure that has no value is missing.
  public let values: [String: Double]
  /// The experiment's curve at 101 abscissae from 0 to 1.
  public let curve: [Double]

  init(_ method: ComparedMethod, _ values: [String: Double], curve: [Double]) {
    self.method = method
    self.values = values.filter(\.value.isFinite)
    self.curve = curve
  }
}

/// What all methods reached on one fleet, once.
public struct FleetOutcome: Sendable {
  /// A pattern that CollabDict learned.
  public struct Pattern: Sendable {
    /// The share of the rows that are of it.
    public let share: Double
    public let graph: DependencyGraph

    /// Smaller |partial correlations| are not drawn.
    static let threshold = 0.05
  }

  public let fleet: String
  public let seed: UInt64
  /// What held-out rows have chosen, in words.
  public let choices: String
  public var methods: [MethodOutcome] = []
  public var graphs: [Pattern] = []
  /// Scores of one variable of one participant along its rows, as in Fig. 2 of 2018.
  public var signals: [(method: ComparedMethod, scores: [Double])] = []
  public private(set) var signalName = ""

  init(fleet: String, seed: UInt64, choices: String) {
    self.fleet = fleet
    self.seed = seed
    self.choices = choices
  }

  /// Keeps the scores if they are those of the ninth variable of the sixth participant, which Fig. 2
  /// of 2018 shows (or of the last, where there are fewer).
  mutating func remember(
    _ scores: [Double], _ method: ComparedMethod, variable: Int, participant: Int,
    of fleet: ExperimentFleet
  ) {
    guard variable == min(8, fleet.variables.count - 1),
      participant == min(5, fleet.participants.count - 1)
    else { return }
    signals.append((method, scores))
    signalName = "\(fleet.variables[variable]) of \(fleet.participants[participant].name)"
  }
}
