import Foundation
import Storage
import Testing

@Suite struct AtomicFileTests {
  let directory = try! TemporaryDirectory()

  func write(_ text: String, to path: String) throws {
    var file = try AtomicFile(replacing: path)
    try file.write(Array(text.utf8).span)
    try file.commit()
  }

  @Test func appearsWithItsCommit() throws {
    let path = try directory.file("a", "old")
    var file = try AtomicFile(replacing: path)
    try file.write(Array("new".utf8).span)
    #expect(try bytes(of: path) == Array("old".utf8))
    #expect(try directory.contents.count == 2)
    try file.commit()
    #expect(try bytes(of: path) == Array("new".utf8))
    #expect(try directory.contents == ["a"])
  }

  @Test func disappearsWithoutCommit() throws {
    do {
      var file = try AtomicFile(replacing: directory("a"))
      try file.write(Array("new".utf8).span)
    }
    #expect(try directory.contents == [])
  }

  @Test func theLastCommitWins() throws {
    let first = try AtomicFile(replacing: directory("a"))
    try write("second", to: directory("a"))
    try first.commit()
    #expect(try bytes(of: directory("a")) == [])
  }

  @Test func linksAreFollowed() throws {
    let path = try directory.file("target", "old")
    try FileManager.default.createSymbolicLink(
      atPath: directory("link"), withDestinationPath: "target")
    try write("new", to: directory("link"))
    #expect(try bytes(of: path) == Array("new".utf8))
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: directory("link")) == "target")
  }

  @Test func placesThatCannotBeReplaced() throws {
    func code(_ path: String) -> StorageError.Code? {
      storageError { _ = try AtomicFile(replacing: path) }?.code
    }
    #expect(code(directory.path) == .notARegularFile)
    #expect(code(directory.path + "/") == .notARegularFile)
    #expect(code("") == .notARegularFile)
    #expect(code("/dev/null") == .notARegularFile)
    #expect(code(directory("no/file")) == .noSuchFile)
    let file = try directory.file("file", "")
    #expect(code(file + "/inside") == .noSuchFile)
    #expect(try directory.contents == ["file"])
  }

  @Test func namesMayBeAsLongAsTheSystemAllows() throws {
    let name = String(repeating: "ü", count: 127)
    try write("x", to: directory(name))
    #expect(try directory.contents == [name])
  }

  @Test func anInputIsNotOverwritten() throws {
    let path = try directory.file("input", "x")
    let other = try directory.file("other", "x")
    let link = directory("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    try FileManager.default.linkItem(atPath: path, toPath: directory("hard"))
    let disguises = [path, link, directory("hard"), directory.path + "/./input"]
    for output in disguises {
      let error = storageError {
        try AtomicFile.refuseOverwriting(output: output, inputs: [other, path])
      }
      #expect(error?.code == .wouldOverwriteInput)
      #expect(error?.problem.contains(path) == true)
    }
    try AtomicFile.refuseOverwriting(output: other, inputs: [path, directory("absent")])
    try AtomicFile.refuseOverwriting(output: directory("new"), inputs: [directory("new"), path])
  }
}
