internal import COpenBLAS
internal import CVectorMath

/// What the numbers run on, for benchmarks and reports.
public enum OpenBLAS {
  /// One thread inside a participant: participants run in parallel instead, and a product's
  /// result then never depends on how many threads shared it.
  static let prepared: Bool = {
    openblas_set_num_threads(1)
    return true
  }()

  /// The kernel family that OpenBLAS chose for this processor, such as `Cooperlake`.
  ///
  /// The environment variable `OPENBLAS_CORETYPE` overrides its choice.
  public static var coreType: String { unsafe String(cString: openblas_get_corename()) }

  /// The number of threads inside one matrix product; always 1.
  public static var threads: Int {
    precondition(prepared)
    return Int(openblas_get_num_threads())
  }

  /// The clone of the vector loops that this processor runs: `avx512`, `x86-64-v3` or `baseline`.
  public static var vectorInstructionSet: String { unsafe String(cString: cvm_instruction_set()) }
}
