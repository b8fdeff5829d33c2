import Foundation
import Storage
import Testing

/// The path of a committed file that `fixtures/make_fixtures.py` wrote.
func fixture(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fixtures/\(name)").path
}

/// A directory that goes when the value does.
final class TemporaryDirectory: Sendable {
  let path: String

  init(in parent: String = FileManager.default.temporaryDirectory.path) throws {
    let url = URL(filePath: parent).appending(path: "storage-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of `name` in the directory.
  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Writes `bytes` to the file `name`, and gives its path.
  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let path = self(name)
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  /// Writes `text` to the file `name`, and gives its path.
  func file(_ name: String, _ text: String) throws -> String {
    try file(name, text.utf8)
  }

  /// The names of all files, hidden ones too.
  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

func bytes(of path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(filePath: path)))
}

/// The error that `body` throws; records an issue and gives `nil` if it throws none.
func storageError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> StorageError? {
  #expect(throws: StorageError.self, sourceLocation: sourceLocation, performing: body)
}
