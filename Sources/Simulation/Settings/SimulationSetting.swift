import CollaborativeLearning

/// One setting of a simulation under the name that it has on the command line and in a configuration
/// file.
public struct SimulationSetting<Configuration>: Sendable {
  public let name: String
  public let help: String
  /// What it may be, for people.
  public let values: String
  /// The value as text.
  public let get: @Sendable (Configuration) -> String
  /// Sets it from text; `false` when the text is no such value.
  let set: @Sendable (inout Configuration, String) -> Bool

  typealias Path<T> = WritableKeyPath<Configuration, T> & Sendable

  static func number<T: LosslessStringConvertible & Comparable & Sendable>(
    _ name: String, _ help: String, _ range: ClosedRange<T>, _ path: Path<T>
  ) -> Self {
    let kind = T.self is any BinaryInteger.Type ? "a whole number" : "a number"
    return Self(
      name: name, help: help, values: "\(kind) from \(range.lowerBound) to \(range.upperBound)",
      get: { "\($0[keyPath: path])" },
      set: { configuration, text in
        guard let value = T(text), range.contains(value) else { return false }
        configuration[keyPath: path] = value
        return true
      })
  }

  static func choice<T: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ help: String, _ path: Path<T>
  ) -> Self {
    Self(
      name: name, help: help,
      values: "one of " + T.allCases.map(\.rawValue).joined(separator: ", "),
      get: { $0[keyPath: path].rawValue },
      set: { configuration, text in
        guard let value = T(rawValue: text) else { return false }
        configuration[keyPath: path] = value
        return true
      })
  }

  static func flag(_ name: String, _ help: String, _ path: Path<Bool>) -> Self {
    Self(
      name: name, help: help, values: "true or false", get: { "\($0[keyPath: path])" },
      set: { configuration, text in
        guard let value = Bool(text) else { return false }
        configuration[keyPath: path] = value
        return true
      })
  }
}

/// A setting that cannot be, or settings that do not go together, in one line.
public struct SimulationSettingError: Error, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// What a simulation is made from, as a table of settings.
public protocol SettableConfiguration: Sendable {
  static var settings: [SimulationSetting<Self>] { get }

  /// The defaults.
  init()

  /// - Throws: ``SimulationSettingError`` for settings that do not go together.
  func validate() throws(SimulationSettingError)
}

extension SettableConfiguration {
  /// Sets what a name stands for, from text; `_` in a name is as good as `-`.
  ///
  /// - Throws: ``SimulationSettingError``.
  public mutating func set(_ name: String, to text: String) throws(SimulationSettingError) {
    let plain = String(name.map { $0 == "_" ? "-" : $0 })
    guard let setting = Self.settings.first(where: { $0.name == plain }) else {
      let names = Self.settings.map(\.name)
      throw SimulationSettingError(
        "there is no setting \(plain); "
          + (NearestName.of(plain, among: names).map { "did you mean \($0)?" }
            ?? "the settings are \(names.joined(separator: ", "))"))
    }
    guard setting.set(&self, text) else {
      throw SimulationSettingError("\(plain) cannot be \(text); it is \(setting.values)")
    }
  }
}
