import GraphicalModels

extension GGMParticipant {
  /// Statistics of this participant's first groups of rows, in the places that are its own.
  func startStatistics() throws -> PatternStatistics {
    try StartStatistics.of(
      view, index: index, of: participants, settings, seed: configuration.seed)
  }
}
