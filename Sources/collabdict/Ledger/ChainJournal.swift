import Cryptography
import Ledger

/// What happens to a member of a chain, told in lines as it happens.
final class ChainJournal {
  private let isJSON: Bool
  private let members: ChainMembers
  private var moves: [LedgerMove] = []

  init(isJSON: Bool, _ members: ChainMembers) {
    self.isJSON = isJSON
    self.members = members
  }

  /// A line on standard output.
  func tell(_ event: String, _ facts: [(String, JSON)]) throws {
    if isJSON {
      return Console.print(try JSON.object([("event", .text(event))] + facts).line)
    }
    let words = facts.map { name, value in
      let text =
        switch value {
        case .integer(let number): "\(number)"
        case .bool(let truth): truth ? "yes" : "no"
        case .text(let text): name == "head" ? String(text.prefix(16)) : text
        default: "-"
        }
      return "\(name.replacing("_", with: " ")) \(text)"
    }
    Console.print("\(event): \(words.joined(separator: ", "))")
  }

  /// Takes note of what a node says.
  func note(_ effect: LedgerEffect) {
    switch effect {
    case .moved(let move): moves.append(move)
    case .refused(let fault, let peer):
      let origin = peer.map { "a block of \(name($0))" } ?? "the own block"
      Console.note(Console.oneLine("\(origin) is refused: \(fault)"))
    case .foreign(let peer, let network):
      Console.note(
        "\(name(peer)) is on another chain, whose first block is \(network); its blocks are not taken"
      )
    case .send, .mine, .contentArrived: break
    }
  }

  private func name(_ peer: Int) -> String {
    members.members.indices.contains(peer) ? members.members[peer].name : "member \(peer)"
  }

  /// Moves since the last call.
  func takeMoves() -> [LedgerMove] {
    defer { moves = [] }
    return moves
  }
}
