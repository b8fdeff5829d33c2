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

  /// Reads words.
  ///
  /// - Precondition: `4 * count` bytes from `start` on.
  public static func read(_ bytes: Span<UInt8>, from start: Int, count: Int) -> [UInt32] {
    precondition(
      start >= 0 && count >= 0 && start + 4 * count <= bytes.count,
      "\(count) words from byte \(start) of \(bytes.count)")
    return unsafe [UInt32](unsafeUninitializedCapacity: count) { buffer, initialised in
      unsafe bytes.withUnsafeBytes { source in
        let part = unsafe UnsafeRawBufferPointer(rebasing: source[start..<start + 4 * count])
        unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: part)
      }
      #if !_endian(little)
        for i in 0..<count { unsafe buffer[i] = unsafe UInt32(littleEndian: buffer[i]) }
      #endif
      initialised = count
    }
  }
}
