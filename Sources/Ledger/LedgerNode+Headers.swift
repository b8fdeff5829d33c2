import Cryptography

// Headers: who is how far, and which blocks are worth asking for.
extension LedgerNode where Blocks: ~Copyable, Contents: ~Copyable {
  mutating func take(_ status: LedgerMessage.Status, from peer: Int, now: Double) {
    guard status.network == network else {
      if peers[peer]?.isForeign == false {
        effects.append(.foreign(peer: peer, network: status.network))
      }
      peers[peer]?.isForeign = true
      return
    }
    peers[peer]?.isForeign = false
    if status.totalWork <= tree.totalWork { return }
    if tree.contains(status.head) {
      note(status.head, of: peer)
      schedule(peer, now: now)
    } else {
      askForHeaders(from: peer, now: now)
    }
  }

  mutating func askForHeaders(from peer: Int, behind hash: Digest? = nil, now: Double) {
    guard let known = peers[peer],
      hash != nil || now - known.headersAskedAt >= configuration.requestTimeout / 4
    else { return }
    peers[peer]?.headersAskedAt = now
    let locator = tree.locator(from: hash).prefix(LedgerMessage.locatorLimit)
    send(.headerRequest(locator: Array(locator)), to: peer)
  }

  mutating func take(_ headers: [BlockHeader], from peer: Int, now: Double) {
    var last: Digest?
    var isMoreBehind = headers.count == LedgerMessage.headerLimit
    for header in headers {
      // They are asked for when blocks of those that are here have come: headers that nobody asked
      // for take no memory.
      let isFarAhead = header.height > UInt64(tree.height + 2 * LedgerMessage.headerLimit)
      if isFarAhead && tree.contains(header.previous) {
        isMoreBehind = true
        break
      }
      let hash = header.hash
      do {
        try tree.insert(header, hash: hash, now: calendar(now))
        guard tree.contains(hash) else {
          // No fault of the peer's, but it would send the same again.
          isMoreBehind = false
          peers[peer]?.moreHeadersBehind = nil
          peers[peer]?.headersAskedAt = now + configuration.ignoringTime
          break
        }
        last = hash
      } catch {
        switch error.fault {
        case .unknownParent: if last == nil { askForHeaders(from: peer, now: now) }
        // It comes again with the next word about where the peer stands.
        case .fromFuture: effects.append(.refused(error, from: peer))
        case .invalidAncestor: blame(peer, now: now)
        default:
          effects.append(.refused(error, from: peer))
          blame(peer, weight: configuration.faultLimit, now: now)
        }
        break
      }
    }
    guard let last else { return }
    note(last, of: peer)
    peers[peer]?.moreHeadersBehind = isMoreBehind ? last : nil
    schedule(peer, now: now)
  }

  /// Remembers the heaviest header that a peer has shown.
  private mutating func note(_ hash: Digest, of peer: Int) {
    guard let work = tree.totalWork(hash), tree.status(hash) != .invalid else { return }
    let best = peers[peer]?.best.flatMap { tree.status($0) == .invalid ? nil : tree.totalWork($0) }
    if best == nil || work > best ?? 0 { peers[peer]?.best = hash }
  }

  mutating func schedule(now: Double) {
    for peer in peers.keys.sorted() { schedule(peer, now: now) }
  }

  /// Asks a peer for blocks on the way to its best header, if that is heavier than the chain, and for
  /// more headers when the blocks of those that are here are on their way.
  mutating func schedule(_ peer: Int, now: Double) {
    if let last = peers[peer]?.moreHeadersBehind {
      if let height = tree.header(last)?.height {
        if Int(height) - tree.height < LedgerMessage.headerLimit {
          peers[peer]?.moreHeadersBehind = nil
          askForHeaders(from: peer, behind: last, now: now)
        }
      } else {
        peers[peer]?.moreHeadersBehind = nil
      }
    }
    guard let known = peers[peer], !known.isForeign, known.ignoredUntil <= now,
      known.stalledUntil <= now, known.inFlight.count < configuration.blocksInFlight,
      let best = known.best, tree.status(best) == .header,
      let work = tree.totalWork(best), work > tree.totalWork
    else { return }
    let missing = tree.missing(before: best, limit: 2 * configuration.blocksInFlight)
    let wanted = missing.filter { hash in
      waiting[hash] == nil && !peers.values.contains { $0.inFlight[hash] != nil }
    }.prefix(configuration.blocksInFlight - known.inFlight.count)
    if wanted.isEmpty { return }
    for hash in wanted { peers[peer]?.inFlight[hash] = now + configuration.requestTimeout }
    send(.blockRequest(Array(wanted)), to: peer)
  }
}
