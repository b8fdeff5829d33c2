/// The binary form of what is signed. Every reader of the same values makes the same bytes, and no
/// two different lists of values give the same bytes:
///
/// - a whole number is 8 bytes, the lowest first; a truth value is the number 0 or 1;
/// - bytes and texts (UTF-8) are their number of bytes as a whole number, then the bytes;
/// - a floating-point number is its IEEE 754 double-precision pattern as a whole number;
/// - a list is its number of elements as a whole number, then the elements;
/// - what may be absent is a truth value, then the value if it is there.
struct CanonicalBytes {
  private(set) var bytes: [UInt8] = []

  /// - Parameter domain: what the bytes are, so that a signature under one kind of thing is never
  ///   one under another.
  init(domain: String) { append(domain) }

  mutating func append(_ value: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }

  mutating func append(_ value: Int) { append(UInt64(value)) }

  mutating func append(_ value: Bool) { append(value ? 1 : 0) }

  mutating func append(_ value: Double) { append(value.bitPattern) }

  mutating func append(_ value: [UInt8]) {
    append(value.count)
    bytes.append(contentsOf: value)
  }

  mutating func append(_ value: String) { append(Array(value.utf8)) }

  mutating func append<T>(
    list: [T], _ body: (inout CanonicalBytes, T) -> Void
  ) {
    append(list.count)
    for element in list { body(&self, element) }
  }

  mutating func append<T>(
    optional: T?, _ body: (inout CanonicalBytes, T) -> Void
  ) {
    append(optional != nil)
    if let optional { body(&self, optional) }
  }
}
