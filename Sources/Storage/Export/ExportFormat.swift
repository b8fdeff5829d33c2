/// The formats of exports, each with the extension that calls for it.
enum ExportFormat: String, CaseIterable {
  case onnx
  case safetensors
  case hdf5 = "h5"
  case json

  /// The format that the extension of `path` calls for.
  ///
  /// - Parameter known: the formats that will do.
  /// - Throws: ``StorageError`` with code `wrongFormat` for any other extension.
  static func of(_ path: String, known: [ExportFormat]) throws(StorageError) -> ExportFormat {
    let name = path.split(separator: "/").last ?? ""
    let end = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    if let format = known.first(where: { $0.rawValue == end }) { return format }
    let extensions = known.map { ".\($0.rawValue)" }
    let list =
      extensions.count < 2
      ? extensions.joined()
      : extensions.dropLast().joined(separator: ", ") + " or " + extensions[extensions.count - 1]
    throw StorageError(
      .wrongFormat,
      end.isEmpty
        ? "a name without an extension does not say which format is meant"
        : "the extension .\(end) does not stand for a format here",
      at: .init(file: path), remedy: "name a file that ends in \(list)")
  }
}
