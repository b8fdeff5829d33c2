/// What something is made from, as a table of settings.
public protocol SettableConfiguration: Sendable {
  static var settings: [Setting<Self>] { get }

  /// Names that stand for several settings of the table at once, with the names of those.
  static var jointNames: KeyValuePairs<String, [String]> { get }

  /// The defaults.
  init()

  /// - Throws: ``SettingError`` for settings that do not go together.
  func validate() throws(SettingError)
}

extension SettableConfiguration {
  /// None, unless a configuration has its own.
  public static var jointNames: KeyValuePairs<String, [String]> { [:] }

  /// Sets what a name stands for, from text; `_` in a name is as good as `-`. All of it, or nothing.
  ///
  /// - Throws: ``SettingError`` that names the nearest setting, or the values that it may have.
  public mutating func set(_ name: String, to text: String) throws(SettingError) {
    let plain = String(name.map { $0 == "_" ? "-" : $0 })
    let meant = Self.jointNames.first { $0.key == plain }?.value ?? [plain]
    var changed = self
    for name in meant {
      guard let setting = Self.settings.first(where: { $0.name == name }) else {
        let names = Self.settings.map(\.name)
        throw SettingError(
          "there is no setting \(plain); "
            + (NearestName.of(plain, among: names + Self.jointNames.map(\.key))
              .map { "did you mean \($0)?" }
              ?? "the settings are \(names.joined(separator: ", "))"))
      }
      guard setting.set(&changed, text) else {
        throw SettingError("\(plain) cannot be \(text); it is \(setting.values)")
      }
    }
    self = changed
  }
}
