import Cryptography
import Ledger
import NeuralNetworks

/// What the first block of a chain of calibrations fixes for all: the shape of the images, the rules,
/// and the models of the original parties. Wang et al. 2020, Sec. III-C-1.
public struct CalibrationTerms: Sendable, Equatable {
  public var height = ImageClassifier.extent
  public var width = ImageClassifier.extent
  /// C.
  public var classes = 10
  public var rules = CalibrationRules()
  /// Original parties that must approve a regular party's model.
  public var approvals = 1

  /// The name that the first block's second record begins with.
  public static let application = "bema"

  public init() {}

  /// The application's records of the first block: the terms, then one registration for each original
  /// party.
  public func records(_ originals: [Registration]) -> [[UInt8]] {
    [encoded] + originals.map(\.encoded)
  }

  var encoded: [UInt8] {
    var writer = LedgerWriter()
    writer.text(Self.application)
    writer.byte(1)  // the version of what follows
    writer.word(UInt32(height))
    writer.word(UInt32(width))
    writer.word(UInt32(classes))
    writer.word(UInt32(approvals))
    writer.number(rules.memberShare)
    for value in [rules.leastScore, rules.greatestSpread, rules.learningRate, rules.gradientCap] {
      writer.word(value.bitPattern)
    }
    writer.word(UInt32(rules.blockSize))
    writer.text(rules.objective.rawValue)
    writer.text(rules.scoreRule.rawValue)
    writer.text(rules.wrongClass.rawValue)
    writer.text(rules.predictor.rawValue)
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    guard try reader.text() == Self.application else { throw .malformed("application's name") }
    guard try reader.byte() == 1 else { throw .malformed("version of the terms") }
    height = Int(try reader.word())
    width = Int(try reader.word())
    classes = Int(try reader.word())
    approvals = Int(try reader.word())
    rules.memberShare = try reader.number()
    rules.leastScore = Float(bitPattern: try reader.word())
    rules.greatestSpread = Float(bitPattern: try reader.word())
    rules.learningRate = Float(bitPattern: try reader.word())
    rules.gradientCap = Float(bitPattern: try reader.word())
    rules.blockSize = Int(try reader.word())
    rules.objective = try Self.choice(try reader.text(), "objective")
    rules.scoreRule = try Self.choice(try reader.text(), "score rule")
    rules.wrongClass = try Self.choice(try reader.text(), "choice of the wrong class")
    rules.predictor = try Self.choice(try reader.text(), "predictor")
    try reader.finish()
    guard isSound else { throw .malformed("terms of calibration") }
  }

  private static func choice<T: RawRepresentable<String>>(
    _ name: String, _ what: String
  ) throws(LedgerCodingError) -> T {
    guard let value = T(rawValue: name) else { throw .malformed(what) }
    return value
  }

  /// Whether models can be calibrated under these terms.
  public var isSound: Bool {
    height == ImageClassifier.extent && width == ImageClassifier.extent && 2...256 ~= classes
      && 0...1000 ~= approvals && rules.memberShare > 0 && rules.memberShare <= 1
      && 0...1 ~= rules.leastScore && 0...1 ~= rules.greatestSpread
      && rules.learningRate.isFinite && rules.learningRate > 0 && rules.gradientCap.isFinite
      && rules.gradientCap > 0 && 1...10_000 ~= rules.blockSize
  }
}
