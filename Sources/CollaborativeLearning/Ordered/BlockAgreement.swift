import Consensus
import Cryptography
import Ledger

/// How several orderers lock one block at one height, in views, after Castro and Liskov's practical
/// Byzantine fault tolerance (1999).
///
/// In view v it is the turn of orderer (height + v) mod n. It proposes a block; who finds it sound
/// votes to prepare it, once a view; who sees a quorum of those votes has it prepared, and votes to
/// commit it; a quorum of commits locks it. Who waits too long says so, with the block it has
/// prepared last, and takes no part in earlier views any more. A quorum of those lets the next
/// proposal be made: it has to be the block that was prepared in the latest view of any of them, and
/// is free only if there is none.
///
/// Why no two blocks of one height are ever locked. In one view no two blocks are prepared: two
/// quorums of votes would share a member that voted twice. If a block was locked in view v, a quorum
/// had it prepared in v. Every later proposal stands on a quorum of view changes; one of those comes
/// from a member of the first quorum, who had it prepared and says so. By induction over the views
/// between, nothing else was prepared in any of them, so that the proposal has to be this block.
///
/// Members may crash and return, as long as they know their ``Pledge`` again, which is to be written
/// down before what they say is sent. With a ``Quorum`` of more than two thirds the same holds where
/// fewer than a third lie.
struct BlockAgreement: Sendable {
  /// What an orderer has bound itself to at a height.
  struct Pledge: Sendable, Equatable {
    var height: UInt64
    var view: UInt32 = 0
    /// What it voted to prepare, and to commit, in this view.
    var prepare: Digest?
    var commit: Digest?
    var proof: PreparedProof?
    var block: Block?
  }
  enum Message: Sendable, Equatable {
    case proposal(BlockProposal)
    case prepare(BlockVote)
    case commit(BlockVote)
    case change(ViewChange)
  }
  /// No honest member ever gets that far; a later view is a lie.
  private static let viewLimit: UInt32 = 1 << 24

  /// What may be proposed.
  enum Choice {
    case none, free
    case only(Block)
  }

  let orderers: Quorum
  let job: Digest
  let own: Int
  private let key: SigningKey
  private(set) var pledge: Pledge
  /// The proposal of this view, found sound.
  private(set) var proposal: BlockProposal?
  /// The newest of each orderer.
  private var prepares: [Int: BlockVote] = [:]
  private var commits: [Int: BlockVote] = [:]
  private var changes: [Int: ViewChange] = [:]
  /// The locked block, with its seal.
  private(set) var locked: Block?
  /// What is to be sent to all other orderers, in this order; the pledge is to be kept first.
  private var outgoing: [Message] = []

  var view: UInt32 { pledge.view }
  var height: UInt64 { pledge.height }

  init(_ orderers: Quorum, job: Digest, own: Int, key: SigningKey, pledge: Pledge) {
    self.orderers = orderers
    self.job = job
    self.own = own
    self.key = key
    self.pledge = pledge
    if let block = pledge.prepare { prepares[own] = vote("prepare", block) }
    if let block = pledge.commit { commits[own] = vote("commit", block) }
    if view > 0 { changes[own] = ownChange }
  }

  func leader(_ view: UInt32) -> Int { Int((height + UInt64(view)) % UInt64(orderers.count)) }

  mutating func takeMessages() -> [Message] {
    defer { outgoing = [] }
    return outgoing
  }

  // MARK: Speaking

  private func vote(_ kind: String, _ block: Digest) -> BlockVote {
    BlockVote(
      height: height, view: view, block: block, orderer: own,
      signature: key.signature(
        for: OrderingStatement.bytes(kind, job: job, height: height, view: view, block: block)))
  }

  private var ownChange: ViewChange {
    ViewChange(
      height: height, view: view, proof: pledge.proof, block: pledge.block, orderer: own,
      signature: key.signature(
        for: OrderingStatement.change(
          job: job, height: height, view: view, proof: pledge.proof)))
  }

  /// What this member has said in the present view, to be said again.
  var standing: [Message] {
    var messages: [Message] = []
    if view > 0 { messages.append(.change(ownChange)) }
    if let proposal, proposal.orderer == own { messages.append(.proposal(proposal)) }
    if let block = pledge.prepare { messages.append(.prepare(vote("prepare", block))) }
    if let block = pledge.commit { messages.append(.commit(vote("commit", block))) }
    return messages
  }

  /// What this member may propose, if it is its turn and it has not yet.
  var choice: Choice {
    guard leader(view) == own, proposal == nil, pledge.prepare == nil else { return .none }
    if view == 0 { return .free }
    let reasons = reasons
    guard reasons.count >= orderers.threshold else { return .none }
    guard let last = Self.latest(reasons) else { return .free }
    return reasons.compactMap(\.block).first { $0.hash == last.block }.map { .only($0) } ?? .none
  }

  /// View changes to the present view.
  private var reasons: [ViewChange] {
    changes.values.filter { $0.view == view }.sorted { $0.orderer < $1.orderer }
  }

