import Cryptography

/// A content on its way here, piece by piece.
struct ContentDownload {
  var bytes: [UInt8] = []
  var total: UInt64?
  var peer: Int?
  var deadline = -Double.infinity
  /// Peers that do not have it, or gave something else.
  var unable: Set<Int> = []
}

// Contents by their digests.
extension LedgerNode where Blocks: ~Copyable, Contents: ~Copyable {
  /// Asks the other members for a content. ``LedgerEffect/contentArrived(_:)`` says when it is in the
  /// store; it has the digest then.
  public mutating func fetch(_ digest: Digest, now: Double) {
    do {
      if case .present = try contents.content(digest) {
        effects.append(.contentArrived(digest))
        return
      }
    } catch {
      failure = error
      return
    }
    if downloads[digest] == nil { downloads[digest] = ContentDownload() }
    continueDownloads(now: now)
  }

  /// Whether a content is asked for and not here yet.
  public func isFetching(_ digest: Digest) -> Bool { downloads[digest] != nil }

  mutating func continueDownloads(now: Double) {
    for (digest, download) in downloads where download.deadline <= now {
      var download = download
      // The next one after a peer that was silent.
      if let silent = download.peer { download.unable.insert(silent) }
      if download.unable.isSuperset(of: listeners) { download.unable = [] }
      let able = listeners.filter { !download.unable.contains($0) && !isIgnored($0, now: now) }
      download.peer = able.first
      ask(digest, &download, now: now)
    }
  }

  private mutating func ask(_ digest: Digest, _ download: inout ContentDownload, now: Double) {
    download.deadline = now + configuration.requestTimeout
    if let peer = download.peer {
      send(.contentRequest(digest, offset: UInt64(download.bytes.count)), to: peer)
    }
    downloads[digest] = download
  }

  mutating func give(content digest: Digest, _ offset: UInt64, to peer: Int) {
    guard mayGive else { return }
    do {
      guard case .present(let bytes) = try contents.content(digest), offset <= bytes.count else {
        send(.contentMissing(digest), to: peer)
        return
      }
      let end = min(
        bytes.count, Int(offset) + min(configuration.pieceBytes, LedgerMessage.pieceLimit))
      givenBytes += end - Int(offset)
      send(
        .contentPiece(
          digest, total: UInt64(bytes.count), offset: offset, bytes: Array(bytes[Int(offset)..<end])
        ),
        to: peer)
    } catch {
      failure = error
    }
  }

  mutating func miss(_ digest: Digest, at peer: Int, now: Double) {
    guard var download = downloads[digest], download.peer == peer else { return }
    download.unable.insert(peer)
    download.peer = listeners.first { !download.unable.contains($0) }
    // With nobody left it is tried again after a while.
    ask(digest, &download, now: now)
  }

  mutating func take(
    piece: [UInt8], of digest: Digest, total: UInt64, offset: UInt64, from peer: Int, now: Double
  ) {
    guard var download = downloads[digest], download.peer == peer,
      offset == download.bytes.count
    else { return }
    let isWhole = offset + UInt64(piece.count) == total
    guard total <= configuration.contentLimit, download.total ?? total == total,
      offset + UInt64(piece.count) <= total, !piece.isEmpty || isWhole
    else {
      startOver(digest, without: peer, now: now)
      return
    }
    download.total = total
    download.bytes += piece
    guard isWhole else {
      ask(digest, &download, now: now)
      return
    }
    guard SHA256.hash(download.bytes) == digest else {
      startOver(digest, without: peer, now: now)
      return
    }
    downloads[digest] = nil
    do {
      try contents.put(download.bytes)
      effects.append(.contentArrived(digest))
    } catch {
      failure = error
    }
  }

  /// Somebody gave other bytes; which of several it was cannot be told.
  private mutating func startOver(_ digest: Digest, without peer: Int, now: Double) {
    blame(peer, weight: configuration.faultLimit / 2, now: now)
    var download = ContentDownload()
    download.unable = downloads[digest]?.unable ?? []
    download.unable.insert(peer)
    downloads[digest] = download
    continueDownloads(now: now)
  }
}
