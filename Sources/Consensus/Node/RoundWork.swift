import Cryptography

/// One attempt at one sum, as far as this member has come with it.
struct RoundWork: Sendable {
  var slot: Slot
  /// Whose contributions are expected.
  var expected: MemberSet
  /// Over whom alone the round may be summed; empty for anybody. See ``OpenSum``.
  var required = MemberSet()
  var agreement: Agreement
  /// When the attempt began for this member.
  var since: Double
  /// When this member contributed.
  var contributedAt: Double?
  /// This member's contribution; kept for a further attempt.
  var contribution: [UInt32]?
  /// Known with the length of the contribution.
  var layout: ShareLayout?
  /// What was dealt to others, for those whose connection broke meanwhile.
  var dealt: [Int: RoundMessage.Deal] = [:]
  /// Shares from each contributor.
  var deals: [Int: RoundMessage.Deal] = [:]
  /// Who has everybody's shares, and whom they saw return.
  var acknowledgements: [Int: MemberSet] = [:]
  /// Whether somebody locked nothing in ballot 0: waiting any longer is of no use.
  var isBroken = false
  /// Members that said hello since the attempt began: they take no part in it.
  var gone = MemberSet()
  /// When the decision was known.
  var decidedAt: Double?
  /// Sums of this member's shares by slice.
  var ownSums: [Int: [UInt32]] = [:]
  /// Sums of shares by slice and holder.
  var revealed: [Int: [Int: [UInt32]]] = [:]
  var slices: [Int: [UInt32]] = [:]
  var askedAt: Double?
  /// When this member was first told that others are past this attempt.
  var overtakenAt: Double?
  /// When everything was said again.
  var resentAt = -Double.infinity

  init(slot: Slot, expected: MemberSet, majority: Int, now: Double) {
    self.slot = slot
    self.expected = expected
    agreement = Agreement(slot: slot, majority: majority)
    since = now
  }

  /// Only what others may still ask for: the certificate, the slices and this member's shares of them.
  var kept: RoundWork {
    var kept = self
    kept.contribution = nil
    kept.deals = [:]
    kept.dealt = [:]
    kept.revealed = [:]
    return kept
  }

  var decision: Decision? { agreement.certificate?.decision }

  /// The contributors whose shares this member has.
  var report: MemberSet { MemberSet(deals.keys) }

  /// The whole sum, when all slices are there.
  var sum: [UInt32]? {
    guard let layout, slices.count == layout.slices.count else { return nil }
    var sum: [UInt32] = []
    sum.reserveCapacity(contribution?.count ?? 0)
    for slice in layout.slices.indices {
      guard let part = slices[slice] else { return nil }
      sum.append(contentsOf: part)
    }
    return sum
  }

  /// Slices that are still missing.
  var missingSlices: MemberSet {
    guard let layout else { return MemberSet() }
    return MemberSet(layout.slices.indices.filter { slices[$0] == nil })
  }
}

/// A sum that others may know though this member does not have it.
///
/// Whoever signs a lock for a set of contributors, or sees its certificate, keeps that in mind until
/// it has the sum. When so many fall away that a new epoch has to begin in the same round, that round
/// is summed over the same set again, which gives the same sum, or nobody ever sums it again: two
/// sums over sets that differ by a few members would tell those few's contributions.
///
/// A certificate holds a majority's locks, and so does the decision who starts the new epoch: at
/// least one member took part in both. A process that was killed knows from its record the
/// certificates that it has seen, but not what it signed in the moment before. So the rule fails
/// where all of those members were killed between their signature and the certificate, and the sum
/// was formed by members none of whom is there for the new epoch.
struct OpenSum: Sendable {
  /// The attempt in which it was first signed or seen.
  var slot: Slot
  var contributors: MemberSet
}

/// What a member outside of all rounds waits for.
struct Outside: Sendable {
  var since: Double
  var saidHelloAt = -Double.infinity
  /// Members that said hello meanwhile.
  var greeters = Set<Int>()
  /// The decision who starts an epoch, once there are enough for one.
  var assembly: Agreement?
  /// The decision that takes this member in.
  var admission: Certificate?
  /// Offers of a shared state for that, by member.
  var offers: [Int: RoundMessage.Offer] = [:]
  var requestedAt: Double?
  var requestedFrom = MemberSet()
  /// When somebody was last heard to have a round on its way.
  var runningHeardAt = -Double.infinity
}

/// The end of a run.
struct Finishing: Sendable {
  var round: UInt32 = 0
  var state: Digest?
  var since = 0.0
  var repeatedAt = -Double.infinity
  var signatures: [Int: (round: UInt32, state: Digest, signature: Signature)] = [:]
  var isCertified = false
  /// Who has said that it has a majority's signatures, and since when all others have.
  var certified = MemberSet()
  var allCertifiedAt: Double?
  /// Who has said that it knows that this member has them.
  var knowing = MemberSet()
}
