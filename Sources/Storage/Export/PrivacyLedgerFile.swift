import CollaborativeLearning

extension PrivacyLedger {
  static let format = "CollabDict privacy ledger"
  /// More than anybody ever releases.
  private static let largestFile = 1 << 20

  /// Reads a ledger.
  ///
  /// - Throws: ``StorageError`` that says what is wrong in it.
  public init(reading path: String) throws(StorageError) {
    let what = "a privacy ledger"
    let node = try JSONNode(
      bytes: SmallFile.bytes(of: path, limit: Self.largestFile, what: what), file: path,
      what: what)
    let members = try node.members(among: ["format", "releases"])
    let format = try members.required("format", in: node)
    guard try format.text() == Self.format else {
      throw format.error("this is no privacy ledger", remedy: "name the one beside the model")
    }
    self.init()
    for element in try members.required("releases", in: node).elements() {
      let parts = try element.members(among: ["name", "order", "epsilon"])
      let release = Release(
        name: try parts.required("name", in: element).text(),
        order: try parts.required("order", in: element).number(),
        epsilon: try parts.required("epsilon", in: element).number())
      do throws(PrivacyError) {
        try add(release)
      } catch {
        throw element.error(error.description, remedy: "restore the ledger from a copy")
      }
    }
  }

  /// Writes the ledger. What was at `path` stays as it was until the new one is complete.
  public func write(to path: String) throws(StorageError) {
    let value = JSONValue.object([
      .init(key: "format", value: .text(Self.format)),
      .init(
        key: "releases",
        value: .list(
          releases.map {
            .object([
              .init(key: "name", value: .text($0.name)),
              .init(key: "order", value: .double($0.order)),
              .init(key: "epsilon", value: .double($0.epsilon)),
            ])
          })),
    ])
    try AtomicFile.write(Array(value.pretty.utf8), to: path)
  }
}
