import Cryptography

// Blocks: stored, executed, and the chain moved to the heaviest branch.
extension LedgerNode where Blocks: ~Copyable, Contents: ~Copyable {
  mutating func give(_ hashes: [Digest], to peer: Int) {
    var missing: [Digest] = []
    for hash in hashes.prefix(configuration.blocksInFlight) {
      // The rest is asked for again.
      if !mayGive { break }
      do {
        if let block = try blocks.block(hash: hash) {
          send(.block(block), to: peer)
          givenBytes += block.encodedByteCount
        } else {
          missing.append(hash)
        }
      } catch {
        failure = error
        return
      }
    }
    if !missing.isEmpty { send(.missing(missing), to: peer) }
  }

  mutating func take(_ block: MinedBlock, from peer: Int, now: Double) {
    // Only what was asked for, of anybody.
    var wasAsked = false
    for other in peers.keys where peers[other]?.inFlight.removeValue(forKey: block.hash) != nil {
      wasAsked = true
    }
    guard wasAsked else { return }
    peers[peer]?.stalls = 0
    peers[peer]?.stalledUntil = -.infinity
    accept(block, from: peer, now: now)
    schedule(now: now)
  }

  /// A block that was found here.
  ///
  /// - Returns: whether it continues the chain; it is too late if there is another head meanwhile, and
  ///   unwanted at ``LedgerNodeConfiguration/lastMinedHeight``.
  @discardableResult
  public mutating func mined(_ block: MinedBlock, now: Double) -> Bool {
    guard failure == nil, mayMine, block.previous == tree.headHash else { return false }
    do {
      try tree.insert(block.header, hash: block.hash, now: calendar(now))
    } catch {
      effects.append(.refused(error, from: nil))
      needsTemplate = true
      template(now: now)
      return false
    }
    accept(block, from: nil, now: now)
    template(now: now)
    return tree.headHash == block.hash
  }

  /// A block whose header is in the tree, and those that waited for it.
  private mutating func accept(_ block: MinedBlock, from peer: Int?, now: Double) {
    guard tree.status(block.hash) == .header, let parent = tree.status(block.previous) else {
      return
    }
    if parent == .header {
      if waiting.count < 4 * configuration.blocksInFlight { waiting[block.hash] = (block, peer) }
      return
    }
    var next: (block: MinedBlock, peer: Int?)? = (block, peer)
    while let one = next, failure == nil {
      waiting[one.block.hash] = nil
      connect(one.block, from: one.peer, now: now)
      // Of several the first by its hash: the same messages lead to the same chain.
      next =
        waiting.filter { tree.status($0.value.block.previous) == .stored }
        .min { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }?.value
    }
    waiting = waiting.filter { tree.status($0.key) == .header }
  }

  /// A block behind a stored one.
  private mutating func connect(_ block: MinedBlock, from peer: Int?, now: Double) {
    guard tree.status(block.hash) == .header else { return }
    do {
      if block.previous == tree.headHash {
        do {
          // What was executed for the template need not be executed again.
          let isOwn = templated?.header == block.with(nonce: 0).header
          let next = try state.applying(
            block, tree.rules, network: network, application,
            executed: isOwn ? templated?.state : nil, isKnown: { pool.contains($0) })
          try blocks.append(block)
          tree.store(block.hash)
          move(to: block.hash, [block], undone: [], states: [next], from: peer)
        } catch let fault as BlockFault {
          refuse(block, fault, from: peer, now: now)
        }
        return
      }
      guard block.encodedByteCount <= tree.rules.byteLimit else {
        refuse(
          block, .tooLarge(block.encodedByteCount, limit: tree.rules.byteLimit), from: peer,
          now: now)
        return
      }
      try blocks.keep(block)
      tree.store(block.hash)
      if tree.totalWork(block.hash) ?? 0 > tree.totalWork {
        try reorganise(to: block.hash, from: peer, now: now)
      }
    } catch {
      failure = error
    }
  }

  private mutating func refuse(
    _ block: MinedBlock, _ fault: BlockFault, from peer: Int?, now: Double
  ) {
    tree.refuse(block.hash)
    effects.append(
      .refused(ChainFault(height: block.height, hash: block.hash, fault: fault), from: peer))
    blame(peer, weight: configuration.faultLimit, now: now)
    if peer == nil { needsTemplate = true }
  }

  /// Executes a branch from where it leaves the chain, and moves to it as far as it is valid and
  /// heavier.
  private mutating func reorganise(to end: Digest, from peer: Int?, now: Double) throws {
    guard let path = tree.path(to: end), let first = path.done.first,
      let fork = tree.header(first)?.previous
    else { return }
    var current = try stateBehind(fork)
    var done: [MinedBlock] = []
    var states: [ChainState<Application>] = []
    for hash in path.done {
      guard let block = try blocks.block(hash: hash) else { throw ChainError.unknownBlock(hash) }
      do {
        current = try current.applying(
          block, tree.rules, network: network, application, isKnown: { pool.contains($0) })
      } catch {
        refuse(block, error, from: peer, now: now)
        break
      }
      done.append(block)
      states.append(current)
    }
    guard let last = done.last, tree.totalWork(last.hash) ?? 0 > tree.totalWork else { return }
    var undone: [MinedBlock] = []
    for hash in path.undone {
      if let block = try blocks.block(hash: hash) { undone.append(block) }
    }
    try blocks.reorganise(to: last.hash)
    move(to: last.hash, done, undone: undone, states: states, from: peer)
  }

  /// The state behind a block of the chain: kept, or executed again from the last that is.
  private func stateBehind(_ hash: Digest) throws -> ChainState<Application> {
    var missing: [Digest] = []
    var place = hash
    var current = genesisState
    while place != network {
      if let kept = states[place] {
        current = kept
        break
      }
      missing.append(place)
      guard let header = tree.header(place) else { throw ChainError.unknownBlock(place) }
      place = header.previous
    }
    for hash in missing.reversed() {
      guard let block = try blocks.block(hash: hash) else { throw ChainError.unknownBlock(hash) }
      // It was valid before.
      current = try current.applying(
        block, tree.rules, network: network, application, isKnown: { _ in true })
    }
    return current
  }

  private mutating func move(
    to head: Digest, _ done: [MinedBlock], undone: [MinedBlock],
    states newStates: [ChainState<Application>], from peer: Int?
  ) {
    tree.reorganise(to: head)
    for (block, state) in zip(done, newStates) {
      states[block.hash] = state
      stateOrder.append(block.hash)
    }
    while stateOrder.count > configuration.keptStates {
      let old = stateOrder.removeFirst()
      // A block may have come twice.
      if !stateOrder.contains(old) { states[old] = nil }
    }
    if let last = newStates.last { state = last }
    let behind = state
    pool.takeBack(
      undone.reversed().flatMap { $0.transactions }, next: { behind.nextSequence(of: $0) })
    for block in done { pool.drop(minedIn: block) }
    needsTemplate = true
    effects.append(.moved(LedgerMove(undone: undone.map(\.hash), done: done.map(\.hash))))
    for other in listeners where other != peer { send(.headers([tree.head]), to: other) }
  }
}
