import Datasets
import Testing

@Suite struct LabelledImagesTests {
  /// Three images of two channels of 2x3 pixels, none of which is 0.
  let images = LabelledImages(
    channels: 2, height: 2, width: 3, classes: 5, pixels: (1...36).map { UInt8($0) },
    labels: [4, 1, 4])

  func written(_ index: Int, _ shift: (rows: Int, columns: Int) = (0, 0)) -> [Float] {
    // Whatever was there before is overwritten; what is beside is not.
    var values = [Float](repeating: -1, count: images.imageSize + 2)
    do {
      var span = values.mutableSpan
      images.write(index, shift: shift, into: &span, at: 1)
    }
    #expect(values.first == -1 && values.last == -1)
    return Array(values.dropFirst().dropLast())
  }

  @Test func selections() {
    #expect(images.count == 3 && images.imageSize == 12)
    #expect(images.image(1) == (13...24).map { UInt8($0) })
    let chosen = images.selecting([2, 0, 2])
    #expect(chosen.labels == [4, 4, 4])
    #expect(chosen.pixels == images.image(2) + images.image(0) + images.image(2))
    #expect(chosen.classes == 5 && chosen.channels == 2)
    #expect(images.selecting(labels: [1, 3]) == images.selecting([1]))
    #expect(images.selecting(labels: [4]) == images.selecting([0, 2]))
    #expect(images.selecting([]).count == 0)
  }

  @Test func joining() {
    let parts = [images.selecting([0]), images.selecting([]), images.selecting([1, 2])]
    #expect(LabelledImages(joining: parts) == images)
    #expect(LabelledImages(joining: []) == nil)
  }

  @Test func bytesBecomeNumbersFromZeroToOne() {
    #expect(written(1) == (13...24).map { Float($0) * (1 / 255) })
    let white = LabelledImages(
      channels: 1, height: 1, width: 2, classes: 1, pixels: [255, 0], labels: [0])
    var values: [Float] = [7, 7]
    do {
      var span = values.mutableSpan
      white.write(0, into: &span, at: 0)
    }
    #expect(values == [1, 0])
  }

  /// Each pixel comes from where the shift says, and from outside comes black.
  @Test func shiftsAgainstTheirDefinition() {
    for rows in -3...3 {
      for columns in -4...4 {
        let moved = written(2, (rows, columns))
        for channel in 0..<2 {
          for row in 0..<2 {
            for column in 0..<3 {
              let from = (row: row - rows, column: column - columns)
              let isInside = (0..<2).contains(from.row) && (0..<3).contains(from.column)
              let byte =
                isInside ? images.image(2)[(channel * 2 + from.row) * 3 + from.column] : 0
              #expect(
                moved[(channel * 2 + row) * 3 + column] == Float(byte) * (1 / 255),
                "moved by \(rows), \(columns)")
            }
          }
        }
      }
    }
  }
}
