import Ledger

extension CalibrationMessage {
  /// The kind of transaction that has one.
  public static let kind = TransactionKind(rawValue: 1)

  /// y, y⁻, and the image's bytes.
  public var encoded: [UInt8] { [label, wrongLabel] + image }

  /// - Parameter terms: of the chain, which says how large images are and how many classes there are.
  public init(decoding bytes: [UInt8], _ terms: CalibrationTerms) throws(LedgerCodingError) {
    guard bytes.count == terms.height * terms.width + 2 else {
      throw .malformed(
        "sample: \(bytes.count - 2) bytes are no image of \(terms.height)x\(terms.width)")
    }
    guard bytes[0] < terms.classes, bytes[1] < terms.classes, bytes[0] != bytes[1] else {
      throw .malformed("pair of classes \(bytes[0]) and \(bytes[1])")
    }
    self.init(image: Array(bytes[2...]), label: bytes[0], wrongLabel: bytes[1])
  }
}

extension CalibrationVerdict {
  /// As it stands in a block.
  var code: UInt8 {
    switch self {
    case .valid: 0
    case .marginPositive: 1
    case .unsure: 2
    case .disagreement: 3
    case .unknownClass: 4
    }
  }

  init(code: UInt8) throws(LedgerCodingError) {
    switch code {
    case 0: self = .valid
    case 1: self = .marginPositive
    case 2: self = .unsure
    case 3: self = .disagreement
    case 4: self = .unknownClass
    default: throw .malformed("verdict")
    }
  }
}
