internal import CHDF5

/// The value of an attribute of a group or data set.
///
/// Arrays of any rank are read flat, the last dimension varying fastest. Attributes are for small
/// things: HDF5 refuses numbers of more than 64 KB together.
public enum HDF5Attribute: Hashable, Sendable {
  case string(String)
  case strings([String])
  case integer(Int64)
  case integers([Int64])
  case number(Double)
  case numbers([Double])
}

extension HDF5Attribute {
  /// Reads the attribute `name` of `object`; runs under the lock.
  init(name: String, of object: hid_t, at place: StorageError.Place) throws(StorageError) {
    let attribute = try HDF5Handle(
      unsafe H5Aopen(object, name, chdf5_default()), "open it", at: place)
    let type = try HDF5Handle(H5Aget_type(attribute.id), "get the type", at: place)
    let space = try HDF5Dataspace(H5Aget_space(attribute.id), at: place)
    let shape = try space.shape(at: place)
    let count = try elementCount(shape, bytesPerElement: 8, at: place)

    func numbers<Element: HDF5Number>(as: Element.Type) throws(StorageError) -> [Element] {
      var values = [Element](repeating: .zero, count: count)
      if count == 0 { return values }
      try check(
        unsafe H5Aread(attribute.id, Element.hdf5Format.memoryType, &values),
        "read the values", at: place)
      return values
    }

    switch HDF5ElementType(type: type.id) {
    case .string:
      let values = unsafe try HDF5Strings.read(
        count: count, type: type.id, space: space.handle.id, at: place
      ) { memoryType, bytes in
        unsafe H5Aread(attribute.id, memoryType, bytes)
      }
      self = shape.isEmpty ? .string(values[0]) : .strings(values)
    case .unsignedInteger(bits: 64):
      var values: [Int64] = []
      for value in try numbers(as: UInt64.self) {
        guard let value = Int64(exactly: value) else {
          throw StorageError(
            .wrongType, "the value \(value) does not fit in Int64", at: place,
            remedy: "store it in a data set")
        }
        values.append(value)
      }
      self = shape.isEmpty ? .integer(values[0]) : .integers(values)
    case .integer, .unsignedInteger, .boolean, .enumeration:
      let values = try numbers(as: Int64.self)
      self = shape.isEmpty ? .integer(values[0]) : .integers(values)
    case .float:
      let values = try numbers(as: Double.self)
      self = shape.isEmpty ? .number(values[0]) : .numbers(values)
    case .other:
      throw StorageError(
        .wrongType, "the value is neither number nor string", at: place,
        remedy: "store it as numbers or strings")
    }
  }

  /// Writes the attribute `name` of `object`, in place of a former one; runs under the lock.
  func write(name: String, of object: hid_t, at place: StorageError.Place) throws(StorageError) {
    switch self {
    case .string(let value):
      try Self.write([value], shape: [], name: name, of: object, at: place)
    case .strings(let values):
      try Self.write(values, shape: [values.count], name: name, of: object, at: place)
    case .integer(let value):
      try Self.write([value], shape: [], name: name, of: object, at: place)
    case .integers(let values):
      try Self.write(values, shape: [values.count], name: name, of: object, at: place)
    case .number(let value):
      try Self.write([value], shape: [], name: name, of: object, at: place)
    case .numbers(let values):
      try Self.write(values, shape: [values.count], name: name, of: object, at: place)
    }
  }

  private static func write(
    _ values: [String], shape: [Int], name: String, of object: hid_t, at place: StorageError.Place
  ) throws(StorageError) {
    let type = try HDF5Strings.type(at: place)
    let attribute = try create(name, of: object, type: type.id, shape: shape, at: place)
    if values.isEmpty { return }
    let status = unsafe HDF5Strings.withPointers(values) {
      unsafe H5Awrite(attribute.id, type.id, $0)
    }
    try check(status, "write the strings", at: place)
  }

  private static func write<Element: HDF5Number>(
    _ values: [Element], shape: [Int], name: String, of object: hid_t, at place: StorageError.Place
  ) throws(StorageError) {
    let format = Element.hdf5Format
    let attribute = try create(name, of: object, type: format.fileType, shape: shape, at: place)
    if values.isEmpty { return }
    try check(
      unsafe H5Awrite(attribute.id, format.memoryType, values), "write the values", at: place)
  }

  private static func create(
    _ name: String, of object: hid_t, type: hid_t, shape: [Int], at place: StorageError.Place
  ) throws(StorageError) -> HDF5Handle {
    if unsafe H5Aexists(object, name) > 0 {
      try check(unsafe H5Adelete(object, name), "replace it", at: place)
    }
    let space = try HDF5Dataspace(shape: shape, at: place)
    return try HDF5Handle(
      unsafe H5Acreate2(
        object, name, type, space.handle.id, chdf5_default(), chdf5_default()),
      "create it", at: place)
  }
}
