internal import CHDF5

/// Strings of fixed or variable length, as they travel between HDF5 and Swift.
///
/// All functions run under the lock.
enum HDF5Strings {
  /// Reads `count` strings of the stored `type`.
  ///
  /// - Parameter read: calls HDF5 with the memory type and the memory to read to.
  static func read(
    count: Int, type: hid_t, space: hid_t, at place: StorageError.Place,
    _ read: (hid_t, UnsafeMutableRawPointer?) -> herr_t
  ) throws(StorageError) -> [String] {
    if count == 0 { return [] }
    let isVariable = H5Tis_variable_str(type)
    try check(isVariable, "get the type of the strings", at: place)
    return isVariable > 0
      ? unsafe try readVariable(count: count, type: type, space: space, at: place, read)
      : unsafe try readFixed(count: count, type: type, at: place, read)
  }

  private static func readVariable(
    count: Int, type: hid_t, space: hid_t, at place: StorageError.Place,
    _ read: (hid_t, UnsafeMutableRawPointer?) -> herr_t
  ) throws(StorageError) -> [String] {
    var pointers = unsafe [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    try check(unsafe read(type, &pointers), "read the strings", at: place)
    let strings = unsafe pointers.map { unsafe $0.map { unsafe String(cString: $0) } ?? "" }
    unsafe H5Dvlen_reclaim(type, space, chdf5_default(), &pointers)
    return strings
  }

  private static func readFixed(
    count: Int, type: hid_t, at place: StorageError.Place,
    _ read: (hid_t, UnsafeMutableRawPointer?) -> herr_t
  ) throws(StorageError) -> [String] {
    let size = H5Tget_size(type)
    let total = try elementCount([count, size], bytesPerElement: 1, at: place)
    var bytes = [UInt8](repeating: 0, count: total)
    try check(unsafe read(type, &bytes), "read the strings", at: place)
    let isSpacePadded = H5Tget_strpad(type) == H5T_STR_SPACEPAD
    return (0..<count).map { index in
      var text = bytes[index * size..<(index + 1) * size].prefix { $0 != 0 }
      if isSpacePadded {
        while text.last == UInt8(ascii: " ") { text.removeLast() }
      }
      return String(decoding: text, as: UTF8.self)
    }
  }

  /// The type of strings that we write, as h5py writes them: variable length, UTF-8.
  static func type(at place: StorageError.Place) throws(StorageError) -> HDF5Handle {
    let type = try HDF5Handle(H5Tcopy(chdf5_c_string()), "make a string type", at: place)
    try check(H5Tset_size(type.id, chdf5_variable_length()), "make a string type", at: place)
    try check(H5Tset_cset(type.id, H5T_CSET_UTF8), "make a string type", at: place)
    return type
  }

  /// Calls `body` with an array of pointers to `strings`, which is what HDF5 writes from.
  static func withPointers(
    _ strings: [String], _ body: (UnsafeRawPointer?) -> herr_t
  ) -> herr_t {
    var text: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
      offsets.append(text.count)
      text.append(contentsOf: string.utf8.lazy.map { CChar(bitPattern: $0) })
      text.append(0)
    }
    return unsafe text.withUnsafeBufferPointer { text in
      let pointers = unsafe offsets.map { unsafe text.baseAddress?.advanced(by: $0) }
      return unsafe pointers.withUnsafeBytes { unsafe body($0.baseAddress) }
    }
  }
}

extension HDF5DataSet {
  /// All elements of a data set of strings.
  ///
  /// - Throws: ``StorageError`` with code `wrongType` if they are no strings.
  public func readStrings() throws(StorageError) -> [String] {
    guard elementType == .string else {
      throw StorageError(
        .wrongType, "the values are not strings (\(elementType))", at: place,
        remedy: "name a data set of strings")
    }
    return try HDF5Library.locked { () throws(StorageError) in
      let count = try elementCount(
        shape, bytesPerElement: MemoryLayout<UInt>.size, at: place)
      let type = try HDF5Handle(H5Dget_type(handle.id), "get the type", at: place)
      let space = try HDF5Dataspace(H5Dget_space(handle.id), at: place)
      return unsafe try HDF5Strings.read(
        count: count, type: type.id, space: space.handle.id, at: place
      ) { memoryType, bytes in
        unsafe H5Dread(
          handle.id, memoryType, chdf5_all(), chdf5_all(), chdf5_default(), bytes)
      }
    }
  }
}
