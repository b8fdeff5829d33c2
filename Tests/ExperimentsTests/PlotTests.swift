import Foundation
import Storage
import Testing

@testable import Experiments

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct PlotTests {
  /// What an XML parser finds in a document.
  private final class Elements: NSObject, XMLParserDelegate {
    var names: [String: Int] = [:]
    var attributes: [String: String] = [:]

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String] = [:]
    ) {
      if names.isEmpty { self.attributes = attributes }
      names[name, default: 0] += 1
    }
  }

  private func parse(_ svg: [UInt8]) throws -> Elements {
    let parser = XMLParser(data: Data(svg))
    let elements = Elements()
    parser.delegate = elements
    let isWellFormed = parser.parse()
    try #require(isWellFormed, "\(String(describing: parser.parserError))")
    return elements
  }

  @Test(arguments: PlotSamples.all.indices) func svgIsADocumentOfThatSize(index: Int) throws {
    let drawing = PlotSamples.all[index]
    let elements = try parse(drawing.svg())
    #expect(elements.names["svg"] == 1)
    let box = elements.attributes["viewBox"]?.split(separator: " ").compactMap { Double($0) }
    #expect(box == [0, 0, drawing.size.width, drawing.size.height])
  }

  @Test(arguments: PlotSamples.all.indices) func pngIsAPictureOfThatSize(index: Int) throws {
    let drawing = PlotSamples.all[index]
    for scale in [1.0, 2.0] {
      let picture = try drawing.png(scale: scale)
      #expect(Array(picture.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
      // The header: the length of the block, IHDR, width, height, eight bits a channel.
      #expect(String(decoding: picture[12..<16], as: UTF8.self) == "IHDR")
      func number(_ place: Int) -> Int {
        picture[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      }
      #expect(number(16) == Int(scale * drawing.size.width))
      #expect(number(20) == Int(scale * drawing.size.height))
      #expect(picture[24] == 8)
      #expect(String(decoding: picture.suffix(8).prefix(4), as: UTF8.self) == "IEND")
    }
  }

  @Test func theSameDrawingGivesTheSameBytes() throws {
    for drawing in PlotSamples.all {
      #expect(try drawing.svg() == drawing.svg())
      #expect(try drawing.png() == drawing.png())
    }
    var other = PlotSamples.lines
    other.series[0].points[3].y += 0.1
    #expect(try other.svg() != PlotSamples.lines.svg())
    #expect(try other.png() != PlotSamples.lines.png())
  }

  /// Every series leaves its colour on the sheet.
  @Test func allSeriesAreDrawn() throws {
    let svg = String(decoding: try PlotSamples.lines.svg(), as: UTF8.self)
    for colour in ["rgb(0%,44.705882%,69.803922%)", "rgb(83.529412%,36.862745%,0%)"] {
      #expect(svg.contains(colour))
    }
    #expect(svg.contains("stroke-dasharray:7,3"))
  }

  @Test func drawingsThatAreTooLargeAreRefusedInOneLine() throws {
    var chart = PlotSamples.lines
    for size in [Size(1e6, 10), Size(10, 0), Size(.nan, 10), Size(.infinity, 10)] {
      chart.size = size
      for attempt in [{ try chart.svg() }, { try chart.png() }] {
        let error = #expect(throws: PlotError.self) { _ = try attempt() }
        #expect(error?.description.contains(where: \.isNewline) == false)
      }
    }
  }

  @Test func filesAppearWholeOrNotAtAll() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "plots-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let paths = try PlotSamples.bars.write(to: folder.path + "/bars")
    #expect(paths == [folder.path + "/bars.svg", folder.path + "/bars.png"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: paths[0])) == Data(PlotSamples.bars.svg()))
    #expect(try Data(contentsOf: URL(fileURLWithPath: paths[1])) == Data(PlotSamples.bars.png()))
    #expect(throws: StorageError.self) {
      try PlotSamples.bars.write(to: folder.path + "/nowhere/bars")
    }
    let found = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(found == ["bars.png", "bars.svg"])
  }

  @Test func placesOfAGraph() {
    let graph = PlotSamples.graph(12)
    for place in GraphLayout.circle.places(of: graph) {
      #expect(abs((place.x * place.x + place.y * place.y).squareRoot() - 1) < 1e-12)
    }
    let places = GraphLayout.force.places(of: graph)
    #expect(places == GraphLayout.force.places(of: graph))
    for (i, a) in places.enumerated() {
      #expect(abs(a.x) <= 1 && abs(a.y) <= 1)
      for b in places[..<i] { #expect(abs(a.x - b.x) + abs(a.y - b.y) > 0.02) }
    }
    // Neighbours stand nearer to one another than others do.
    func mean(_ isEdge: Bool) -> Double {
      var distances: [Double] = []
      for i in 0..<12 {
        for j in 0..<i
        where graph.edges.contains(where: { $0.i == j && $0.j == i }) == isEdge {
          let (dx, dy) = (places[i].x - places[j].x, places[i].y - places[j].y)
          distances.append((dx * dx + dy * dy).squareRoot())
        }
      }
      return distances.reduce(0, +) / Double(distances.count)
    }
    #expect(mean(true) < 0.7 * mean(false))
  }
}
