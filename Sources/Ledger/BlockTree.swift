import Cryptography

/// The headers of all branches of a chain of mined blocks, in memory: which is the heaviest, how one
/// gets from one to another, and what is known of whom.
///
/// A header is in the tree only behind its parent, and only if everything that headers can show is
/// right; what has no parent here is not kept at all. Of equal total work the branch that was complete
/// first stays. Branches of which no block is stored are forgotten when there are too many headers
/// of them (``sideLimit``).
public struct BlockTree: Sendable {
  /// What is known of a block beyond its header.
  public enum Status: Sendable, Hashable {
    case header
    /// The block and all before it are stored.
    case stored
    /// The block, or one before it, breaks a rule.
    case invalid
  }

  struct Entry: Sendable {
    let header: BlockHeader
    let hash: Digest
    let parent: Int
    let totalWork: UInt128
    var status: Status
    /// The height of a block of the chain that is before this one: where its branch leaves the
    /// chain, or below if the chain has grown along it since.
    var fork: Int
  }

  public let rules: ChainRules
  private(set) var entries: [Entry?]
  private var free: [Int] = []
  private var places: [Digest: Int]
  /// Places of the chain's blocks by height.
  private var chain: [Int] = [0]
  /// Places of headers whose blocks are not stored.
  private var unstored: Set<Int> = []
  /// Insertions since headers were last forgotten.
  private var insertions = 0
  /// Headers whose blocks are not stored, at most; a header beyond them is not kept unless
  ///
  /// - its branch has more work than the chain, or
  /// - its branch may come to have it: since it left the chain, it has at least a sixteenth
  ///   (``leastShare``) of the work per block that the chain has over the same heights. So a
  ///   heavier branch of any length can come from its beginning on, while it is the lighter, and
  ///   headers without end cost whoever makes them work without end.
  ///
  /// Before, all are forgotten but those on the way to the heaviest and to the newest.
  public let sideLimit: Int
  /// The part of the chain's work per block that a longer branch must have, inverted.
  static let leastShare: UInt128 = 16

  public init(genesis: MinedBlock, rules: ChainRules, sideLimit: Int = 20_000) {
    self.rules = rules
    self.sideLimit = sideLimit
    entries = [
      Entry(
        header: genesis.header, hash: genesis.hash, parent: -1, totalWork: 0, status: .stored,
        fork: 0)
    ]
    places = [genesis.hash: 0]
  }

  public var count: Int { places.count }
  /// The height of the chain's last block.
  public var height: Int { chain.count - 1 }
  public var head: BlockHeader { self[chain[chain.count - 1]].header }
  public var headHash: Digest { self[chain[chain.count - 1]].hash }
  public var totalWork: UInt128 { self[chain[chain.count - 1]].totalWork }

  private subscript(place: Int) -> Entry {
    guard let entry = entries[place] else { preconditionFailure("no header at place \(place)") }
    return entry
  }

  public func contains(_ hash: Digest) -> Bool { places[hash] != nil }
  public func status(_ hash: Digest) -> Status? { places[hash].map { self[$0].status } }
  public func header(_ hash: Digest) -> BlockHeader? { places[hash].map { self[$0].header } }
  public func totalWork(_ hash: Digest) -> UInt128? { places[hash].map { self[$0].totalWork } }
  public func hash(at height: Int) -> Digest? {
    chain.indices.contains(height) ? self[chain[height]].hash : nil
  }

  private func isOnChain(_ place: Int) -> Bool {
    let height = Int(self[place].header.height)
    return height < chain.count && chain[height] == place
  }

  // MARK: Headers

  func window(after hash: Digest) -> HeaderWindow? {
    guard let end = places[hash] else { return nil }
    var marks: [DifficultyRule.Mark] = []
    marks.reserveCapacity(DifficultyRule.window + 1)
    var place = end
    while place >= 0 && marks.count <= DifficultyRule.window {
      marks.append(self[place].header.mark)
      place = self[place].parent
    }
    return HeaderWindow(
      marks: marks.reversed(), height: self[end].header.height, hash: hash)
  }

  /// Adds a header behind its parent.
  ///
  /// - Parameters:
  ///   - hash: the header's.
  ///   - now: milliseconds since 1970 by this clock; `nil` for what is stored already.
  /// - Returns: whether it was new and is kept; ``sideLimit`` says which are not.
  /// - Throws: ``ChainFault``. A header from the future may be right later, and one without a parent
  ///   when the parent is here; any other is wrong for ever.
  @discardableResult
  public mutating func insert(
    _ header: BlockHeader, hash: Digest, now: UInt64?
  ) throws(ChainFault) -> Bool {
    if let known = places[hash] {
      if self[known].status == .invalid {
        throw ChainFault(height: header.height, hash: hash, fault: .invalidAncestor)
      }
      return false
    }
    guard let parent = places[header.previous], let window = window(after: header.previous) else {
      let isOther = header.height == 0
      throw ChainFault(
        height: header.height, hash: hash,
        fault: isOther ? .otherNetwork(hash, expected: self[0].hash) : .unknownParent)
    }
    if self[parent].status == .invalid {
      throw ChainFault(height: header.height, hash: hash, fault: .invalidAncestor)
    }
    do {
      try window.check(header, hash: hash, rules: rules, now: now)
    } catch {
      throw ChainFault(height: header.height, hash: hash, fault: error)
    }
    let work = self[parent].totalWork + UInt128(header.difficulty)
    insertions += 1
    if unstored.count >= sideLimit {
      // Not at each of many insertions: all headers are looked at.
      if insertions > sideLimit / 2 { forget(except: parent) }
      guard unstored.count < sideLimit || work > totalWork || isDear(header, work, behind: parent)
      else { return false }
    }
    let entry = Entry(
      header: header, hash: hash, parent: parent, totalWork: work, status: .header,
      fork: fork(behind: parent))
    let place: Int
    if let unused = free.popLast() {
      entries[unused] = entry
      place = unused
    } else {
      entries.append(entry)
      place = entries.count - 1
    }
    places[hash] = place
    unstored.insert(place)
    return true
  }

