import Datasets

extension SensorFleet {
  /// Writes the fleet as sensor HDF5 in the default layout. The file appears when it is complete.
  ///
  /// - Parameter attributes: texts to keep with a participant's group, by its name.
  public func writeHDF5(
    to path: String, attributes: [String: [String: String]] = [:]
  ) throws {
    let writer = try HDF5Writer(replacing: path)
    if let title { try writer.setAttribute("title", to: .string(title)) }
    if let variables { try writer.setAttribute("variables", to: .strings(variables)) }
    if let units { try writer.setAttribute("units", to: .strings(units)) }
    for participant in participants {
      let group = "/" + participant.name
      try writer.createGroup(group)
      for (name, text) in (attributes[participant.name] ?? [:]).sorted(by: { $0.key < $1.key }) {
        try writer.setAttribute(name, of: group, to: .string(text))
      }
      for (name, rows) in [("train", participant.train), ("test", participant.test)] {
        guard let rows else { continue }
        try writer.write(
          try rows.readAll(), shape: [rows.rowCount, rows.columnCount], to: "\(group)/\(name)",
          layout: .chunked())
      }
      if let labels = participant.testLabels {
        try writer.write(
          labels.map { UInt8($0 ? 1 : 0) }, shape: [labels.count], to: "\(group)/test_labels")
      }
    }
    try writer.commit()
  }
}
