import CollaborativeLearning
import Foundation

extension TrainingConfiguration {
  /// Sets options from a JSON file: one object whose keys are option names.
  ///
  /// ```json
  /// { "rounds": 500, "hidden": [128, 64], "observation": "gaussian" }
  /// ```
  ///
  /// - Throws: ``StorageError`` with the file and the key.
  public mutating func read(json path: String) throws(StorageError) {
    let place = StorageError.Place(file: path)
    guard let data = FileManager.default.contents(atPath: path) else {
      throw StorageError(.noSuchFile, "there is no such file", at: place, remedy: "check the name")
    }
    guard let object = try? JSONDecoder().decode([String: SettingValue].self, from: data) else {
      throw StorageError(
        .wrongFormat, "the file is not one JSON object of settings", at: place,
        remedy: "write it as { \"rounds\": 500 }")
    }
    for (name, value) in object.sorted(by: { $0.key < $1.key }) {
      do {
        try set(name, to: value.text)
      } catch {
        throw StorageError(
          .malformed, error.description, at: StorageError.Place(file: path, object: "key \(name)"),
          remedy: "see `collabdict train --help`")
      }
    }
  }
}

/// A JSON value as an option's text: lists with commas, numbers and truth values as they read.
private struct SettingValue: Decodable {
  let text: String

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let truth = try? value.decode(Bool.self) {
      text = truth ? "true" : "false"
    } else if let number = try? value.decode(Int.self) {
      text = String(number)
    } else if let number = try? value.decode(Double.self) {
      text = String(number)
    } else if let list = try? value.decode([SettingValue].self) {
      text = list.map(\.text).joined(separator: ",")
    } else {
      text = try value.decode(String.self)
    }
  }
}
