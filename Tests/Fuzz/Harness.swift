import Glibc

// Where libFuzzer enters a harness. The harness of a target, which is compiled with this file, has
// `check`, which traps when something does not hold of an input, and `seeds`, valid inputs to start
// from.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  // One run of the fuzzer is one thread.
  MainActor.assumeIsolated { check(bytes) }
  return 0
}

/// Writes the seeds as files into the directory that the variable `FUZZ_SEEDS` names.
@_cdecl("LLVMFuzzerInitialize")
public func fuzzInitialise(
  _ argumentCount: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  guard let directory = getenv("FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
  for (place, seed) in MainActor.assumeIsolated({ seeds() }).enumerated() {
    guard let file = fopen("\(directory)/seed-\(place)", "w") else { continue }
    fwrite(seed, 1, seed.count, file)
    fclose(file)
  }
  return 0
}
