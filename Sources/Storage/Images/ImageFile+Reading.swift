import Datasets

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Labelled images for training and for testing.
public struct ImageFile: Sendable, Equatable {
  public let train: LabelledImages
  public let test: LabelledImages

  init(train: LabelledImages, test: LabelledImages) {
    self.train = train
    self.test = test
  }

  /// Reads images in whichever format they are: HDF5, see ``init(readingHDF5:)``; or a directory with
  /// the four official files of MNIST or Fashion-MNIST, uncompressed; or one with the six files of
  /// the binary version of CIFAR-10.
  ///
  /// - Throws: ``StorageError``, which names the file.
  public init(reading path: String) throws(StorageError) {
    guard stat(path: path)?.isDirectory == true else {
      try self.init(readingHDF5: path)
      return
    }
    if Self.hasIDX(in: path) {
      try self.init(readingIDXIn: path)
    } else if Self.hasCIFAR(in: path) {
      try self.init(readingCIFARIn: path)
    } else {
      throw StorageError(
        .noSuchFile, "there are no images in this directory", at: StorageError.Place(file: path),
        remedy: "put train-images-idx3-ubyte or data_batch_1.bin and the files beside it there")
    }
  }

  /// Reads HDF5: `/train_images` and `/test_images`, `[count, height, width]` or `[count, channels,
  /// height, width]` of bytes, with `/train_labels` and `/test_labels`, `[count]`.
  ///
  /// - Throws: ``StorageError``, which names the data set.
  public init(readingHDF5 path: String) throws(StorageError) {
    let file = try HDF5File(reading: path)
    let train = try Self.part("train", in: file, path)
    let test = try Self.part("test", in: file, path)
    let classes = Int((train.labels + test.labels).max() ?? 0) + 1
    self.train = try Self.images(train, classes: classes, "train", path)
    self.test = try Self.images(test, classes: classes, "test", path)
    guard Array(train.shape.dropFirst()) == Array(test.shape.dropFirst()) else {
      throw StorageError(
        .wrongShape, "images of \(train.shape.dropFirst()) and of \(test.shape.dropFirst())",
        at: StorageError.Place(file: path, object: "data set /test_images"),
        remedy: "store images of one size")
    }
  }

  private struct Part {
    let shape: [Int]
    let pixels: [UInt8]
    let labels: [UInt8]
  }

  private static func part(
    _ name: String, in file: HDF5File, _ path: String
  ) throws(StorageError) -> Part {
    let images = try file.dataSet("/\(name)_images")
    let labels = try file.dataSet("/\(name)_labels")
    return Part(
      shape: images.shape, pixels: try images.read(as: UInt8.self),
      labels: try labels.read(as: UInt8.self))
  }

  private static func images(
    _ part: Part, classes: Int, _ name: String, _ path: String
  ) throws(StorageError) -> LabelledImages {
    let place = StorageError.Place(file: path, object: "data set /\(name)_images")
    guard (3...4).contains(part.shape.count), !part.shape.contains(0) else {
      throw StorageError(
        .wrongShape, "images have the shape \(part.shape)", at: place,
        remedy: "store [count, height, width] or [count, channels, height, width]")
    }
    guard part.labels.count == part.shape[0] else {
      throw StorageError(
        .wrongShape, "\(part.labels.count) labels for \(part.shape[0]) images", at: place,
        remedy: "store one label an image")
    }
    return LabelledImages(
      channels: part.shape.count == 4 ? part.shape[1] : 1, height: part.shape[part.shape.count - 2],
      width: part.shape[part.shape.count - 1], classes: classes, pixels: part.pixels,
      labels: part.labels)
  }
}
