import Foundation

/// A directory that goes when the value does.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "command-line-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of `name` in the directory.
  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// A new file that is open for writing.
  func writing(_ name: String) throws -> FileHandle {
    try Data().write(to: URL(fileURLWithPath: self(name)))
    return try FileHandle(forWritingTo: URL(fileURLWithPath: self(name)))
  }

  func text(of name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: self(name))), as: UTF8.self)
  }

  /// All files, hidden ones too, with what they hold.
  var contents: [String: Data] {
    get throws {
      var found: [String: Data] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: path) {
        found[name] = FileManager.default.contents(atPath: self(name)) ?? Data()
      }
      return found
    }
  }
}
