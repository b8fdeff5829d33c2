import CollaborativeLearning

extension TrainingConfiguration {
  /// Sets options from a JSON file: one object whose keys are option names; see ``SettingsFile``.
  ///
  /// - Throws: ``StorageError`` with the file and the key.
  public mutating func read(json path: String) throws(StorageError) {
    try SettingsFile(reading: path).apply(remedy: "see `collabdict train --help`") {
      try set($0, to: $1)
    }
  }
}
