import Cryptography
import Ledger

/// Whose tokens: 32 bytes, the account's key, or a hash of a contract's name.
///
/// The bytes are kept inline as four words, because addresses are hashed in every call.
public struct AccountAddress: Sendable, Hashable, Comparable, CustomStringConvertible {
  public static let byteCount = 32

  private let first: UInt64
  private let second: UInt64
  private let third: UInt64
  private let fourth: UInt64

  /// - Precondition: 32 bytes.
  public init(bytes: [UInt8]) {
    precondition(
      bytes.count == Self.byteCount, "an address of \(bytes.count) bytes instead of 32")
    func word(_ place: Int) -> UInt64 {
      (0..<8).reduce(0) { $0 << 8 | UInt64(bytes[8 * place + $1]) }
    }
    first = word(0)
    second = word(1)
    third = word(2)
    fourth = word(3)
  }

  /// The account of whoever holds a key.
  public init(_ key: VerificationKey) { self.init(bytes: key.bytes) }

  /// The account of a contract: SHA-256 of the words “collabdict contract account 1 ” and its name.
  /// No key is known for it.
  public init(contract name: String) {
    self.init(bytes: SHA256.hash(Array("collabdict contract account 1 \(name)".utf8)).bytes)
  }

  /// 32 bytes.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    for word in [first, second, third, fourth] {
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> shift))
      }
    }
    return bytes
  }

  /// In the order of the bytes.
  public static func < (one: AccountAddress, other: AccountAddress) -> Bool {
    if one.first != other.first { return one.first < other.first }
    if one.second != other.second { return one.second < other.second }
    if one.third != other.third { return one.third < other.third }
    return one.fourth < other.fourth
  }

  /// 64 hexadecimal digits.
  public var description: String { Hexadecimal.text(bytes) }
  /// The first twelve of them.
  public var shortDescription: String { String(description.prefix(12)) }
}

extension LedgerWriter {
  public mutating func address(_ address: AccountAddress) { raw(address.bytes) }
}

extension LedgerReader {
  public mutating func address() throws(LedgerCodingError) -> AccountAddress {
    AccountAddress(bytes: try raw(AccountAddress.byteCount))
  }
}
