import Cryptography
import Ledger

/// The parties whose stakes are large enough to be neighbours and validators, so kept that some can be
/// drawn without a look at the others.
struct ValidatorPool: Sendable, Hashable {
  /// In an order that follows from the calls so far; all members of a chain have the same.
  private(set) var accounts: [AccountAddress] = []
  private var places: [AccountAddress: Int] = [:]

  func contains(_ account: AccountAddress) -> Bool { places[account] != nil }

  mutating func set(_ account: AccountAddress, isMember: Bool) {
    if let place = places[account] {
      if isMember { return }
      let last = accounts.removeLast()
      places[account] = nil
      // The last one takes its place.
      if last != account {
        accounts[place] = last
        places[last] = place
      }
    } else if isMember {
      places[account] = accounts.count
      accounts.append(account)
    }
  }

  /// Draws accounts, each of those that may be drawn as likely as any other, as far as SHA-256 is
  /// random: the words of SHA-256 of “collabdict draw 1”, the entropy, the encounter and a counter
  /// say which. Fewer, if there are not as many.
  ///
  /// - Parameter isSuitable: whether an account may be drawn.
  func draw(
    _ count: Int, entropy: Digest, encounter: UInt64,
    isSuitable: (AccountAddress) -> Bool
  ) -> [AccountAddress] {
    if accounts.isEmpty { return [] }
    var words = Words(entropy: entropy, encounter: encounter)
    var drawn: [AccountAddress] = []
    // Where nearly all are suitable, a few draws do.
    for _ in 0..<16 * count {
      if drawn.count == count { return drawn }
      let account = accounts[words.next(below: accounts.count)]
      if !drawn.contains(account) && isSuitable(account) { drawn.append(account) }
    }
    // Where few are, they are looked for, and drawn among themselves.
    var others = accounts.filter { !drawn.contains($0) && isSuitable($0) }
    while drawn.count < count && !others.isEmpty {
      let place = words.next(below: others.count)
      drawn.append(others[place])
      others.swapAt(place, others.count - 1)
      others.removeLast()
    }
    return drawn
  }

  /// Words of hashes, as many as are asked for.
  private struct Words {
    private let start: [UInt8]
    private var counter: UInt64 = 0
    private var digest: [UInt8] = []
    private var position = 0

    private static let domain = Array("collabdict draw 1".utf8)

    init(entropy: Digest, encounter: UInt64) {
      var writer = LedgerWriter(reserving: 64)
      writer.raw(Self.domain)
      writer.digest(entropy)
      writer.long(encounter)
      start = writer.bytes
    }

    /// Uniform to within the count / 2⁶⁴.
    mutating func next(below count: Int) -> Int {
      if position + 8 > digest.count {
        var writer = LedgerWriter(reserving: start.count + 8)
        writer.raw(start)
        writer.long(counter)
        counter += 1
        digest = SHA256.hash(writer.bytes).bytes
        position = 0
      }
      let word = digest[position..<position + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      position += 8
      return Int(word.multipliedFullWidth(by: UInt64(count)).high)
    }
  }
}
