import Datasets
import Synchronization

/// Rows of an HDF5 data set that are read when they are asked for, so that the data set need not
/// fit into memory.
final class HDF5Rows: RowSource {
  let rowCount: Int
  let columnCount: Int
  private let dataSet: Mutex<HDF5DataSet>

  init(_ file: HDF5File, _ path: String) throws(StorageError) {
    let dataSet = try file.dataSet(path)
    rowCount = dataSet.rowCount
    columnCount = dataSet.shape[1]
    self.dataSet = Mutex(dataSet)
  }

  func read(_ rows: Range<Int>, into values: inout [Float]) throws {
    let needed = rows.count * columnCount
    if values.count < needed { values = [Float](repeating: 0, count: needed) }
    if needed == 0 { return }
    try dataSet.withLock { dataSet in
      var whole = values.mutableSpan
      var part = whole._mutatingExtracting(0..<needed)
      try dataSet.read(rows: rows, into: &part)
    }
  }
}
