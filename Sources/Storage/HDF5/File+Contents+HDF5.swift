internal import CHDF5

/// A group or data set in a file.
public struct HDF5Object: Hashable, Sendable {
  /// What an object is.
  public enum Kind: Hashable, Sendable {
    case group
    case dataSet
    /// Something damaged, or written in a way that came after this version of HDF5.
    case unreadable
  }

  /// The path from the root: `/press-1/train`.
  public let path: String
  /// What the object is.
  public let kind: Kind

  /// The object of a kind at a path.
  public init(path: String, kind: Kind) {
    self.path = path
    self.kind = kind
  }
}

extension HDF5File {
  /// All groups and data sets below the root, in the order of names, parents first.
  ///
  /// Links to nothing are left out; what several links lead to is listed under each of them.
  ///
  /// - Throws: ``StorageError`` if the file contradicts itself.
  public func objects() throws(StorageError) -> [HDF5Object] {
    try HDF5Library.locked { () throws(StorageError) in
      var names: [String] = []
      let status = unsafe withUnsafeMutablePointer(to: &names) { names in
        unsafe chdf5_visit_links(handle.id, collectName, names)
      }
      try check(status, "list the contents", at: .init(file: path))
      return names.compactMap { name in
        object(at: name).map { HDF5Object(path: absolute(name), kind: $0) }
      }
    }
  }

  /// The names of the attributes of the group or data set at `path`.
  ///
  /// - Throws: ``StorageError`` with code `noSuchObject` if there is none.
  public func attributeNames(of path: String = "/") throws(StorageError) -> [String] {
    try HDF5Library.locked { () throws(StorageError) in
      let place = StorageError.Place(file: self.path, object: absolute(path))
      let object = try open(path, at: place)
      var names: [String] = []
      let status = unsafe withUnsafeMutablePointer(to: &names) { names in
        unsafe chdf5_visit_attributes(object.id, collectName, names)
      }
      try check(status, "list the attributes", at: place)
      return names
    }
  }

  /// The attribute `name` of the group or data set at `path`; `nil` if that has none of the name.
  ///
  /// - Throws: ``StorageError``: `noSuchObject` if there is nothing at `path`, `wrongType` if the
  ///   value is neither number nor string.
  public func attribute(
    _ name: String, of path: String = "/"
  ) throws(StorageError) -> HDF5Attribute? {
    try HDF5Library.locked { () throws(StorageError) in
      let place = StorageError.Place(
        file: self.path, object: "attribute \(name) of \(absolute(path))")
      let object = try open(path, at: place)
      if unsafe H5Aexists(object.id, name) <= 0 { return nil }
      return try HDF5Attribute(name: name, of: object.id, at: place)
    }
  }

  private func open(_ path: String, at place: StorageError.Place) throws(StorageError) -> HDF5Handle
  {
    guard object(at: path) != nil else {
      throw StorageError(
        .noSuchObject, "there is no such group or data set", at: place,
        remedy: "check the path inside the file")
    }
    return try HDF5Handle(
      unsafe H5Oopen(handle.id, absolute(path), chdf5_default()), "open it", at: place)
  }

  /// All elements of the data set at `path`; see ``HDF5DataSet/read(as:)``.
  public func read<Element: HDF5Number>(
    _ path: String, as type: Element.Type = Element.self
  ) throws(StorageError) -> [Element] {
    try dataSet(path).read()
  }

  /// The elements of `rows` of the data set at `path`; see ``HDF5DataSet/read(rows:as:)``.
  public func read<Element: HDF5Number>(
    _ path: String, rows: Range<Int>, as type: Element.Type = Element.self
  ) throws(StorageError) -> [Element] {
    try dataSet(path).read(rows: rows)
  }

  /// The strings of the data set at `path`; see ``HDF5DataSet/readStrings()``.
  public func readStrings(_ path: String) throws(StorageError) -> [String] {
    try dataSet(path).readStrings()
  }
}

/// Appends a name from HDF5 to the `[String]` that the context points to.
private func collectName(_ name: UnsafePointer<CChar>?, _ names: UnsafeMutableRawPointer?) {
  guard let name = unsafe name, let names = unsafe names else { return }
  unsafe names.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
}