  private static func latest(_ changes: [ViewChange]) -> PreparedProof? {
    changes.compactMap(\.proof).max { $0.view < $1.view }
  }

  /// Proposes a block that this member's ``choice`` allows.
  mutating func propose(_ block: Block) {
    var reasons = view == 0 ? [] : reasons
    for i in reasons.indices { reasons[i].block = nil }
    let proposal = BlockProposal(
      view: view, block: block, changes: reasons, orderer: own,
      signature: key.signature(
        for: OrderingStatement.bytes(
          "proposal", job: job, height: height, view: view, block: block.hash)))
    outgoing.append(.proposal(proposal))
    accept(proposal)
  }

  /// Gives the present view up.
  mutating func giveUpView() {
    enter(view + 1)
    let change = ownChange
    changes[own] = change
    outgoing.append(.change(change))
    followOthers()
  }

  private mutating func enter(_ view: UInt32) {
    pledge.view = view
    pledge.prepare = nil
    pledge.commit = nil
    proposal = nil
  }

  /// Where more members have gone on than may be silent, one of them has a reason.
  private mutating func followOthers() {
    let views = changes.values.map(\.view).sorted(by: >)
    let needed = orderers.count - orderers.threshold + 1
    guard views.count >= needed, views[needed - 1] > view else { return }
    enter(views[needed - 1])
    let change = ownChange
    changes[own] = change
    outgoing.append(.change(change))
  }

  // MARK: Listening

  /// - Parameter isSound: whether a block may stand at this height.
  mutating func receive(_ message: Message, isSound: (Block) -> Bool) {
    guard locked == nil else { return }
    switch message {
    case .proposal(let proposal): receive(proposal, isSound)
    case .prepare(let vote):
      note(vote, "prepare", in: &prepares)
      tally()
    case .commit(let vote):
      note(vote, "commit", in: &commits)
      tally()
    case .change(let change):
      guard change.height == height, change.orderer != own, change.view <= Self.viewLimit,
        changes[change.orderer].map({ $0.view < change.view }) ?? true,
        change.isValid(orderers, job: job)
      else { return }
      var change = change
      if change.block?.hash != change.proof?.block { change.block = nil }
      if let block = change.block, !isSound(block) { change.block = nil }
      changes[change.orderer] = change
      followOthers()
    }
  }

  private mutating func receive(_ new: BlockProposal, _ isSound: (Block) -> Bool) {
    guard new.block.height == height, new.view >= view, new.view <= Self.viewLimit,
      new.orderer == leader(new.view),
      new.orderer != own, new.view > view || proposal == nil,
      orderers.isValid(
        new.signature, by: new.orderer,
        of: OrderingStatement.bytes(
          "proposal", job: job, height: height, view: new.view, block: new.block.hash))
    else { return }
    if new.view > 0 {
      let members = Set(new.changes.map(\.orderer))
      guard members.count == new.changes.count, members.count >= orderers.threshold,
        new.changes.allSatisfy({
          $0.height == height && $0.view == new.view && $0.isValid(orderers, job: job)
        })
      else { return }
      if let last = Self.latest(new.changes), last.block != new.block.hash { return }
    }
    guard isSound(new.block) else { return }
    if new.view > view { enter(new.view) }
    accept(new)
  }

  private mutating func accept(_ new: BlockProposal) {
    proposal = new
    // After a restart the vote may have been given already.
    if pledge.prepare == nil {
      pledge.prepare = new.block.hash
      let vote = vote("prepare", new.block.hash)
      prepares[own] = vote
      outgoing.append(.prepare(vote))
    }
    tally()
  }

  private func note(_ vote: BlockVote, _ kind: String, in votes: inout [Int: BlockVote]) {
    guard vote.height == height, vote.orderer != own,
      votes[vote.orderer].map({ $0.view < vote.view }) ?? true,
      orderers.isValid(
        vote.signature, by: vote.orderer,
        of: OrderingStatement.bytes(
          kind, job: job, height: height, view: vote.view, block: vote.block))
    else { return }
    votes[vote.orderer] = vote
  }

  private func signatures(
    _ votes: [Int: BlockVote], _ view: UInt32, _ block: Digest
  ) -> [MemberSignature] {
    votes.values.filter { $0.view == view && $0.block == block }
      .sorted { $0.orderer < $1.orderer }
      .map { MemberSignature(member: $0.orderer, signature: $0.signature) }
  }

  private mutating func tally() {
    guard let proposal else { return }
    let block = proposal.block
    let prepared = signatures(prepares, view, block.hash)
    if pledge.commit == nil && prepared.count >= orderers.threshold {
      pledge.proof = PreparedProof(view: view, block: block.hash, votes: prepared)
      pledge.block = block
      pledge.commit = block.hash
      let vote = vote("commit", block.hash)
      commits[own] = vote
      outgoing.append(.commit(vote))
    }
    let committed = signatures(commits, view, block.hash)
    guard committed.count >= orderers.threshold else { return }
    var sealed = block
    sealed.seal = BlockSeal(view: view, votes: committed).encoded
    locked = sealed
  }
}
