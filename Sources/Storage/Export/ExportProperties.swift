/// What an export says about itself: small values by name.
///
/// HDF5 keeps each as one attribute of its own type. ONNX and safetensors know only texts: there a
/// list of numbers has commas, and a list of names one entry a name, `variable_names.0` and so on.
struct ExportProperties {
  enum Value: Hashable {
    case integer(Int)
    case integers([Int])
    case number(Float)
    case flag(Bool)
    case text(String)
    case texts([String])
  }

  private(set) var values: [String: Value] = [:]

  subscript(name: String) -> Value? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// All as texts.
  var texts: [String: String] {
    var texts: [String: String] = [:]
    for (name, value) in values {
      switch value {
      case .integer(let value): texts[name] = "\(value)"
      case .integers(let values): texts[name] = values.map { "\($0)" }.joined(separator: ",")
      case .number(let value): texts[name] = "\(value)"
      case .flag(let value): texts[name] = value ? "true" : "false"
      case .text(let value): texts[name] = value
      case .texts(let values):
        for (index, value) in values.enumerated() { texts["\(name).\(index)"] = value }
      }
    }
    return texts
  }

  /// Sets an attribute of the root of an HDF5 file for each.
  func write(to output: borrowing HDF5Writer) throws(StorageError) {
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      let attribute: HDF5Attribute =
        switch value {
        case .integer(let value): .integer(Int64(value))
        case .integers(let values): .integers(values.map { Int64($0) })
        case .number(let value): .number(Double(value))
        case .flag(let value): .string(value ? "true" : "false")
        case .text(let value): .string(value)
        case .texts(let values): .strings(values)
        }
      try output.setAttribute(name, to: attribute)
    }
  }

  /// The attributes of the root of an HDF5 file, as texts.
  static func texts(of file: HDF5File) throws(StorageError) -> [String: String] {
    var texts: [String: String] = [:]
    for name in try file.attributeNames() {
      switch try file.attribute(name) {
      case .string(let value): texts[name] = value
      case .integer(let value): texts[name] = "\(value)"
      case .integers(let values): texts[name] = values.map { "\($0)" }.joined(separator: ",")
      case .number(let value): texts[name] = "\(Float(value))"
      case .numbers(let values):
        texts[name] = values.map { "\(Float($0))" }.joined(separator: ",")
      case .strings(let values):
        for (index, value) in values.enumerated() { texts["\(name).\(index)"] = value }
      case nil: break
      }
    }
    return texts
  }
}

/// Takes an export's properties out of texts, and says which is missing or wrong.
struct ExportPropertyReader {
  let texts: [String: String]
  let file: String

  func text(_ name: String) throws(StorageError) -> String {
    guard let text = texts[name] else {
      throw StorageError(
        .noSuchObject, "there is no such property", at: place(name),
        remedy: "name a file that was exported as a pretrained decoder")
    }
    return text
  }

  /// - Parameter range: the values that make sense.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(StorageError) -> Int {
    let text = try text(name)
    guard let value = Int(text), range.contains(value) else {
      throw wrong(name, "\"\(text)\" is not a whole number from \(range)")
    }
    return value
  }

  func integers(_ name: String, in range: ClosedRange<Int>) throws(StorageError) -> [Int] {
    let text = try text(name)
    let values = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
    if text.isEmpty { return [] }
    guard values.allSatisfy(range.contains) else {
      throw wrong(name, "\"\(text)\" is not a list of whole numbers from \(range)")
    }
    return values
  }

  func number(_ name: String) throws(StorageError) -> Float {
    let text = try text(name)
    guard let value = Float(text), value.isFinite else {
      throw wrong(name, "\"\(text)\" is not a number")
    }
    return value
  }

  func positive(_ name: String) throws(StorageError) -> Float {
    let value = try number(name)
    if value <= 0 { throw wrong(name, "\(value) is not positive") }
    return value
  }

  /// One of several words.
  func choice<Choice>(
    _ name: String, _ choices: [(word: String, value: Choice)]
  ) throws(StorageError) -> Choice {
    let text = try text(name)
    guard let choice = choices.first(where: { $0.word == text }) else {
      throw wrong(
        name, "\"\(text)\" is none of \(choices.map(\.word).joined(separator: ", "))")
    }
    return choice.value
  }

  /// A list of names; `nil` if there is not one.
  func list(_ name: String, count: Int) throws(StorageError) -> [String]? {
    if !texts.keys.contains(where: { $0.hasPrefix("\(name).") }) { return nil }
    var list: [String] = []
    for index in 0..<count { list.append(try text("\(name).\(index)")) }
    if texts["\(name).\(count)"] != nil { throw wrong(name, "there are more than \(count)") }
    return list
  }

  /// All texts of a list.
  func allTexts(_ name: String) -> [String] {
    var list: [String] = []
    while let text = texts["\(name).\(list.count)"] { list.append(text) }
    return list
  }

  func wrong(_ name: String, _ problem: String) -> StorageError {
    StorageError(.malformed, problem, at: place(name), remedy: "export the decoder again")
  }

  private func place(_ name: String) -> StorageError.Place {
    .init(file: file, object: "property \(name)")
  }
}
