import CollaborativeLearning
import Datasets
import MultipartyLearning
import Storage

/// What commands about several parties share.
enum MultipartyArguments {
  static let settings = settings { _ in true }

  /// Those of some names.
  static func settings(_ isMeant: (String) -> Bool) -> [OptionSpecification] {
    MultipartyConfiguration.settings.filter { isMeant($0.name) }.map {
      OptionSpecification(
        $0.name, "VALUE", "\($0.help): \($0.values) [\($0.get(MultipartyConfiguration()))]")
    }
  }

  static func values<T: RawRepresentable<String> & CaseIterable>(_ type: T.Type) -> String {
    T.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// Settings: the defaults, then the file of --config, then the command line.
  static func configuration(_ arguments: Arguments) throws -> MultipartyConfiguration {
    var configuration = MultipartyConfiguration()
    if let path = arguments["config"] {
      try SettingsFile(reading: path).apply(remedy: "see `collabdict simulate bema --help`") {
        try configuration.set($0, to: $1)
      }
    }
    for setting in MultipartyConfiguration.settings {
      guard let value = arguments[setting.name] else { continue }
      do {
        try configuration.set(setting.name, to: value)
      } catch {
        throw UsageError("--\(error)")
      }
    }
    return configuration
  }

  /// Images that the models are made for.
  static func images(_ path: String) throws -> ImageFile {
    let images = try ImageFile(reading: path)
    guard images.train.channels == 1, images.train.height == 28, images.train.width == 28 else {
      throw FileError(
        path: path,
        cause: ParticipantFailure(
          "the images have the shape [\(images.train.channels), \(images.train.height), "
            + "\(images.train.width)], and the models see [1, 28, 28]"))
    }
    return images
  }
}
