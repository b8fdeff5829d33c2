import Glibc

/// Where a fuzzer puts the inputs that it starts from.
enum Seeds {
  /// The directory that the variable `FUZZ_SEEDS` names.
  static var directory: String? { getenv("FUZZ_SEEDS").map { String(cString: $0) } }

  static func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "w") else { return }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }
}
