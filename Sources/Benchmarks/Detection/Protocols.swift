import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import Metrics
import Storage

/// One machine's rows of a public data set.
struct Series {
  let name: String
  let train: any RowSource
  let test: any RowSource
  let labels: [Bool]

  /// The same with only the first training rows.
  func limited(to rows: Int?) -> Series {
    guard let rows, rows < train.rowCount else { return self }
    return Series(
      name: name, train: SelectedRows(train, parts: [0..<rows]), test: test, labels: labels)
  }
}

/// Reads the public data sets and trains on them.
struct Protocols {
  let folder: String

  func fleet(_ name: String) throws -> [Series] {
    try SensorFleet(readingHDF5: "\(folder)/\(name).h5").participants.compactMap {
      guard let train = $0.train, let test = $0.test, let labels = $0.testLabels else { return nil }
      return Series(name: $0.name, train: train, test: test, labels: labels)
    }
  }

  /// Half of the normal rows train, all others test.
  func tabular() throws -> [Series] {
    var layout = FleetLayout()
    layout.values = "/{participant}/values"
    layout.labels = "/{participant}/labels"
    return try ["annthyroid", "cardio", "mammography", "satellite", "shuttle", "thyroid"].map {
      layout.participants = [$0]
      let data = try SensorFleet(readingHDF5: "\(folder)/adbench.h5", layout: layout)
        .participants[0]
      guard let train = data.train, let test = data.test, let labels = data.testLabels else {
        throw ConfigurationError("\($0) has no labelled rows")
      }
      return Series(name: $0, train: train, test: test, labels: labels)
    }
  }

  /// One experiment a file: the first 400 rows train, the rest test.
  func skab() throws -> [Series] {
    try (0..<16).map { number in
      let table = try CSVTable(
        path: "\(folder)/skab/valve1/\(number).csv",
        options: CSVOptions(textColumns: ["datetime"]))
      let sensors = table.columns.indices.filter {
        !["anomaly", "changepoint"].contains(table.columns[$0])
      }
      guard let label = table.columns.firstIndex(of: "anomaly") else {
        throw ConfigurationError("no column named anomaly")
      }
      var values: [Float] = []
      var labels: [Bool] = []
      for r in 0..<table.rowCount {
        let row = Array(table[row: r])
        values += sensors.map { Float(row[$0]) }
        labels.append(row[label] == 1)
      }
      let cut = 400 * sensors.count
      return Series(
        name: "\(number).csv",
        train: MemoryRows(columnCount: sensors.count, values: Array(values[..<cut])),
        test: MemoryRows(columnCount: sensors.count, values: Array(values[cut...])),
        labels: Array(labels[400...]))
    }
  }

  func train(_ series: [Series], _ configuration: TrainingConfiguration) throws -> AutoencoderModel
  {
    let training = try FleetTraining<VAEParticipant>(
      SensorFleet(
        participants: series.map { ParticipantData(name: $0.name, train: $0.train) }),
      configuration, threads: ProcessInfo.processInfo.activeProcessorCount)
    try training.run()
    return try training.model()
  }
}

/// What a data set's figures are made of.
enum Figure: String {
  case auroc = "AUROC"
  case auprc = "AUPRC"

  func value(_ scores: [Double], _ labels: [Bool]) -> Double {
    let curve = RankingCurve(scores: scores, labels: labels)
    return (self == .auroc ? curve.areaUnderROC : curve.averagePrecision) ?? .nan
  }
}

extension [Double] {
  var mean: Double { reduce(0, +) / Double(count) }
}
