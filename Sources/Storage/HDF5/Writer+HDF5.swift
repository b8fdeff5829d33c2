internal import CHDF5

/// How a data set lies in its file.
public enum HDF5Layout: Hashable, Sendable {
  /// In one piece.
  case contiguous
  /// In chunks of `rows` whole rows, each compressed by gzip at `gzipLevel` (0 to 9).
  ///
  /// Without `rows`, a chunk is about a quarter of a megabyte. Scalars and data sets without
  /// elements are contiguous all the same.
  case chunked(rows: Int? = nil, gzipLevel: Int = 4)
}

/// An HDF5 file being written, which appears at its place whole or not at all.
///
/// ```swift
/// let output = try HDF5Writer(replacing: "scores.h5")
/// try output.write(scores, shape: [scores.count], to: "/press-1/scores")
/// try output.setAttribute("threshold", of: "/press-1/scores", to: .number(2.5))
/// try output.commit()
/// ```
///
/// Without ``commit()``, or if anything fails, whatever was at the place is as it was. Groups come
/// into being with what is written to them.
public struct HDF5Writer: ~Copyable, Sendable {
  /// Where the file will be, as the caller gave it.
  public let path: String

  private let output: AtomicFile
  let handle: HDF5Handle
  let failure = HDF5WriteFailure()

  /// Begins a file that will replace the one at `path`, if any.
  ///
  /// - Throws: ``StorageError`` as ``AtomicFile/init(replacing:)`` does.
  public init(replacing path: String) throws(StorageError) {
    let output = try AtomicFile(replacing: path)
    let place = StorageError.Place(file: path)
    let temporaryPath = output.temporaryPath
    handle = try HDF5Library.locked { () throws(StorageError) in
      let access = try HDF5Handle(
        H5Pcreate(chdf5_file_access()), "prepare to create it", at: place)
      // Nobody else opens the temporary file. A lock on it would stay on the finished one as long as a
      // process that was started meanwhile keeps what it has inherited.
      H5Pset_file_locking(access.id, false, true)
      // Closing the file closes what is open in it: nothing can write after the commit.
      H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG)
      return try HDF5Handle(
        unsafe H5Fcreate(temporaryPath, chdf5_truncate(), chdf5_default(), access.id),
        "create it", at: place)
    }
    self.output = output
    self.path = path
  }

  /// Brings everything to the disk and the file to its place.
  ///
  /// After an error in writing, this throws the same error.
  ///
  /// - Throws: ``StorageError``, such as `diskFull`; the destination is then as it was.
  public consuming func commit() throws(StorageError) {
    let place = StorageError.Place(file: path)
    try failure.check()
    try HDF5Library.locked { () throws(StorageError) in
      try check(H5Fflush(handle.id, H5F_SCOPE_GLOBAL), "write", at: place)
      // The handle closes the file again when it goes, which then does nothing.
      try check(H5Fclose(handle.id), "write", at: place)
    }
    try output.commit()
  }

  /// Creates the group at `path`, with those above it; nothing happens if it is there.
  public func createGroup(_ path: String) throws(StorageError) {
    let path = absolute(path)
    let place = StorageError.Place(file: self.path, object: "group \(path)")
    try failure.recorded { () throws(StorageError) in
      let existing = unsafe H5Gopen2(handle.id, path, chdf5_default())
      if existing >= 0 {
        H5Gclose(existing)
        return
      }
      let links = try Self.linkCreation(at: place)
      _ = try HDF5Handle(
        unsafe H5Gcreate2(handle.id, path, links.id, chdf5_default(), chdf5_default()),
        "create it", at: place)
    }
  }

  /// Sets the attribute `name` of the group or data set at `path`, which must be there.
  public func setAttribute(
    _ name: String, of path: String = "/", to value: HDF5Attribute
  ) throws(StorageError) {
    let path = absolute(path)
    let place = StorageError.Place(file: self.path, object: "attribute \(name) of \(path)")
    try failure.recorded { () throws(StorageError) in
      let object = try HDF5Handle(
        unsafe H5Oopen(handle.id, path, chdf5_default()), "open its owner", at: place)
      try value.write(name: name, of: object.id, at: place)
    }
  }

  /// Links that create the groups above them, with names in UTF-8.
  static func linkCreation(at place: StorageError.Place) throws(StorageError) -> HDF5Handle {
    let list = try HDF5Handle(H5Pcreate(chdf5_link_create()), "create it", at: place)
    try check(H5Pset_create_intermediate_group(list.id, 1), "create it", at: place)
    try check(H5Pset_char_encoding(list.id, H5T_CSET_UTF8), "create it", at: place)
    return list
  }
}
