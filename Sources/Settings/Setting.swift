/// One setting under the name that it has on the command line and in a configuration file.
public struct Setting<Configuration>: Sendable {
  public let name: String
  public let help: String
  /// What it may be, for people.
  public let values: String
  /// The value as text.
  public let get: @Sendable (Configuration) -> String
  /// Sets it from text; `false`, with nothing changed, when the text is no such value.
  public let set: @Sendable (inout Configuration, String) -> Bool

  public typealias Path<T> = WritableKeyPath<Configuration, T> & Sendable

  /// - Parameters:
  ///   - values: what it may be, for people, as the end of “it is …”.
  ///   - set: sets it from text; `false`, with nothing changed, when the text is no such value.
  public init(
    name: String, help: String, values: String,
    get: @escaping @Sendable (Configuration) -> String,
    set: @escaping @Sendable (inout Configuration, String) -> Bool
  ) {
    self.name = name
    self.help = help
    self.values = values
    self.get = get
    self.set = set
  }

  /// A number in a range.
  public static func number<T: LosslessStringConvertible & Comparable & Sendable>(
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

  /// One of the cases of a type, by its raw value.
  public static func choice<T: RawRepresentable<String> & CaseIterable & Sendable>(
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

  /// `true` or `false`.
  public static func flag(_ name: String, _ help: String, _ path: Path<Bool>) -> Self {
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
public struct SettingError: Error, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
