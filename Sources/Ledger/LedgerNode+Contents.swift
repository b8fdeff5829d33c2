import Cryptography

/// A content on its way here, piece by piece, all of them from one peer: whose bytes they are is known.
struct ContentDownload {
  var bytes: [UInt8] = []
  var total: UInt64?
  var peer: Int?
  var deadline = -Double.infinity
  /// Peers that do not have it, or gave something else.
  var unable: Set<Int> = []

  /// Begins anew with another peer.
  mutating func turn(to next: Int?) {
    if next == peer { return }
    peer = next
    bytes = []
    total = nil
  }
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
      download.turn(to: able.first)
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
      let bytes: [UInt8]
      if let lastGiven, lastGiven.digest == digest {
        bytes = lastGiven.bytes
      } else {
        guard case .present(let read) = try contents.content(digest) else {
          send(.contentMissing(digest), to: peer)
          return
        }
        // To read it costs as much as to send it, however little of it is asked for.
        givenBytes += read.count
        lastGiven = (digest, read)
        bytes = read
      }
      guard offset < bytes.count || offset == 0 else {
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
    download.turn(to: listeners.first { !download.unable.contains($0) })
    // With nobody left it is tried again after a while.
    ask(digest, &download, now: now)
  }

  mutating func take(
    piece: [UInt8], of digest: Digest, total: UInt64, offset: UInt64, from peer: Int, now: Double
  ) {
    guard var download = downloads[digest], download.peer == peer,
      offset == download.bytes.count
    else { return }
    let (end, overflows) = offset.addingReportingOverflow(UInt64(piece.count))
    let isWhole = end == total
    // Whoever gives crumbs would hold the content up as long as it likes.
    let least = max(1, configuration.pieceBytes / 16)
    guard !overflows, total <= configuration.contentLimit, download.total ?? total == total,
      end <= total, piece.count >= least || isWhole
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

  /// Somebody gave other bytes than those that were asked for.
  private mutating func startOver(_ digest: Digest, without peer: Int, now: Double) {
    blame(peer, weight: configuration.faultLimit / 2, now: now)
    var download = ContentDownload()
    download.unable = downloads[digest]?.unable ?? []
    download.unable.insert(peer)
    downloads[digest] = download
    continueDownloads(now: now)
  }
}
