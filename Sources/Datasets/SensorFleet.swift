/// The data of one participant s: Dˢ of CollabDict 2024, Sec. 3.
public struct ParticipantData: Sendable {
  /// The group's name in its file.
  public let name: String
  /// Normal operation to learn from, or `nil` when there is none.
  public var train: (any RowSource)?
  /// Rows to score, or `nil`.
  public var test: (any RowSource)?
  /// Which test rows are anomalous, as long as `test`, or `nil`.
  public var testLabels: [Bool]?

  public init(
    name: String, train: (any RowSource)? = nil, test: (any RowSource)? = nil,
    testLabels: [Bool]? = nil
  ) {
    self.name = name
    self.train = train
    self.test = test
    self.testLabels = testLabels
  }
}

/// Machines of the same kind, with the same variables.
public struct SensorFleet: Sendable {
  public var title: String?
  /// Names of the variables, or `nil` when the file gives none.
  public var variables: [String]?
  /// Units of the variables, or `nil`.
  public var units: [String]?
  /// In the order of their names.
  public var participants: [ParticipantData]

  public init(
    title: String? = nil, variables: [String]? = nil, units: [String]? = nil,
    participants: [ParticipantData]
  ) {
    self.title = title
    self.variables = variables
    self.units = units
    self.participants = participants
  }

  /// The name of a variable, counted from 0; its number from 1 when the file names none.
  public func variableName(_ index: Int) -> String {
    if let variables, index < variables.count { return variables[index] }
    return "variable \(index + 1)"
  }

  public subscript(name: String) -> ParticipantData? { participants.first { $0.name == name } }
}
