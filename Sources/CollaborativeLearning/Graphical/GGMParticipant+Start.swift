import GraphicalModels

extension GGMParticipant {
  /// Statistics of this participant's first groups of rows, in the places that are its own.
  func startStatistics() throws -> PatternStatistics {
    var rows: [Float] = []
    rows.reserveCapacity(view.rowCount * features)
    try forEachClippedPiece { range, windows in
      rows.append(contentsOf: windows.prefix(range.count * features))
    }
    let groups = StartStatistics.groups(
      of: rows, features: features, index: index, settings, seed: configuration.seed)
    addDiversityNoise(to: &rows, groups: groups)
    return StartStatistics.of(
      rows, features: features, groups: groups, index: index, of: participants, settings)
  }
}
