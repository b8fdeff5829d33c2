import Cryptography
import Foundation
import Ledger
import Testing

@testable import Storage

/// Processes that are killed while they add to a chain.
@Suite struct KilledStoreTests {
  private static let program: URL? = {
    var directory = (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0]))
      .resolvingSymlinksInPath()
    while directory.path != "/" {
      directory.deleteLastPathComponent()
      let candidate = directory.appending(path: "Benchmarks")
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isDirectory),
        !isDirectory.boolValue
      {
        return candidate
      }
    }
    return nil
  }()

  /// Every block whose hash was printed is there, and whole; what comes next stands behind it.
  @Test(arguments: ["file", "sqlite"]) func whatWasAcknowledgedIsThere(_ kind: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory("chain")
    let program = try #require(Self.program)
    var random = Numbers(seed: 3)
    var acknowledged: [String] = []
    for kill in 0..<20 {
      let process = Process()
      process.executableURL = program
      process.arguments = ["ledger-append", kind, path]
      let output = Pipe()
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
      var text = Data()
      if kill % 4 == 0 {
        // Some are killed as they start.
        usleep(UInt32(random.next(20_000)))
      } else {
        // The others after some blocks, however long a busy machine takes for them.
        let blocks = 1 + random.next(10)
        while text.count(where: { $0 == UInt8(ascii: "\n") }) < blocks {
          let more = output.fileHandleForReading.availableData
          try #require(!more.isEmpty, "it ended by itself in run \(kill)")
          text += more
        }
        usleep(UInt32(random.next(3000)))
      }
      Foundation.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(process.terminationReason == .uncaughtSignal)
      text += try output.fileHandleForReading.readToEnd() ?? Data()
      // A line without its end was not told yet.
      acknowledged += String(decoding: text, as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let hashes =
        kind == "file"
        ? try hashes(of: try FileBlockStore<Block>(opening: path))
        : try hashes(of: try SQLiteBlockStore<Block>(opening: path))
      #expect(Set(acknowledged).isSubset(of: hashes), "kill \(kill)")
      #expect(hashes.count <= acknowledged.count + kill + 1)
    }
    #expect(acknowledged.count > 20)
    if kind == "sqlite" { try SQLiteBlockStore<Block>(reading: path).check() }
  }

  private func hashes(
    of store: borrowing some BlockStore<Block> & ~Copyable
  ) throws -> [String] {
    var last: Block?
    var hashes: [String] = []
    for height in 0..<store.count {
      let block = try #require(try store.block(at: height))
      try block.check(follows: last)
      hashes.append("\(block.hash)")
      last = block
    }
    return hashes
  }
}
