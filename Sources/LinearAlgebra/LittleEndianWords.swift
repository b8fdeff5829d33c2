/// Words of 32 bits as bytes, lowest byte first: the layout of what travels between machines.
public enum LittleEndianWords {
  /// Appends four bytes a word.
  public static func append(_ words: Span<UInt32>, to bytes: inout [UInt8]) {
    #if _endian(little)
      unsafe words.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    #else
      for i in 0..<words.count {
        for shift in [0, 8, 16, 24] as [UInt32] {
          bytes.append(UInt8(truncatingIfNeeded: words[i] >> shift))
        }
      }
    #endif
  }

  /// Reads words, and tells the largest of them (0 for none).
  ///
  /// - Precondition: `4 * count` bytes from `start` on.
  public static func read(
    _ bytes: Span<UInt8>, from start: Int, count: Int
  ) -> (values: [UInt32], maximum: UInt32) {
    precondition(
      start >= 0 && count >= 0 && start + 4 * count <= bytes.count,
      "\(count) words from byte \(start) of \(bytes.count)")
    var maximum: UInt32 = 0
    let values = unsafe [UInt32](unsafeUninitializedCapacity: count) { buffer, initialised in
      unsafe bytes.withUnsafeBytes { source in
        for i in 0..<count {
          let word = unsafe UInt32(
            littleEndian: source.loadUnaligned(fromByteOffset: start + 4 * i, as: UInt32.self))
          unsafe buffer.initializeElement(at: i, to: word)
          maximum = max(maximum, word)
        }
      }
      initialised = count
    }
    return (values, maximum)
  }
}
