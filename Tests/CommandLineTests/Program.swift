import Foundation
import Synchronization

/// The built program, run as a process of its own.
enum Program {
  /// How a process ended.
  struct Outcome: Sendable {
    /// The exit code, or the number of the signal that ended the process.
    let status: Int32
    let wasKilled: Bool
    let output: String
    let errors: String

    var errorLines: [Substring] { errors.split(separator: "\n", omittingEmptySubsequences: false) }

    /// Whether standard error holds exactly one line.
    var hasOneErrorLine: Bool {
      errors.hasSuffix("\n") && errors.dropLast().allSatisfy { !$0.isNewline } && errors.count > 1
    }
  }

  /// The program beside the bundle of these tests.
  static let url: URL = {
    var directories: [URL] = []
    if let bundle = Bundle.main.executableURL { directories.append(bundle) }
    directories += CommandLine.arguments.prefix(1).map { URL(fileURLWithPath: $0) }
    for start in directories {
      var directory = start.resolvingSymlinksInPath()
      while directory.path != "/" {
        directory.deleteLastPathComponent()
        let candidate = directory.appending(path: "collabdict")
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isDirectory),
          !isDirectory.boolValue
        {
          return candidate
        }
      }
    }
    fatalError("collabdict is not beside the tests; build it first")
  }()

  /// A process that has been started.
  final class Running: Sendable {
    private let process: Process
    private let directory: TemporaryDirectory
    private let ended: Task<Void, Never>
    private static let starting = Mutex(())

    init(
      _ executable: URL, _ arguments: [String], in place: String, input: FileHandle?
    ) throws {
      let directory = try TemporaryDirectory()
      let process = Process()
      process.executableURL = executable
      process.arguments = arguments
      process.currentDirectoryURL = URL(fileURLWithPath: place)
      var environment = ProcessInfo.processInfo.environment
      environment["SWIFT_BACKTRACE"] = "enable=no"
      environment["PROGRAM"] = Program.url.path
      process.environment = environment
      process.standardInput = input ?? FileHandle.nullDevice
      process.standardOutput = try directory.writing("output")
      process.standardError = try directory.writing("errors")
      let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
      process.terminationHandler = { _ in continuation.finish() }
      // One at a time: what a process is told of its end by could be inherited by another one.
      try Self.starting.withLock { _ in try process.run() }
      self.process = process
      self.directory = directory
      ended = Task { for await _ in stream {} }
    }

    /// Whether it still runs.
    var isRunning: Bool { process.isRunning }

    var processIdentifier: Int32 { process.processIdentifier }

    /// Sends a signal once a file has been replaced so often, and some milliseconds later.
    ///
    /// On a thread of its own: tests that compute may keep all others busy for seconds. Gives up
    /// when the process ends before.
    ///
    /// - Parameter pause: after so many milliseconds, and again after as many, it is sent once more to
    ///   a process that still runs; never if `nil`.
    /// - Returns: how often it was sent.
    @discardableResult func send(
      _ signal: Int32, afterChanges count: Int, of path: String, delay: UInt32 = 0,
      again pause: UInt32? = nil
    ) async -> Int {
      await withCheckedContinuation { continuation in
        Thread { [process] in
          var seen: UInt64 = 0
          var changes = 0
          while process.isRunning && changes < count {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            if let number = attributes?[.systemFileNumber] as? UInt64, number != seen {
              seen = number
              changes += 1
            }
            usleep(500)
          }
          usleep(1000 * delay)
          var sent = 0
          while process.isRunning {
            kill(process.processIdentifier, signal)
            sent += 1
            guard let pause, sent < 60 else { break }
            usleep(1000 * pause)
          }
          continuation.resume(returning: sent)
        }.start()
      }
    }

    /// What it has written to standard output so far.
    var output: String { get throws { try directory.text(of: "output") } }

    /// What it has written to standard error so far.
    var errors: String { get throws { try directory.text(of: "errors") } }

    /// Waits for its end.
    func outcome() async throws -> Outcome {
      await ended.value
      return Outcome(
        status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
        output: try directory.text(of: "output"), errors: try directory.text(of: "errors"))
    }
  }

  /// Starts the program in a directory.
  static func start(
    _ arguments: [String], in place: String, input: FileHandle? = nil
  ) throws -> Running {
    try Running(url, arguments, in: place, input: input)
  }

  /// Runs the program in a directory to its end.
  static func run(
    _ arguments: [String], in place: String, input: FileHandle? = nil
  ) async throws -> Outcome {
    try await start(arguments, in: place, input: input).outcome()
  }

  /// Runs a line of shell in which `$PROGRAM` is the program.
  static func shell(_ line: String, in place: String) async throws -> Outcome {
    try await Running(
      URL(fileURLWithPath: "/bin/sh"), ["-c", line], in: place, input: nil
    ).outcome()
  }
}
