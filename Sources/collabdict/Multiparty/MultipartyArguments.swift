import CollaborativeLearning
import Datasets
import MultipartyLearning
import Storage

/// What commands about several parties share.
enum MultipartyArguments {
  static let settings = SettingsArguments.options(MultipartyConfiguration.self)

  /// Those of some names.
  static func settings(_ isMeant: (String) -> Bool) -> [OptionSpecification] {
    settings.filter { isMeant($0.name) }
  }

  static func values<T: RawRepresentable<String> & CaseIterable>(_ type: T.Type) -> String {
    T.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// Settings: the defaults, then the file of --config, then the command line.
  static func configuration(_ arguments: Arguments) throws -> MultipartyConfiguration {
    try SettingsArguments.configuration(arguments, command: "simulate bema")
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
    guard images.train.classes == 10 else {
      throw FileError(
        path: path,
        cause: ParticipantFailure(
          "the images have \(images.train.classes) classes, and the cases deal out 10"))
    }
    return images
  }
}
