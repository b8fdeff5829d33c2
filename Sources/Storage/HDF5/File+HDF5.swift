internal import CHDF5

/// An HDF5 file that is open for reading.
///
/// Any thread may use it: the wrapper lets one thread at a time into the HDF5 library. Paths of
/// objects run from the root, with or without the first slash.
///
/// ```swift
/// let file = try HDF5File(reading: "fleet.h5")
/// let rows: [Float] = try file.read("/press-1/train", rows: 0..<1000)
/// ```
public final class HDF5File: Sendable {
  /// The path of the file as the caller gave it.
  public let path: String
  let handle: HDF5Handle

  /// Opens the file at `path`.
  ///
  /// - Throws: ``StorageError``: `noSuchFile`, `notARegularFile`, `notPermitted`, `wrongFormat`
  ///   if it is not HDF5, `truncated` if it ends early.
  public init(reading path: String) throws(StorageError) {
    let place = StorageError.Place(file: path)
    let size = try InputFile(path: path).size
    guard let size else {
      throw StorageError(
        .notARegularFile, "this is not a regular file", at: place,
        remedy: "copy the data to a file first")
    }
    self.path = path
    handle = try HDF5Library.locked { () throws(StorageError) in
      let access = try HDF5Handle(
        H5Pcreate(chdf5_file_access()), "prepare to open it", at: place)
      // Shared file systems often know no locks; go without rather than refuse to read.
      H5Pset_file_locking(access.id, true, true)
      let id = unsafe H5Fopen(path, chdf5_read_only(), access.id)
      guard id >= 0 else { throw Self.openingError(path, size: size, at: place) }
      return try HDF5Handle(id, "open it", at: place)
    }
  }

  private static func openingError(
    _ path: String, size: Int, at place: StorageError.Place
  ) -> StorageError {
    let error = StorageError.hdf5("open it", at: place)
    if size == 0 {
      return StorageError(
        .truncated, "the file is empty", at: place, remedy: "write or copy it again")
    }
    if unsafe H5Fis_hdf5(path) == 0 {
      return StorageError(
        .wrongFormat, "this is not an HDF5 file", at: place,
        remedy: "name an HDF5 file (.h5), or convert this one")
    }
    // Whoever writes to a file in its place keeps a lock on it.
    if error.problem.contains("temporarily unavailable") {
      return StorageError(
        .inputOutput, "another program is writing to this file", at: place,
        remedy: "read it when that program has closed it")
    }
    // A shorter file lacks a part of its superblock, of which HDF5 then says all manner of things.
    let shortestSize = 96
    let signs = ["truncated", "eof", "end of file", "addr overflow"]
    if size < shortestSize || signs.contains(where: error.problem.contains) {
      return StorageError(
        .truncated, "the HDF5 file ends early", at: place,
        remedy: "write or copy it again: what is left cannot be read")
    }
    return error
  }

  /// Whether there is a group or data set at `path`.
  public func exists(_ path: String) -> Bool {
    HDF5Library.locked { object(at: path) != nil }
  }

  /// Opens the data set at `path`.
  ///
  /// - Throws: ``StorageError``: `noSuchObject` if there is none, `wrongType` for a group.
  public func dataSet(_ path: String) throws(StorageError) -> HDF5DataSet {
    let path = absolute(path)
    let place = StorageError.Place(file: self.path, object: "data set \(path)")
    return try HDF5Library.locked { () throws(StorageError) in
      switch object(at: path) {
      case .dataSet, .unreadable:
        return try HDF5DataSet(file: handle.id, path: path, at: place)
      case .group:
        throw StorageError(
          .wrongType, "this is a group", at: place, remedy: "name a data set inside it")
      case nil:
        throw StorageError(
          .noSuchObject, "there is no such data set", at: place, remedy: whatThereIs())
      }
    }
  }

  /// What is at `path`, or `nil`; runs under the lock.
  func object(at path: String) -> HDF5Object.Kind? {
    let path = absolute(path)
    var prefix = ""
    for name in path.split(separator: "/") {
      // HDF5 knows whether a link exists only if the ones before it do.
      prefix += "/" + name
      let isLink = unsafe H5Lexists(handle.id, prefix, chdf5_default())
      let isObject = isLink > 0 ? unsafe H5Oexists_by_name(handle.id, prefix, chdf5_default()) : 0
      if isObject <= 0 { return nil }
    }
    let id = unsafe H5Oopen(handle.id, path, chdf5_default())
    guard id >= 0 else { return .unreadable }
    defer { H5Oclose(id) }
    switch H5Iget_type(id) {
    case H5I_GROUP: return .group
    case H5I_DATASET: return .dataSet
    default: return nil
    }
  }

  private func whatThereIs() -> String {
    let paths = ((try? objects()) ?? []).filter { $0.kind == .dataSet }.map(\.path)
    if paths.isEmpty { return "name another file: this one holds no data sets" }
    let shown = paths.prefix(6).joined(separator: ", ")
    return "name one of \(shown)" + (paths.count > 6 ? " and \(paths.count - 6) more" : "")
  }
}

/// `path` with a slash in front.
func absolute(_ path: String) -> String {
  path.hasPrefix("/") ? path : "/" + path
}
