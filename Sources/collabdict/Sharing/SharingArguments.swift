import CollaborativeLearning
import Datasets
import Foundation
import Simulation
import Storage

/// What commands about Sharing Updatable Models share.
enum SharingArguments {
  static let settings = SharingConfiguration.settings.map {
    OptionSpecification(
      $0.name, "VALUE", "\($0.help): \($0.values) [\($0.get(SharingConfiguration()))]")
  }

  /// Settings: the defaults, then the file of --config, then the command line.
  static func configuration(_ arguments: Arguments) throws -> SharingConfiguration {
    var configuration = SharingConfiguration()
    if let path = arguments["config"] {
      try SettingsFile(reading: path).apply(remedy: "see `collabdict simulate sharing --help`") {
        try configuration.set($0, to: $1)
      }
    }
    for setting in SharingConfiguration.settings {
      guard let value = arguments[setting.name] else { continue }
      do {
        try configuration.set(setting.name, to: value)
      } catch {
        throw UsageError("--\(error)")
      }
    }
    do {
      try configuration.validate(isOnChain: arguments.has("chain"))
    } catch {
      throw UsageError("\(error)")
    }
    return configuration
  }

  /// Where the reviews are: --data, or a file of the data folder.
  static func dataPath(_ arguments: Arguments) throws(UsageError) -> String {
    let folder = ProcessInfo.processInfo.environment["COLLABDICT_DATA"]
    guard let path = arguments["data"] ?? folder.map({ "\($0)/imdb.h5" }) else {
      throw UsageError(
        "say where the reviews are with --data imdb.h5, or their folder in COLLABDICT_DATA "
          + "(datasets/IMDB.md tells how to get them)")
    }
    return path
  }
}
