import Datasets

extension SensorFleet {
  /// As many participants as wanted: each series is cut into blocks of time, each of which becomes a
  /// participant. Test rows stay with the first block of their series.
  ///
  /// - Returns: `nil` if there are not enough rows, or fewer participants are wanted than there are.
  public func split(into count: Int, leastRows: Int = 20) -> SensorFleet? {
    let sources = participants.filter { $0.train != nil }
    let total = sources.reduce(0) { $0 + ($1.train?.rowCount ?? 0) }
    guard count >= sources.count, total >= count * leastRows else { return nil }
    // Blocks by rows: as equal as series of different lengths allow.
    var blocks = sources.map { max(1, ($0.train?.rowCount ?? 0) * count / total) }
    while blocks.reduce(0, +) != count {
      let isShort = blocks.reduce(0, +) < count
      let rows = sources.indices.map { Double(sources[$0].train?.rowCount ?? 0) }
      let candidates = sources.indices.filter { isShort || blocks[$0] > 1 }
      // The series whose blocks are the longest get one more; those with the shortest, one less.
      let chosen = candidates.max { a, b in
        let (x, y) = (rows[a] / Double(blocks[a]), rows[b] / Double(blocks[b]))
        return isShort ? x < y : x > y
      }
      guard let chosen else { return nil }
      blocks[chosen] += isShort ? 1 : -1
    }
    var split = self
    split.participants = []
    for (source, parts) in zip(sources, blocks) {
      guard let rows = source.train else { continue }
      let digits = String(parts).count
      for part in 0..<parts {
        let range = rows.rowCount * part / parts..<rows.rowCount * (part + 1) / parts
        var number = String(part + 1)
        while number.count < digits { number = "0" + number }
        var participant = ParticipantData(
          name: parts == 1 ? source.name : "\(source.name)-part-\(number)",
          train: parts == 1 ? rows : SelectedRows(rows, parts: [range]))
        if part == 0 {
          participant.test = source.test
          participant.testLabels = source.testLabels
        }
        split.participants.append(participant)
      }
    }
    return split
  }
}
