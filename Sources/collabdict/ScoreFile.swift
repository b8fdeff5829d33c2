import AnomalyDetection
import Datasets
import Storage

/// Writes scores row by row, in pieces, so that a long series need not fit into memory.
enum ScoreFile {
  /// What one participant's scores came to.
  struct Summary {
    let name: String
    var rows = 0
    var alarms = 0
    let threshold: Double
    var firstAlarm: Int?
    var mainVariable: String?
  }

  /// The variable whose evidence exceeds its usual evidence by most.
  static func mainVariable(_ parts: ArraySlice<Double>, _ baseline: [Double]) -> Int {
    var best = 0
    for (index, part) in parts.enumerated() {
      if part - baseline[index] > parts[parts.startIndex + best] - baseline[best] { best = index }
    }
    return best
  }

  private static func note(
    _ scored: ScoredRows, _ rows: Range<Int>, _ job: ModelArguments.Job,
    _ model: some DetectorModel,
    in summary: inout Summary
  ) {
    for row in 0..<scored.count where scored.scores[row] > job.threshold {
      if summary.firstAlarm == nil {
        summary.firstAlarm = rows.lowerBound + row
        let evidence = scored.evidence(row)
        summary.mainVariable = model.variableName(mainVariable(evidence, job.baseline))
      }
      summary.alarms += 1
    }
    summary.rows += scored.count
  }

  /// `/<participant>/scores`, `variable_scores`, `reconstruction`, `alarms`; the threshold as an
  /// attribute. A mixture adds `conditional_scores` and `responsibilities`.
  static func writeHDF5(
    _ model: some DetectorModel, _ fleet: SensorFleet, _ jobs: [ModelArguments.Job], to path: String
  ) throws -> [Summary] {
    let writer = try HDF5Writer(replacing: path)
    try writer.setAttribute("format", to: .string("collabdict-scores"))
    if let names = model.variableNames ?? fleet.variables {
      try writer.setAttribute("variables", to: .strings(names))
    }
    var summaries: [Summary] = []
    for job in jobs {
      guard let test = job.data.test else { continue }
      let group = "/" + job.data.name
      let shape = [test.rowCount, model.variables]
      try writer.createGroup(group)
      try writer.setAttribute("threshold", of: group, to: .number(job.threshold))
      let scores = try writer.createDataSet(
        "\(group)/scores", shape: [test.rowCount], of: Double.self, layout: .contiguous)
      let parts = try writer.createDataSet(
        "\(group)/variable_scores", shape: shape, of: Double.self, layout: .contiguous)
      let reconstruction = try writer.createDataSet(
        "\(group)/reconstruction", shape: shape, of: Double.self, layout: .contiguous)
      let alarms = try writer.createDataSet(
        "\(group)/alarms", shape: [test.rowCount], of: UInt8.self, layout: .contiguous)
      let patterns = (model as? MixtureModel)?.patterns.count
      let conditionals = try patterns.map { _ in
        try writer.createDataSet(
          "\(group)/conditional_scores", shape: shape, of: Double.self, layout: .contiguous)
      }
      let responsibilities = try patterns.map { count in
        try writer.createDataSet(
          "\(group)/responsibilities", shape: [test.rowCount, count], of: Double.self,
          layout: .contiguous)
      }
      var summary = Summary(name: job.data.name, threshold: job.threshold)
      var scorer = model.scorer(at: job.index)
      try scorer.forEachScoredPiece(of: test) { rows, scored in
        try conditionals?.write(scored.conditionals, rows: rows)
        try responsibilities?.write(scored.responsibilities, rows: rows)
        try scores.write(scored.scores, rows: rows)
        try parts.write(scored.parts, rows: rows)
        try reconstruction.write(scored.reconstruction, rows: rows)
        try alarms.write(scored.scores.map { $0 > job.threshold ? 1 : 0 }, rows: rows)
        note(scored, rows, job, model, in: &summary)
      }
      summaries.append(summary)
    }
    try writer.commit()
    return summaries
  }

  /// One line a row: participant, row, alarm, score, and each variable's part.
  static func writeCSV(
    _ model: some DetectorModel, _ fleet: SensorFleet, _ jobs: [ModelArguments.Job], to path: String
  ) throws -> [Summary] {
    let names = (0..<model.variables).map { "part of \(model.variableName($0))" }
    var writer = try CSVWriter(
      replacing: path, textColumns: ["participant", "row", "alarm"], columns: ["score"] + names)
    var summaries: [Summary] = []
    for job in jobs {
      guard let test = job.data.test else { continue }
      var summary = Summary(name: job.data.name, threshold: job.threshold)
      var scorer = model.scorer(at: job.index)
      try scorer.forEachScoredPiece(of: test) { rows, scored in
        for (index, row) in rows.enumerated() {
          let score = scored.scores[index]
          try writer.append(
            texts: [job.data.name, String(row), score > job.threshold ? "1" : "0"],
            [score]
              + scored.parts[index * model.variables..<(index + 1) * model.variables])
        }
        note(scored, rows, job, model, in: &summary)
      }
      summaries.append(summary)
    }
    try writer.commit()
    return summaries
  }
}
