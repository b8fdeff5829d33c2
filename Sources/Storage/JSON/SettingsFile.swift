import Foundation

/// A file of settings: one JSON object whose keys are their names.
///
/// ```json
/// { "rounds": 500, "hidden": [128, 64], "observation": "gaussian" }
/// ```
public struct SettingsFile {
  /// In the order of their names; lists with commas, numbers and truth values as they read.
  public let settings: [(name: String, value: String)]
  private let path: String

  /// - Throws: ``StorageError``.
  public init(reading path: String) throws(StorageError) {
    let place = StorageError.Place(file: path)
    guard let data = FileManager.default.contents(atPath: path) else {
      throw StorageError(.noSuchFile, "there is no such file", at: place, remedy: "check the name")
    }
    guard let object = try? JSONDecoder().decode([String: SettingValue].self, from: data) else {
      throw StorageError(
        .wrongFormat, "the file is not one JSON object of settings", at: place,
        remedy: "write it as { \"rounds\": 500 }")
    }
    self.path = path
    settings = object.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) }
  }

  /// Hands over each setting.
  ///
  /// - Parameter remedy: what to do about one that is refused.
  /// - Throws: ``StorageError`` with the key, and what `set` threw.
  public func apply(
    remedy: String, _ set: (_ name: String, _ value: String) throws -> Void
  ) throws(StorageError) {
    for (name, value) in settings {
      do {
        try set(name, value)
      } catch {
        throw StorageError(
          .malformed, "\(error)", at: StorageError.Place(file: path, object: "key \(name)"),
          remedy: remedy)
      }
    }
  }
}

/// A JSON value as an option's text.
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
