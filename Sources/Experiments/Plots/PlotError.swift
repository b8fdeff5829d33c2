/// Why something could not be drawn.
public struct PlotError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The problem and what to do about it, in one line.
  public let description: String

  init(_ description: String) {
    self.description = String(description.map { $0.isNewline ? " " : $0 })
  }
}
