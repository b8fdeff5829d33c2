import Datasets
import Foundation
import Storage
import Testing

@Suite struct ReviewFileTests {
  let directory = try! TemporaryDirectory()

  func write(
    _ name: String, ranks: [UInt64] = [3, 0, 9999, 7], shape: [Int]? = nil,
    offsets: [Int64] = [0, 3, 4], labels: [UInt8] = [1, 0], hasTest: Bool = true
  ) throws -> String {
    let path = directory(name)
    let writer = try HDF5Writer(replacing: path)
    for part in hasTest ? ["train", "test"] : ["train"] {
      try writer.write(ranks, shape: shape ?? [ranks.count], to: "/\(part)/word_ranks")
      try writer.write(offsets, shape: [offsets.count], to: "/\(part)/offsets")
      try writer.write(labels, shape: [labels.count], to: "/\(part)/labels")
    }
    try writer.commit()
    return path
  }

  @Test func reviewsAreRead() throws {
    let file = try ReviewFile(reading: write("a.h5"))
    #expect(
      file.train == ReviewSet(wordRanks: [3, 0, 9999, 7], offsets: [0, 3, 4], labels: [1, 0]))
    #expect(file.test == file.train)
    let path = directory("words.h5")
    let writer = try HDF5Writer(replacing: path)
    try writer.write([65_535, 1] as [UInt16], shape: [2], to: "/words")
    try writer.commit()
    #expect(try HDF5File(reading: path).read("/words", as: UInt16.self) == [65_535, 1])
  }

  @Test func badFilesAreOneLineEach() throws {
    func expect(_ words: String, _ path: () throws -> String) {
      do {
        _ = try ReviewFile(reading: path())
        Issue.record("no error of \(words)")
      } catch {
        let text = "\(error)"
        #expect(text.contains(words) && !text.contains("\n"), "\(text)")
      }
    }
    expect("/test/word_ranks: there is no such data set") { try write("b.h5", hasTest: false) }
    expect("review 0 has the label 3") { try write("c.h5", labels: [3, 0]) }
    expect("offsets from 0 to 5 for 4 words") { try write("d.h5", offsets: [0, 3, 5]) }
    expect("review 0 ends at word -2") { try write("e.h5", offsets: [0, -2, 4]) }
    expect("too large") { try write("f.h5", ranks: [3, 0, 70_000, 7]) }
    expect("the shape is [2, 2]") { try write("g.h5", shape: [2, 2]) }
    expect("there are no reviews") { try write("h.h5", ranks: [], offsets: [0], labels: []) }
    expect("no such file") { directory("missing.h5") }
  }
}
