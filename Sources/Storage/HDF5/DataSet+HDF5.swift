internal import CHDF5

/// A data set that is open for reading.
///
/// Keep one while reading many ranges of rows: HDF5 then keeps decompressed chunks.
public struct HDF5DataSet: ~Copyable, Sendable {
  /// The sizes of the dimensions: none for a scalar, `[0]` for h5py's `Empty`.
  public let shape: [Int]
  /// The type of the elements as stored.
  public let elementType: HDF5ElementType

  let handle: HDF5Handle
  let place: StorageError.Place

  /// Opens the data set at `path` below `file`; runs under the lock.
  init(file: hid_t, path: String, at place: StorageError.Place) throws(StorageError) {
    let handle = try HDF5Handle(
      unsafe H5Dopen2(file, path, chdf5_default()), "open it", at: place)
    let type = try HDF5Handle(H5Dget_type(handle.id), "get the type", at: place)
    shape = try HDF5Dataspace(H5Dget_space(handle.id), at: place).shape(at: place)
    elementType = HDF5ElementType(type: type.id)
    self.handle = handle
    self.place = place
  }

  /// The size of the first dimension; one for a scalar.
  public var rowCount: Int { shape.first ?? 1 }

  /// The number of elements of one row; one for a scalar.
  ///
  /// - Throws: ``StorageError`` with code `tooLarge` if one row exceeds this machine's memory.
  public func elementsPerRow() throws(StorageError) -> Int {
    try elementCount(Array(shape.dropFirst()), bytesPerElement: 1, at: place)
  }

  /// All elements, the last dimension varying fastest, converted to `Element`.
  ///
  /// - Throws: ``StorageError``: `wrongType` if the elements are no numbers or if an integer type
  ///   cannot hold a value exactly; `tooLarge` if memory cannot hold them.
  public func read<Element: HDF5Number>(
    as type: Element.Type = Element.self
  ) throws(StorageError) -> [Element] {
    var values: [Element] = []
    try read(nil, into: &values)
    return values
  }

  /// The elements of `rows` of the first dimension, converted to `Element`.
  ///
  /// - Throws: ``StorageError`` as ``read(as:)`` does, and `wrongShape` for rows that are not there.
  public func read<Element: HDF5Number>(
    rows: Range<Int>, as type: Element.Type = Element.self
  ) throws(StorageError) -> [Element] {
    var values: [Element] = []
    try read(rows, into: &values)
    return values
  }

  /// Replaces `values` by the elements of `rows`, in the same memory unless there are more of them.
  ///
  /// - Throws: ``StorageError`` as ``read(rows:as:)`` does; `values` is then unspecified.
  public func read<Element: HDF5Number>(
    rows: Range<Int>, into values: inout [Element]
  ) throws(StorageError) {
    try read(rows, into: &values)
  }

  /// Fills `values` with the elements of `rows`.
  ///
  /// - Precondition: `values` has as many elements as the rows.
  /// - Throws: ``StorageError`` as ``read(rows:as:)`` does; `values` is then unspecified.
  public func read<Element: HDF5Number>(
    rows: Range<Int>, into values: inout MutableSpan<Element>
  ) throws(StorageError) {
    let count = try selectedCount(rows, stride: MemoryLayout<Element>.stride)
    precondition(
      count == values.count, "rows \(rows) of shape \(shape) do not fit in \(values.count) elements"
    )
    let outcome = unsafe values.withUnsafeMutableBytes { bytes in
      Result { () throws(StorageError) in
        unsafe try transfer(rows, Element.hdf5Format, to: bytes.baseAddress, count: count)
      }
    }
    try outcome.get()
  }

  private func read<Element: HDF5Number>(
    _ rows: Range<Int>?, into values: inout [Element]
  ) throws(StorageError) {
    let count = try selectedCount(rows, stride: MemoryLayout<Element>.stride)
    if values.count > count { values.removeLast(values.count - count) }
    if values.count < count {
      values = unsafe [Element](unsafeUninitializedCapacity: count) { bytes, initializedCount in
        // Any bits make a number, and the transfer replaces them all.
        let raw = UnsafeMutableRawBufferPointer(bytes)
        unsafe raw.initializeMemory(as: UInt8.self, repeating: 0)
        initializedCount = count
      }
    }
    let outcome = unsafe values.withUnsafeMutableBytes { bytes in
      Result { () throws(StorageError) in
        unsafe try transfer(rows, Element.hdf5Format, to: bytes.baseAddress, count: count)
      }
    }
    try outcome.get()
  }

  /// Checks the request, and says how many elements it is for.
  private func selectedCount(_ rows: Range<Int>?, stride: Int) throws(StorageError) -> Int {
    guard elementType.isNumeric else {
      throw StorageError(
        .wrongType, "the values are not numbers (\(elementType))", at: place,
        remedy: "name a data set of numbers")
    }
    guard let rows else {
      return try elementCount(shape, bytesPerElement: stride, at: place)
    }
    guard let available = shape.first, rows.lowerBound >= 0, rows.upperBound <= available else {
      throw StorageError(
        .wrongShape, "rows \(rows) are not in the shape \(shape)", at: place,
        remedy: "ask for rows that are there")
    }
    return try elementCount([rows.count] + shape.dropFirst(), bytesPerElement: stride, at: place)
  }

  private func transfer(
    _ rows: Range<Int>?, _ format: HDF5NumberFormat, to bytes: UnsafeMutableRawPointer?, count: Int
  ) throws(StorageError) {
    if count == 0 { return }
    try HDF5Library.locked { () throws(StorageError) in
      let selection = try HDF5Dataspace(H5Dget_space(handle.id), at: place)
      if let rows { try selection.select(rows: rows, of: shape, at: place) }
      // With the rank of the file's: between spaces of different ranks HDF5 goes element by element, and
      // takes several times as long for images in chunks.
      let memory = try HDF5Dataspace(
        shape: shape.isEmpty ? [count] : [rows?.count ?? shape[0]] + shape.dropFirst(), at: place)
      let list = try HDF5Handle(
        H5Pcreate(chdf5_dataset_transfer()), "prepare to read", at: place)
      var lost: Int32 = 0
      let status = unsafe withUnsafeMutablePointer(to: &lost) { lost in
        if format.isInteger { unsafe chdf5_refuse_loss(list.id, lost) }
        return unsafe H5Dread(
          handle.id, format.memoryType, memory.handle.id, selection.handle.id, list.id, bytes)
      }
      if status < 0 && lost != 0 {
        throw StorageError(
          .wrongType, "a value is no whole number, or too large or small, for \(format)", at: place,
          remedy: "correct the values, or read them as floating-point numbers")
      }
      try check(status, "read the values", at: place)
    }
  }
}