  /// The height of the chain's block from which a header behind `parent` comes.
  private func fork(behind parent: Int) -> Int {
    isOnChain(parent) ? Int(self[parent].header.height) : self[parent].fork
  }

  /// Whether a header's branch has enough work per block to be kept beyond the limit.
  private func isDear(_ header: BlockHeader, _ work: UInt128, behind parent: Int) -> Bool {
    let fork = fork(behind: parent)
    let length = Int(header.height) - fork
    let ownLength = min(length, height - fork)
    let start = self[chain[fork]].totalWork
    let ownWork = self[chain[fork + ownLength]].totalWork - start
    return (work - start) * Self.leastShare * UInt128(ownLength) >= ownWork * UInt128(length)
  }

  /// Forgets headers whose blocks are not stored, but those on the way to the heaviest of them and
  /// to `last`.
  private mutating func forget(except last: Int) {
    insertions = 0
    var kept: Set<Int> = []
    let heaviest = unstored.max { self[$0].totalWork < self[$1].totalWork }
    for start in [heaviest, last] {
      guard var place = start else { continue }
      var branch: [Int] = []
      while self[place].status == .header && kept.insert(place).inserted {
        branch.append(place)
        place = self[place].parent
      }
      // The chain may have grown along the branch.
      let fork = fork(behind: place)
      for place in branch { entries[place]?.fork = fork }
    }
    for place in unstored where !kept.contains(place) {
      places[self[place].hash] = nil
      entries[place] = nil
      free.append(place)
    }
    unstored = kept
  }

  // MARK: Blocks

  /// Notes that a block is stored, as its parent is.
  public mutating func store(_ hash: Digest) {
    guard let place = places[hash], self[place].status == .header else { return }
    precondition(self[self[place].parent].status == .stored, "a block is stored before its parent")
    entries[place]?.status = .stored
    unstored.remove(place)
  }

  /// Notes that a block breaks a rule, and with it all behind it.
  public mutating func refuse(_ hash: Digest) {
    guard let first = places[hash] else { return }
    precondition(!isOnChain(first), "a block of the chain is refused")
    entries[first]?.status = .invalid
    unstored.remove(first)
    // Children have no order of places; their parents are looked up until nothing changes.
    var invalid: Set<Int> = [first]
    let behind = places.values
      .filter { self[$0].header.height > self[first].header.height }
      .sorted { self[$0].header.height < self[$1].header.height }
    for place in behind where invalid.contains(self[place].parent) {
      entries[place]?.status = .invalid
      unstored.remove(place)
      invalid.insert(place)
    }
  }

  /// Makes a stored block the head.
  public mutating func reorganise(to hash: Digest) {
    guard let end = places[hash], self[end].status == .stored else {
      preconditionFailure("a chain cannot end in a block that is not stored")
    }
    var branch: [Int] = []
    var place = end
    while !isOnChain(place) {
      branch.append(place)
      place = self[place].parent
    }
    let fork = Int(self[place].header.height)
    if fork < height {
      // Whatever left the chain above leaves it here now, as do its own blocks.
      for place in chain[(fork + 1)...] { entries[place]?.fork = fork }
      for place in entries.indices {
        if let old = entries[place]?.fork, old > fork { entries[place]?.fork = fork }
      }
    }
    chain.removeSubrange((fork + 1)...)
    chain.append(contentsOf: branch.reversed())
  }

  /// The way from the head to another block: what is left, the newest first, and what is taken
  /// instead, the oldest first.
  public func path(to hash: Digest) -> (undone: [Digest], done: [Digest])? {
    guard var place = places[hash] else { return nil }
    var done: [Digest] = []
    while !isOnChain(place) {
      done.append(self[place].hash)
      place = self[place].parent
    }
    let fork = Int(self[place].header.height)
    let undone = chain[(fork + 1)...].reversed().map { self[$0].hash }
    return (undone, done.reversed())
  }

  /// Blocks on the way to a header that are not stored, the oldest first.
  public func missing(before hash: Digest, limit: Int) -> [Digest] {
    guard var place = places[hash] else { return [] }
    var found: [Digest] = []
    while self[place].status == .header {
      found.append(self[place].hash)
      place = self[place].parent
    }
    return found.suffix(limit).reversed()
  }

  // MARK: Where chains part

  /// Hashes of the chain that become sparse towards its beginning, the newest first: whoever knows
  /// one of them knows where the chains part.
  ///
  /// - Parameter hash: the end of a branch to describe; the head's if it is not here.
  public func locator(from hash: Digest? = nil) -> [Digest] {
    var place = hash.flatMap { places[$0] } ?? chain[chain.count - 1]
    var found: [Digest] = []
    var step = 1
    while true {
      found.append(self[place].hash)
      if place == 0 { return found }
      for _ in 0..<step where place > 0 {
        // On the chain one need not walk.
        if isOnChain(place) {
          place = chain[max(0, Int(self[place].header.height) - 1)]
        } else {
          place = self[place].parent
        }
      }
      if found.count >= 10 { step *= 2 }
    }
  }

  /// The chain's headers behind the first hash of a locator that is on the chain.
  public func headers(behind locator: [Digest], limit: Int) -> [BlockHeader] {
    let start = locator.lazy.compactMap { places[$0] }.first { isOnChain($0) } ?? 0
    let height = Int(self[start].header.height)
    return chain[(height + 1)...].prefix(limit).map { self[$0].header }
  }
}
