/// Named tensors of single precision, as in a safetensors file.
///
/// The format is Hugging Face's: eight bytes with the length of a header (little-endian), the header
/// in JSON, then the values of all tensors without gaps.
public struct SafetensorsFile: Hashable, Sendable {
  /// A tensor: its values, the last dimension varying fastest.
  public struct Tensor: Hashable, Sendable {
    /// The sizes of the dimensions: none for a scalar.
    public let shape: [Int]
    /// As many values as `shape` has elements.
    public let values: [Float]

    /// A tensor of `shape`.
    ///
    /// - Precondition: `values` has as many elements as `shape`.
    public init(shape: [Int], values: [Float]) {
      precondition(
        shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count,
        "\(values.count) values are not those of the shape \(shape)")
      self.shape = shape
      self.values = values
    }
  }

  /// The tensors by name.
  public var tensors: [String: Tensor]
  /// Texts about the file, by name.
  public var metadata: [String: String]

  /// A file with these contents.
  public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}

/// The header of a safetensors file: a JSON object of tensors, and `__metadata__`.
struct SafetensorsHeader: Codable {
  /// What the header says of one tensor.
  struct Entry: Codable {
    var type: String
    var shape: [Int]
    /// Where the values begin and end, counted from the end of the header.
    var offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case type = "dtype"
      case shape
      case offsets = "data_offsets"
    }
  }

  /// The longest header, as in the reference implementation.
  static let longestLength = 100_000_000

  var entries: [String: Entry] = [:]
  var metadata: [String: String] = [:]

  private static let metadataKey = "__metadata__"

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(entries: [String: Entry], metadata: [String: String]) {
    self.entries = entries
    self.metadata = metadata
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for key in container.allKeys {
      if key.stringValue == Self.metadataKey {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if !metadata.isEmpty {
      try container.encode(metadata, forKey: Key(stringValue: Self.metadataKey))
    }
    for (name, entry) in entries { try container.encode(entry, forKey: Key(stringValue: name)) }
  }
}
