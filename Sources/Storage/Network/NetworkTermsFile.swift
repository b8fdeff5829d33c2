import CollaborativeLearning

extension NetworkTerms {
  /// The terms among the keys of a network file. All of them must be there: what is signed should
  /// not depend on anybody's defaults.
  init(
    _ node: JSONNode, _ parts: [String: JSONNode], members: Int
  ) throws(StorageError) {
    self.init(members: members)
    if let node = parts["variables"] { variables = try NetworkVariables(node) }
    links = try NetworkLinks(parts.required("links", in: node))
    sum = try parts.required("sum", in: node).choice(NetworkSum.values) {
      NetworkSum(rawValue: $0)
    }
    privacy = try parts.required("privacy", in: node).choice(NetworkPrivacy.values) {
      NetworkPrivacy($0)
    }
    tolerance = try parts.required("tolerance", in: node).number()
    let deadlineNode = try parts.required("deadlines", in: node)
    let given = try deadlineNode.members(among: NetworkDeadlines.all.map(\.name))
    for (name, _, path) in NetworkDeadlines.all {
      deadlines[keyPath: path] = try given.required(name, in: deadlineNode).number()
    }
    training = try TrainingConfiguration(parts.required("training", in: node))
  }
}

extension TrainingConfiguration {
  fileprivate init(_ node: JSONNode) throws(StorageError) {
    self.init()
    let given = try node.members(among: Self.options.map(\.name))
    if let model = given["model"] { try set("model", to: model) }
    for name in settings.map(\.name) { try set(name, to: given.required(name, in: node)) }
    if let other = Self.options.first(where: {
      $0.modelClass != nil && $0.modelClass != modelClass && given[$0.name] != nil
    }) {
      throw node.error(
        "\(other.name) is no setting of a \(modelClass.rawValue)", remedy: "leave it out")
    }
  }

  private mutating func set(_ name: String, to value: JSONNode) throws(StorageError) {
    let text = try value.setting()
    do throws(ConfigurationError) {
      try set(name, to: text)
    } catch {
      throw value.error(error.description, remedy: "see `collabdict train --help`")
    }
  }
}

extension NetworkVariables {
  fileprivate init(_ node: JSONNode) throws(StorageError) {
    if case .number = node.value {
      self = .count(try node.integer())
      return
    }
    var names: [String] = []
    for element in try node.elements() { names.append(try element.text()) }
    self = .names(names)
  }
}

extension NetworkLinks {
  fileprivate init(_ node: JSONNode) throws(StorageError) {
    guard case .list = node.value else {
      self = try node.choice(Self.values) { text in
        // Pairs stand in files as lists of two names.
        text.contains(":") ? nil : NetworkLinks(text)
      }
      return
    }
    var pairs: [Pair] = []
    for element in try node.elements() {
      let names = try element.elements()
      guard names.count == 2 else { throw element.expected("a list of two names") }
      pairs.append(Pair(try names[0].text(), try names[1].text()))
    }
    self = .pairs(pairs)
  }
}

extension JSONNode {
  /// A text that means one of some values.
  fileprivate func choice<T>(
    _ values: String, _ body: (String) -> T?
  ) throws(StorageError) -> T {
    let text = try text()
    guard let value = body(text) else {
      throw error("this cannot be \(shown(text))", remedy: "choose \(values)")
    }
    return value
  }

  /// A setting's text: what stands in quotes, or a number or truth value as it is written.
  fileprivate func setting() throws(StorageError) -> String {
    switch value {
    case .text(let text), .number(let text):
      // Settings are short and plain; messages repeat them.
      guard text.utf8.count <= 200, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
        throw error("no setting has such a value", remedy: "see `collabdict train --help`")
      }
      return text
    case .bool(let truth): return String(truth)
    case .null, .list, .object: throw expected("a text, number or truth value")
    }
  }
}
