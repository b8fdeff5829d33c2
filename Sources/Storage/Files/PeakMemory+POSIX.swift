#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The most memory that this process has had so far.
public enum PeakMemory {
  /// In MiB.
  public static var mebibytes: Double {
    var usage = rusage()
    #if canImport(Darwin)
      _ = unsafe getrusage(RUSAGE_SELF, &usage)
      return Double(usage.ru_maxrss) / Double(1 << 20)
    #else
      // The C library's own constant is of another type than the function's parameter.
      _ = unsafe getrusage(0, &usage)
      return Double(usage.ru_maxrss) / 1024
    #endif
  }
}
