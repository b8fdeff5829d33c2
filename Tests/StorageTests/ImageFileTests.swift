import Datasets
import Foundation
import Storage
import Testing

/// Five images to learn from and two to test on, of 2x3 pixels, in every format.
@Suite struct ImageFileTests {
  let directory = try! TemporaryDirectory()
  let train = LabelledImages(
    channels: 1, height: 2, width: 3, classes: 10, pixels: (0..<30).map { UInt8($0 * 8) },
    labels: [3, 0, 9, 1, 0])
  let test = LabelledImages(
    channels: 1, height: 2, width: 3, classes: 10, pixels: (0..<12).map { UInt8(255 - $0) },
    labels: [2, 3])

  func idx(_ shape: [Int], _ bytes: [UInt8], type: UInt8 = 8) -> [UInt8] {
    [0, 0, type, UInt8(shape.count)]
      + shape.flatMap { extent in [24, 16, 8, 0].map { UInt8(extent >> $0 & 255) } } + bytes
  }

  func writeIDX() throws {
    for (prefix, images) in [("train", train), ("t10k", test)] {
      _ = try directory.file(
        "\(prefix)-images-idx3-ubyte", idx([images.count, 2, 3], images.pixels))
      _ = try directory.file("\(prefix)-labels-idx1-ubyte", idx([images.count], images.labels))
    }
  }

  func writeHDF5(
    _ name: String, trainShape: [Int] = [5, 2, 3], labels: [UInt8] = [3, 0, 9, 1, 0],
    testShape: [Int] = [2, 2, 3]
  ) throws -> String {
    let path = directory(name)
    let writer = try HDF5Writer(replacing: path)
    try writer.write(train.pixels, shape: trainShape, to: "/train_images")
    try writer.write(labels, shape: [labels.count], to: "/train_labels")
    try writer.write(test.pixels, shape: testShape, to: "/test_images")
    try writer.write(test.labels, shape: [2], to: "/test_labels")
    try writer.commit()
    return path
  }

  @Test func everyFormatHoldsTheSameImages() throws {
    let stored = try ImageFile(reading: writeHDF5("a.h5"))
    #expect(stored.train == train)
    #expect(stored.test == test)
    try writeIDX()
    #expect(try ImageFile(reading: directory.path) == stored)
  }

  @Test func channelsAreTheSecondDimension() throws {
    let path = try writeHDF5("b.h5", trainShape: [5, 3, 1, 2], testShape: [2, 3, 1, 2])
    let file = try ImageFile(reading: path)
    #expect(file.train.channels == 3 && file.train.height == 1 && file.train.width == 2)
    #expect(file.train.image(4) == Array(train.pixels[24...]))
  }

  @Test func contradictionsInHDF5() throws {
    let fewer = try writeHDF5("c.h5", labels: [1, 2])
    let count = storageError { _ = try ImageFile(reading: fewer) }
    #expect(count?.code == .wrongShape)
    #expect(count?.description.contains("2 labels for 5 images") == true)
    let flat = try writeHDF5("d.h5", trainShape: [5, 6])
    #expect(storageError { _ = try ImageFile(reading: flat) }?.code == .wrongShape)
    let turned = try writeHDF5("e.h5", testShape: [2, 3, 2])
    let sizes = storageError { _ = try ImageFile(reading: turned) }
    #expect(sizes?.code == .wrongShape)
    #expect(sizes?.place.object == "data set /test_images")
    let other = try directory.file("f.h5", "no images")
    #expect(storageError { _ = try ImageFile(reading: other) }?.code == .wrongFormat)
  }

  @Test func whereThereAreNoImages() {
    let empty = storageError { _ = try ImageFile(reading: directory.path) }
    #expect(empty?.code == .noSuchFile)
    #expect(empty?.place.file == directory.path)
    #expect(storageError { _ = try ImageFile(reading: directory("none")) }?.code == .noSuchFile)
  }

