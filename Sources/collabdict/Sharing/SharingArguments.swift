import CollaborativeLearning
import Foundation
import Settings
import Simulation

/// What commands about Sharing Updatable Models share.
enum SharingArguments {
  static let settings = SettingsArguments.options(SharingConfiguration.self)

  /// Settings: the defaults, then the file of --config, then the command line.
  static func configuration(_ arguments: Arguments) throws -> SharingConfiguration {
    let configuration: SharingConfiguration = try SettingsArguments.configuration(
      arguments, command: "simulate sharing")
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
