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
    guard let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
      throw StorageError(
        .wrongFormat, "the file is not one JSON object", at: place,
        remedy: "write it as { \"rounds\": 500 }")
    }
    for (name, value) in object.sorted(by: { $0.key < $1.key }) {
      do {
        try set(name, to: Self.text(of: value))
      } catch {
        throw StorageError(
          .malformed, error.description, at: StorageError.Place(file: path, object: "key \(name)"),
          remedy: "see `collabdict train --help`")
      }
    }
  }

  /// A JSON value as an option's text: lists with commas, numbers and truth values as they read.
  private static func text(of value: Any) -> String {
    switch value {
    case let text as String: text
    case let list as [Any]: list.map(text(of:)).joined(separator: ",")
    case let number as NSNumber:
      // JSON's true and false come as numbers of a type of their own.
      CFBooleanLike.isBoolean(number) ? (number.boolValue ? "true" : "false") : "\(number)"
    default: "null"
    }
  }
}

/// Tells JSON's truth values from its numbers.
private enum CFBooleanLike {
  static func isBoolean(_ number: NSNumber) -> Bool {
    unsafe String(cString: number.objCType) == "c"
  }
}
