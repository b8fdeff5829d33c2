internal import CHDF5

extension HDF5Writer {
  /// Writes `values` as the data set at `path`, the last dimension varying fastest.
  ///
  /// - Precondition: `values` has as many elements as `shape`; a scalar has the shape `[]`.
  /// - Throws: ``StorageError`` if the path is taken or the disk is full.
  public func write<Element: HDF5Number>(
    _ values: [Element], shape: [Int], to path: String, layout: HDF5Layout = .contiguous
  ) throws(StorageError) {
    let dataSet = try createDataSet(path, shape: shape, of: Element.self, layout: layout)
    try dataSet.write(values, rows: nil)
  }

  /// Writes `strings` as the one-dimensional data set at `path`.
  public func write(strings: [String], to path: String) throws(StorageError) {
    let path = absolute(path)
    let place = StorageError.Place(file: self.path, object: "data set \(path)")
    try failure.recorded { () throws(StorageError) in
      let type = try HDF5Strings.type(at: place)
      let dataSet = try create(
        path, type: type.id, bytesPerElement: 16, shape: [strings.count], layout: .contiguous,
        at: place)
      if strings.isEmpty { return }
      let status = unsafe HDF5Strings.withPointers(strings) {
        unsafe H5Dwrite(
          dataSet.id, type.id, chdf5_all(), chdf5_all(), chdf5_default(), $0)
      }
      try check(status, "write the strings", at: place)
    }
  }

  /// Creates a data set of the full `shape`, to be written some rows at a time.
  ///
  /// Rows that are never written are zero.
  public func createDataSet<Element: HDF5Number>(
    _ path: String, shape: [Int], of type: Element.Type, layout: HDF5Layout = .contiguous
  ) throws(StorageError) -> HDF5DataSetWriter<Element> {
    let path = absolute(path)
    let place = StorageError.Place(file: self.path, object: "data set \(path)")
    let handle = try failure.recorded { () throws(StorageError) in
      try create(
        path, type: Element.hdf5Format.fileType, bytesPerElement: MemoryLayout<Element>.stride,
        shape: shape, layout: layout, at: place)
    }
    return HDF5DataSetWriter(shape: shape, handle: handle, failure: failure, place: place)
  }

  private func create(
    _ path: String, type: hid_t, bytesPerElement: Int, shape: [Int], layout: HDF5Layout,
    at place: StorageError.Place
  ) throws(StorageError) -> HDF5Handle {
    let space = try HDF5Dataspace(shape: shape, at: place)
    let links = try Self.linkCreation(at: place)
    let list = try HDF5Handle(H5Pcreate(chdf5_dataset_create()), "create it", at: place)
    // Without times, the same values give the same bytes.
    try check(H5Pset_obj_track_times(list.id, false), "create it", at: place)
    if case .chunked(let rows, let level) = layout, !shape.isEmpty, !shape.contains(0) {
      precondition((0...9).contains(level), "gzip has the levels 0 to 9, not \(level)")
      let rowBytes = shape.dropFirst().reduce(bytesPerElement, *)
      let wanted = rows ?? max(1, (1 << 18) / rowBytes)
      precondition(wanted > 0, "a chunk has at least one row, not \(wanted)")
      var chunk = shape.map { hsize_t($0) }
      chunk[0] = hsize_t(min(wanted, shape[0]))
      try check(
        unsafe H5Pset_chunk(list.id, Int32(shape.count), chunk), "divide it in chunks", at: place)
      if level > 0 {
        try check(H5Pset_shuffle(list.id), "compress it", at: place)
        try check(H5Pset_deflate(list.id, UInt32(level)), "compress it", at: place)
      }
    }
    return try HDF5Handle(
      unsafe H5Dcreate2(
        handle.id, path, type, space.handle.id, links.id, list.id, chdf5_default()),
      "create it", at: place)
  }
}

/// A data set being written, some rows at a time.
public struct HDF5DataSetWriter<Element: HDF5Number>: ~Copyable, Sendable {
  /// The sizes of the dimensions.
  public let shape: [Int]

  private let handle: HDF5Handle
  private let failure: HDF5WriteFailure
  private let place: StorageError.Place

  init(
    shape: [Int], handle: consuming HDF5Handle, failure: HDF5WriteFailure,
    place: StorageError.Place
  ) {
    self.shape = shape
    self.handle = handle
    self.failure = failure
    self.place = place
  }

  deinit {
    // What is still in memory may not fit on the disk; the commit must learn of it.
    HDF5Library.locked {
      if H5Dflush(handle.id) < 0 { failure.record(.hdf5("write", at: place)) }
    }
  }

  /// Writes `values` to `rows` of the first dimension, or to the whole data set.
  ///
  /// - Precondition: the rows are in the shape, and `values` has as many elements as they.
  /// - Throws: ``StorageError``, such as `diskFull`.
  public func write(_ values: [Element], rows: Range<Int>? = nil) throws(StorageError) {
    // Not through `values.span`: where the caller passes an array literal, this toolchain's
    // optimiser takes the array for unread and leaves its elements out.
    let outcome = unsafe values.withUnsafeBytes { bytes in
      Result { () throws(StorageError) in
        unsafe try write(bytes, count: values.count, rows: rows)
      }
    }
    try outcome.get()
  }

  /// Writes `values` to `rows` of the first dimension, or to the whole data set.
  ///
  /// - Precondition: the rows are in the shape, and `values` has as many elements as they.
  /// - Throws: ``StorageError``, such as `diskFull`.
  public func write(_ values: Span<Element>, rows: Range<Int>? = nil) throws(StorageError) {
    let outcome = unsafe values.withUnsafeBytes { bytes in
      Result { () throws(StorageError) in
        unsafe try write(bytes, count: values.count, rows: rows)
      }
    }
    try outcome.get()
  }

  private func write(
    _ bytes: UnsafeRawBufferPointer, count: Int, rows: Range<Int>?
  ) throws(StorageError) {
    var selected = shape
    if let rows {
      precondition(
        !shape.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= shape[0],
        "rows \(rows) are not in the shape \(shape)")
      selected[0] = rows.count
    }
    precondition(
      selected.reduce(1, *) == count,
      "\(count) values are not those of the shape \(selected)")
    if count == 0 { return }
    try failure.recorded { () throws(StorageError) in
      let selection = try HDF5Dataspace(H5Dget_space(handle.id), at: place)
      if let rows { try selection.select(rows: rows, of: shape, at: place) }
      // Of the file's rank, as in reading.
      let memory = try HDF5Dataspace(shape: selected.isEmpty ? [count] : selected, at: place)
      let status = unsafe H5Dwrite(
        handle.id, Element.hdf5Format.memoryType, memory.handle.id, selection.handle.id,
        chdf5_default(), bytes.baseAddress)
      try check(status, "write", at: place)
    }
  }
}
