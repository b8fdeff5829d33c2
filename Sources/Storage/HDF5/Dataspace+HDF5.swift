internal import CHDF5

/// The extent of a data set or attribute, and a selection of its elements.
struct HDF5Dataspace: ~Copyable, Sendable {
  let handle: HDF5Handle

  /// Owns the dataspace `id`.
  init(_ id: hid_t, at place: StorageError.Place) throws(StorageError) {
    handle = try HDF5Handle(id, "get the shape", at: place)
  }

  /// A new dataspace of `shape`; no dimensions make a scalar.
  init(shape: [Int], at place: StorageError.Place) throws(StorageError) {
    precondition(shape.allSatisfy { $0 >= 0 }, "a shape has no negative sizes, but this: \(shape)")
    let sizes = shape.map { hsize_t($0) }
    let id =
      shape.isEmpty
      ? H5Screate(H5S_SCALAR) : unsafe H5Screate_simple(Int32(shape.count), sizes, nil)
    handle = try HDF5Handle(id, "make a data set of shape \(shape)", at: place)
  }

  /// The sizes of the dimensions: none for a scalar, `[0]` for HDF5's null extent.
  func shape(at place: StorageError.Place) throws(StorageError) -> [Int] {
    if H5Sget_simple_extent_type(handle.id) == H5S_NULL { return [0] }
    let rank = H5Sget_simple_extent_ndims(handle.id)
    guard rank >= 0 else { throw .hdf5("get the shape", at: place) }
    var sizes = [hsize_t](repeating: 0, count: Int(rank))
    let status = unsafe H5Sget_simple_extent_dims(handle.id, &sizes, nil)
    guard status >= 0 else { throw .hdf5("get the shape", at: place) }
    var shape: [Int] = []
    for size in sizes {
      guard let size = Int(exactly: size) else {
        throw StorageError(
          .malformed, "a dimension has the size \(size)", at: place, remedy: "get the file again")
      }
      shape.append(size)
    }
    return shape
  }

  /// Selects `rows` of the first dimension of `shape`.
  func select(
    rows: Range<Int>, of shape: [Int], at place: StorageError.Place
  ) throws(StorageError) {
    var start = [hsize_t](repeating: 0, count: shape.count)
    var count = shape.map { hsize_t($0) }
    start[0] = hsize_t(rows.lowerBound)
    count[0] = hsize_t(rows.count)
    try check(
      unsafe H5Sselect_hyperslab(handle.id, H5S_SELECT_SET, start, nil, count, nil),
      "select rows \(rows)", at: place)
  }
}

/// The product of `sizes`, if a machine with this much memory could hold so many elements.
///
/// - Throws: ``StorageError`` with code `tooLarge` otherwise.
func elementCount(
  _ sizes: [Int], bytesPerElement: Int, at place: StorageError.Place
) throws(StorageError) -> Int {
  if sizes.contains(0) { return 0 }
  var count = 1
  for size in sizes {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    if overflow || product > physicalMemory / bytesPerElement {
      throw StorageError(
        .tooLarge, "values of shape \(sizes) need more memory than this machine has", at: place,
        remedy: "read a range of rows at a time")
    }
    count = product
  }
  return count
}
