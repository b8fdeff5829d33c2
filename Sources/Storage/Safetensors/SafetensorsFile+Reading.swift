import Foundation

extension SafetensorsFile {
  /// Reads the file at `path`.
  ///
  /// - Throws: ``StorageError``: `truncated` if it ends early, `malformed` if header and values do
  ///   not agree, `wrongType` for a tensor that is not of type F32.
  public init(path: String) throws(StorageError) {
    let place = StorageError.Place(file: path)
    let file = try InputFile(path: path)
    guard let size = file.size else {
      throw StorageError(
        .notARegularFile, "this is not a regular file", at: place,
        remedy: "copy the data to a file first")
    }
    let header = try Self.header(of: file, size: size, at: place)
    metadata = header.entries.metadata
    tensors = [:]

    // In the order of the values, each tensor must begin where the one before ends.
    var end = 0
    for (name, entry) in header.entries.inOrder {
      let place = StorageError.Place(file: path, object: "tensor \(name)")
      let count = try Self.elementCount(of: entry, startingAt: end, at: place)
      end += 4 * count
      guard end <= header.dataSize else {
        throw StorageError(
          .truncated, "its values reach past the end of the file", at: place,
          remedy: "write or copy the file again")
      }
      var bytes = [UInt8](repeating: 0, count: 4 * count)
      guard try file.fill(&bytes) == bytes.count else {
        throw StorageError(
          .truncated, "the file ends early", at: place, remedy: "write or copy the file again")
      }
      tensors[name] = Tensor(shape: entry.shape, values: Self.floats(bytes.span))
    }
    guard end == header.dataSize else {
      throw StorageError(
        .malformed, "\(header.dataSize - end) bytes belong to no tensor", at: place,
        remedy: "write or copy the file again")
    }
  }

  /// The header of `file`, and the number of bytes that follow it.
  private static func header(
    of file: borrowing InputFile, size: Int, at place: StorageError.Place
  ) throws(StorageError) -> (entries: SafetensorsHeader, dataSize: Int) {
    let truncated = StorageError(
      .truncated, "the file ends inside its header, or is no safetensors file", at: place,
      remedy: "write or copy it again")
    var prefix = [UInt8](repeating: 0, count: 8)
    guard try file.fill(&prefix) == 8 else { throw truncated }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= SafetensorsHeader.longestLength else {
      throw StorageError(
        .wrongFormat, "this is not a safetensors file", at: place,
        remedy: "name a safetensors file")
    }
    guard 8 + Int(length) <= size else { throw truncated }
    var json = [UInt8](repeating: 0, count: Int(length))
    guard try file.fill(&json) == json.count else { throw truncated }
    guard json.first == UInt8(ascii: "{"),
      let entries = try? JSONDecoder().decode(SafetensorsHeader.self, from: Data(json))
    else {
      throw StorageError(
        .malformed, "the header is not what safetensors has there", at: place,
        remedy: "name a safetensors file, or write it again")
    }
    return (entries, size - 8 - Int(length))
  }

  /// Checks what the header says of a tensor, and counts its elements.
  private static func elementCount(
    of entry: SafetensorsHeader.Entry, startingAt start: Int, at place: StorageError.Place
  ) throws(StorageError) -> Int {
    guard entry.type == "F32" else {
      throw StorageError(
        .wrongType, "the values are of type \(entry.type), not F32", at: place,
        remedy: "convert them to single precision")
    }
    var count: Int? = 1
    for size in entry.shape {
      let (product, overflow) = (count ?? 0).multipliedReportingOverflow(by: size)
      count = overflow || size < 0 || count == nil ? nil : product
    }
    guard let count, count <= Int.max / 8, entry.offsets == [start, start + 4 * count] else {
      throw StorageError(
        .malformed, "shape \(entry.shape) and offsets \(entry.offsets) do not agree", at: place,
        remedy: "write or copy the file again")
    }
    return count
  }

  private static func floats(_ bytes: Span<UInt8>) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(bytes.count / 4)
    for start in stride(from: 0, to: bytes.count, by: 4) {
      let low = UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8
      let high = UInt32(bytes[start + 2]) | UInt32(bytes[start + 3]) << 8
      values.append(Float(bitPattern: low | high << 16))
    }
    return values
  }
}

extension SafetensorsHeader {
  /// The tensors in the order of their values.
  fileprivate var inOrder: [(name: String, entry: Entry)] {
    entries.map { (name: $0.key, entry: $0.value) }.sorted {
      // Tensors without elements share an offset; any order of those will do, but one and the same.
      $0.entry.offsets.lexicographicallyPrecedes($1.entry.offsets)
        || $0.entry.offsets == $1.entry.offsets && $0.name < $1.name
    }
  }
}
