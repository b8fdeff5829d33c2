import Datasets

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension ImageFile {
  /// One byte of a label, and the red, the green and the blue plane of 32x32 pixels.
  private static let recordSize = 1 + 3 * 32 * 32
  private static let classes = 10
  private static let trainNames = (1...5).map { "data_batch_\($0).bin" }
  private static let testName = "test_batch.bin"

  /// Whether a directory has the first of the official files of the binary version of CIFAR-10.
  static func hasCIFAR(in directory: String) -> Bool {
    stat(path: "\(directory)/\(trainNames[0])") != nil
  }

  /// Reads the six files of the binary version of CIFAR-10 from a directory.
  init(readingCIFARIn directory: String) throws(StorageError) {
    var train: [LabelledImages] = []
    for name in Self.trainNames { train.append(try Self.batch("\(directory)/\(name)")) }
    let test = try Self.batch("\(directory)/\(Self.testName)")
    self.init(train: LabelledImages(joining: train) ?? test, test: test)
  }

  private static func batch(_ path: String) throws(StorageError) -> LabelledImages {
    let place = StorageError.Place(file: path)
    let content = try SmallFile.bytes(
      of: path, limit: IDXFile.sizeLimit, what: "a batch of CIFAR-10")
    guard !content.isEmpty, content.count.isMultiple(of: recordSize) else {
      throw StorageError(
        .truncated, "\(content.count) bytes are not whole images of \(recordSize) bytes", at: place,
        remedy: "copy the file again, in the binary version for C programs")
    }
    var pixels: [UInt8] = []
    var labels: [UInt8] = []
    pixels.reserveCapacity(content.count)
    for start in stride(from: 0, to: content.count, by: recordSize) {
      let label = content[start]
      guard label < classes else {
        throw StorageError(
          .malformed, "image \(labels.count + 1) is of class \(label), where 9 is the last",
          at: place, remedy: "copy the file again, in the binary version for C programs")
      }
      labels.append(label)
      pixels += content[start + 1..<start + recordSize]
    }
    return LabelledImages(
      channels: 3, height: 32, width: 32, classes: classes, pixels: pixels, labels: labels)
  }
}