  @Test func badIDXFiles() throws {
    let first = "train-images-idx3-ubyte"
    let good = idx([5, 2, 3], train.pixels)
    let cases: [(bytes: [UInt8], code: StorageError.Code)] = [
      ([], .truncated), ([0, 0], .truncated), ([1, 0, 8, 3], .wrongFormat),
      (idx([5, 2, 3], train.pixels, type: 13), .wrongType), (Array(good[..<10]), .truncated),
      (good.dropLast(), .truncated), (good + [0], .malformed),
      (idx([1 << 31, 1 << 31, 1 << 31], []), .tooLarge), (idx([30], train.pixels), .wrongShape),
      (idx([0, 2, 3], []), .wrongShape), (idx([(1 << 31) - 1, (1 << 31), 1], []), .truncated),
      ([0x1f, 0x8b, 8, 0, 0], .wrongFormat),
    ]
    for (bytes, code) in cases {
      try writeIDX()
      _ = try directory.file(first, bytes)
      let error = storageError { _ = try ImageFile(reading: directory.path) }
      #expect(error?.code == code, "\(bytes.prefix(8)): \(error.debugDescription)")
      #expect(error?.place.file == directory(first))
      #expect(error?.description.contains("\n") == false)
    }
  }

  @Test func idxFilesThatDoNotBelongTogether() throws {
    try writeIDX()
    _ = try directory.file("t10k-labels-idx1-ubyte", idx([5], train.labels))
    let labels = storageError { _ = try ImageFile(reading: directory.path) }
    #expect(labels?.code == .wrongShape)
    #expect(labels?.place.file == directory("t10k-labels-idx1-ubyte"))

    try writeIDX()
    _ = try directory.file("t10k-images-idx3-ubyte", idx([2, 3, 2], test.pixels))
    #expect(storageError { _ = try ImageFile(reading: directory.path) }?.code == .wrongShape)

    try FileManager.default.removeItem(atPath: directory("t10k-images-idx3-ubyte"))
    let missing = storageError { _ = try ImageFile(reading: directory.path) }
    #expect(missing?.code == .noSuchFile)
    #expect(missing?.place.file == directory("t10k-images-idx3-ubyte"))
  }

  @Test func compressedFilesAreNamedWithTheRemedy() throws {
    try writeIDX()
    for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] {
      try writeIDX()
      try FileManager.default.removeItem(atPath: directory(name))
      _ = try directory.file(name + ".gz", [0x1f, 0x8b, 8])
      let error = storageError { _ = try ImageFile(reading: directory.path) }
      #expect(error?.code == .wrongFormat)
      #expect(error?.remedy == "do `gunzip \(directory(name)).gz`")
      try FileManager.default.removeItem(atPath: directory(name + ".gz"))
    }
  }

  // MARK: CIFAR-10

  func batch(_ labels: [UInt8]) -> [UInt8] {
    labels.flatMap { label in
      [label] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 / 1024 * 50 + Int(label)) }
    }
  }

  func writeCIFAR() throws {
    for number in 1...5 {
      _ = try directory.file("data_batch_\(number).bin", batch([UInt8(number), 0]))
    }
    _ = try directory.file("test_batch.bin", batch([9]))
  }

  @Test func cifarBatchesAreJoinedInTheirOrder() throws {
    try writeCIFAR()
    let file = try ImageFile(reading: directory.path)
    #expect(file.train.labels == [1, 0, 2, 0, 3, 0, 4, 0, 5, 0])
    #expect(file.test.labels == [9])
    #expect(file.train.channels == 3 && file.train.height == 32 && file.train.width == 32)
    // Red, green and blue stay planes.
    let image = file.train.image(4)
    #expect([0, 1023, 1024, 2048, 3071].map { image[$0] } == [3, 3, 53, 103, 103])
  }

  @Test func badCIFARFiles() throws {
    let cases: [(bytes: [UInt8], code: StorageError.Code)] = [
      ([], .truncated), (batch([1]).dropLast(), .truncated), (batch([1, 10]), .malformed),
    ]
    for (bytes, code) in cases {
      try writeCIFAR()
      _ = try directory.file("data_batch_3.bin", bytes)
      let error = storageError { _ = try ImageFile(reading: directory.path) }
      #expect(error?.code == code)
      #expect(error?.place.file == directory("data_batch_3.bin"))
    }
    try writeCIFAR()
    try FileManager.default.removeItem(atPath: directory("test_batch.bin"))
    #expect(storageError { _ = try ImageFile(reading: directory.path) }?.code == .noSuchFile)
  }
}
