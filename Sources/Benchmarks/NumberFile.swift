import Foundation

/// Files of bare numbers in little-endian order, which peers read and write, too.
enum NumberFile {
  /// The words of a file; what is left of the last one counts for nothing.
  static func words<Word: FixedWidthInteger>(of path: String, as: Word.Type) throws -> [Word] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let width = Word.bitWidth / 8
    return (0..<bytes.count / width).map { place in
      var word: Word = 0
      for k in 0..<width { word |= Word(bytes[place * width + k]) << Word(8 * k) }
      return word
    }
  }

  static func write(_ numbers: [Double], to path: String) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * numbers.count)
    for number in numbers {
      for k in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> (8 * k))) }
    }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }
}
