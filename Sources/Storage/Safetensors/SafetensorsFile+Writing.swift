import Foundation

extension SafetensorsFile {
  /// Writes the file to `path`, whole or not at all, the tensors in the order of their names.
  ///
  /// - Precondition: no tensor is called `__metadata__`.
  /// - Throws: ``StorageError``, such as `diskFull`; what was at `path` is then as it was.
  public func write(to path: String) throws(StorageError) {
    precondition(tensors["__metadata__"] == nil, "a tensor cannot be called __metadata__")
    let names = tensors.keys.sorted()
    var header = SafetensorsHeader(entries: [:], metadata: metadata)
    var end = 0
    for name in names {
      guard let tensor = tensors[name] else { continue }
      let start = end
      end += 4 * tensor.values.count
      header.entries[name] = .init(type: "F32", shape: tensor.shape, offsets: [start, end])
    }

    var file = try AtomicFile(replacing: path)
    let headerBytes = try Self.bytes(of: header, at: .init(file: path))
    try file.write(headerBytes.span)
    for name in names {
      guard let tensor = tensors[name] else { continue }
      // A part at a time, so that a large tensor is not in memory twice.
      for start in stride(from: 0, to: tensor.values.count, by: 1 << 18) {
        let end = min(start + (1 << 18), tensor.values.count)
        let bytes = Self.bytes(of: tensor.values[start..<end])
        try file.write(bytes.span)
      }
    }
    try file.commit()
  }

  /// The length of the header, and the header with blanks behind it so that the values are aligned.
  private static func bytes(
    of header: SafetensorsHeader, at place: StorageError.Place
  ) throws(StorageError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(header) else {
      throw StorageError(
        .inputOutput, "the header cannot be expressed in JSON", at: place,
        remedy: "use other names")
    }
    let length = (json.count + 7) / 8 * 8
    var bytes: [UInt8] = []
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(length >> shift & 0xFF)) }
    bytes.append(contentsOf: json)
    bytes.append(contentsOf: repeatElement(0x20, count: length - json.count))
    return bytes
  }

  private static func bytes(of values: ArraySlice<Float>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * values.count)
    for value in values {
      let bits = value.bitPattern
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
    }
    return bytes
  }
}
