import Datasets

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Arrays as MNIST and Fashion-MNIST are published: four big-endian bytes that say the type and the
/// number of dimensions, the extents of these, and the elements. Here of unsigned bytes only.
struct IDXFile {
  let shape: [Int]
  let bytes: [UInt8]

  /// The largest file that is read.
  static let sizeLimit = 1 << 30

  init(reading path: String) throws(StorageError) {
    let content = try SmallFile.bytes(of: path, limit: Self.sizeLimit, what: "an IDX file")
    try self.init(content, path)
  }

  init(_ content: [UInt8], _ path: String) throws(StorageError) {
    let place = StorageError.Place(file: path)
    if content.starts(with: [0x1f, 0x8b]) {
      throw StorageError(
        .wrongFormat, "this file is compressed by gzip", at: place, remedy: "do `gunzip \(path)`")
    }
    guard content.count >= 4, content[0] == 0, content[1] == 0 else {
      throw StorageError(
        content.count < 4 ? .truncated : .wrongFormat, "this is not an IDX file", at: place,
        remedy: "download it again")
    }
    guard content[2] == 8 else {
      throw StorageError(
        .wrongType, "the elements are of IDX type \(content[2])", at: place,
        remedy: "store unsigned bytes, type 8")
    }
    let rank = Int(content[3])
    let start = 4 + 4 * rank
    guard content.count >= start else {
      throw StorageError(
        .truncated, "the file ends within its header", at: place, remedy: "copy the file again")
    }
    shape = (0..<rank).map { dimension in
      (0..<4).reduce(0) { $0 << 8 | Int(content[4 + 4 * dimension + $1]) }
    }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else {
        throw StorageError(
          .tooLarge, "the header says \(shape) elements", at: place, remedy: "download it again")
      }
      count = product
    }
    guard content.count - start == count else {
      throw StorageError(
        content.count - start < count ? .truncated : .malformed,
        "the header says \(shape) elements, the file has \(content.count - start)", at: place,
        remedy: "copy the file again")
    }
    bytes = Array(content[start...])
  }
}

extension ImageFile {
  /// The names of the official files.
  private static func names(_ prefix: String) -> (images: String, labels: String) {
    ("\(prefix)-images-idx3-ubyte", "\(prefix)-labels-idx1-ubyte")
  }

  /// Whether a directory has the first of the official files, compressed or not.
  static func hasIDX(in directory: String) -> Bool {
    let first = "\(directory)/\(names("train").images)"
    return stat(path: first) != nil || stat(path: first + ".gz") != nil
  }

  /// Reads the four official files, uncompressed, from a directory.
  init(readingIDXIn directory: String) throws(StorageError) {
    let train = try Self.part("train", in: directory)
    let test = try Self.part("t10k", in: directory)
    guard train.images.shape.dropFirst() == test.images.shape.dropFirst() else {
      throw StorageError(
        .wrongShape, "images of \(train.images.shape[1...]) and of \(test.images.shape[1...])",
        at: StorageError.Place(file: directory), remedy: "keep the files of one data set together")
    }
    let classes = Int((train.labels + test.labels).max() ?? 0) + 1
    self.init(
      train: Self.images(train, classes: classes), test: Self.images(test, classes: classes))
  }

  private static func part(
    _ prefix: String, in directory: String
  ) throws(StorageError) -> (images: IDXFile, labels: [UInt8]) {
    let names = names(prefix)
    let images = try IDXFile(reading: present(names.images, in: directory))
    let path = try present(names.labels, in: directory)
    let labels = try IDXFile(reading: path)
    guard images.shape.count == 3, !images.shape.contains(0) else {
      throw StorageError(
        .wrongShape, "images have the shape \(images.shape)",
        at: StorageError.Place(file: "\(directory)/\(names.images)"),
        remedy: "store [count, height, width]")
    }
    guard labels.shape == [images.shape[0]] else {
      throw StorageError(
        .wrongShape, "labels of the shape \(labels.shape) for \(images.shape[0]) images",
        at: StorageError.Place(file: path), remedy: "keep the files of one data set together")
    }
    return (images, labels.bytes)
  }

  /// The path of a file, which may be there compressed only.
  private static func present(
    _ name: String, in directory: String
  ) throws(StorageError) -> String {
    let path = "\(directory)/\(name)"
    if stat(path: path) == nil, stat(path: path + ".gz") != nil {
      throw StorageError(
        .wrongFormat, "this file is compressed by gzip", at: StorageError.Place(file: path + ".gz"),
        remedy: "do `gunzip \(path).gz`")
    }
    return path
  }

  private static func images(
    _ part: (images: IDXFile, labels: [UInt8]), classes: Int
  ) -> LabelledImages {
    LabelledImages(
      channels: 1, height: part.images.shape[1], width: part.images.shape[2], classes: classes,
      pixels: part.images.bytes, labels: part.labels)
  }
}
