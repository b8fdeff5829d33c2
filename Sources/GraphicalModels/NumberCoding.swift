import LinearAlgebra

/// Why numbers are not what they should be.
public struct NumbersError: Error, Equatable, CustomStringConvertible {
  public let description: String
  init(_ what: String) { description = "the numbers of the mixture are damaged: \(what)" }
}

/// Reads what was written one after the other.
struct NumberReader {
  private var rest: ArraySlice<Double>

  init(_ numbers: [Double]) { rest = numbers[...] }

  mutating func number() throws(NumbersError) -> Double {
    guard let number = rest.popFirst() else { throw NumbersError("they end early") }
    return number
  }

  /// A number that counts something.
  mutating func whole(_ range: ClosedRange<Int>) throws(NumbersError) -> Int {
    let value = try number()
    guard let whole = Int(exactly: value), range.contains(whole) else {
      throw NumbersError("\(value) where a whole number is expected")
    }
    return whole
  }

  mutating func flag() throws(NumbersError) -> Bool { try whole(0...1) == 1 }

  mutating func numbers(_ count: Int) throws(NumbersError) -> [Double] {
    guard count >= 0, rest.count >= count else { throw NumbersError("they end early") }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  consuming func finish() throws(NumbersError) {
    if !rest.isEmpty { throw NumbersError("\(rest.count) are left over") }
  }
}

extension PatternDictionary {
  /// More patterns or variables than that are no dictionary.
  private static let largest = 65536

  /// All of it, to go on with the same bits.
  func write(to numbers: inout [Double]) {
    numbers += [
      Double(count), Double(prior.mean.count), prior.strength, prior.penalty, cardinalityPenalty,
      fewestRows, tolerance,
    ]
    numbers += prior.mean
    for entry in entries {
      numbers += [entry.rows, entry.worth, entry.logPrior]
      numbers += entry.pattern.mean
      numbers += entry.pattern.precision.elements
    }
  }

  init(from reader: inout NumberReader) throws(NumbersError) {
    let count = try reader.whole(0...Self.largest)
    let variables = try reader.whole(1...Self.largest)
    let (strength, penalty) = (try reader.number(), try reader.number())
    guard strength > 0, penalty > 0 else { throw NumbersError("a prior without strength") }
    let (cardinality, fewest) = (try reader.number(), try reader.number())
    let tolerance = try reader.number()
    self.init(
      prior: PatternPrior(
        mean: try reader.numbers(variables), strength: strength, penalty: penalty),
      cardinalityPenalty: cardinality, fewestRows: fewest)
    self.tolerance = tolerance
    for _ in 0..<count {
      let (rows, worth, logPrior) = (
        try reader.number(), try reader.number(), try reader.number()
      )
      let mean = try reader.numbers(variables)
      let precision = SymmetricMatrix(
        order: variables, elements: try reader.numbers(variables * variables))
      add(
        Entry(
          pattern: GaussianPattern(mean: mean, precision: precision), rows: rows, worth: worth,
          logPrior: logPrior))
    }
  }
}

extension MixtureLearning {
  /// All of it, to go on with the same bits.
  public var numbers: [Double] {
    var numbers: [Double] = []
    write(to: &numbers)
    return numbers
  }

  /// Reads ``numbers``.
  public init(numbers: [Double]) throws(NumbersError) {
    var reader = NumberReader(numbers)
    try self.init(from: &reader)
    try reader.finish()
  }
}
