import Settings
import Storage

/// Settings of a configuration as options, and as a file.
enum SettingsArguments {
  /// - Parameter defaults: what a command starts from.
  static func options<Configuration: SettableConfiguration>(
    _ type: Configuration.Type, defaults: Configuration = Configuration()
  ) -> [OptionSpecification] {
    return Configuration.settings.map {
      OptionSpecification($0.name, "VALUE", "\($0.help): \($0.values) [\($0.get(defaults))]")
    }
  }

  /// The defaults, then the file of --config, then the command line.
  ///
  /// - Parameter command: whose help lists the settings.
  static func configuration<Configuration: SettableConfiguration>(
    _ arguments: Arguments, command: String, from start: Configuration = Configuration()
  ) throws -> Configuration {
    var configuration = start
    if let path = arguments["config"] {
      try SettingsFile(reading: path).apply(remedy: "see `collabdict \(command) --help`") {
        try configuration.set($0, to: $1)
      }
    }
    do {
      for setting in Configuration.settings {
        guard let value = arguments[setting.name] else { continue }
        do {
          try configuration.set(setting.name, to: value)
        } catch {
          throw UsageError("--\(error)")
        }
      }
      try configuration.validate()
    } catch let error as SettingError {
      throw UsageError("\(error)")
    }
    return configuration
  }

  /// The settings as JSON, for the run's folder: a file that --config takes.
  static func json<Configuration: SettableConfiguration>(_ configuration: Configuration) -> JSON {
    .object(Configuration.settings.map { ($0.name, .text($0.get(configuration))) })
  }
}
