/// What a contract has taken, so that nothing is taken twice.
///
/// Every block executes a copy of the contract, and the old one is kept. The set is in parts, of which
/// a copy that adds something copies one.
struct KnownSamples<Datum: Hashable & Sendable>: Sendable, Equatable {
  private static var partCount: Int { 256 }
  private var parts = [Set<Datum>](repeating: [], count: partCount)

  func contains(_ datum: Datum) -> Bool { parts[Self.part(of: datum)].contains(datum) }

  mutating func insert(_ datum: Datum) { parts[Self.part(of: datum)].insert(datum) }

  private static func part(of datum: Datum) -> Int {
    Int(UInt(bitPattern: datum.hashValue) % UInt(partCount))
  }
}
