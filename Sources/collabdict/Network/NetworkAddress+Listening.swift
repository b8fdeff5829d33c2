import CollaborativeLearning

extension NetworkAddress {
  /// Where the owner of the address listens. Names may stand for addresses of another interface: all
  /// of them are listened at.
  var listening: String { isNumeric ? description : "tcp://*:\(port)" }

  private var isNumeric: Bool {
    host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
  }
}
