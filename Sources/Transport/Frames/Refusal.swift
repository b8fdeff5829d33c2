/// Why a frame was not let in. Each reason is counted by itself.
public enum Refusal: Int, CaseIterable, Sendable, Hashable {
  /// Fewer bytes than a header has, or another number of payload bytes than it says.
  case truncated
  /// A longer payload than the settings allow.
  case oversized
  /// No frame at all: another magic, version or kind, or something where nothing may be.
  case malformed
  /// A frame of a kind that is not for this end of a connection, or in several parts.
  case misplaced
  /// Another network's frame.
  case wrongNetwork
  /// A sender who is no member, or is one no longer.
  case stranger
  /// A frame that says it comes from another member than the one whose connection it came over.
  case forgedOrigin
  /// A direct frame for another member, or a frame for nobody.
  case wrongDestination
  /// A number that has been let in before.
  case duplicate
  /// A number or an incarnation from so long ago that it cannot be told from a recording.
  case replayed
  /// A sealed frame that is not as its origin sealed it.
  case brokenSeal
  /// A sealed frame that too many members have handed on.
  case hopLimit
  /// A sealed frame to hand on, and no way to go.
  case noRoute

  /// The reason in words, as a node reports it.
  public var words: String {
    switch self {
    case .truncated: "truncated"
    case .oversized: "oversized"
    case .malformed: "malformed"
    case .misplaced: "misplaced"
    case .wrongNetwork: "of another network"
    case .stranger: "from a stranger"
    case .forgedOrigin: "with a forged origin"
    case .wrongDestination: "for somebody else"
    case .duplicate: "duplicate"
    case .replayed: "replayed"
    case .brokenSeal: "with a broken seal"
    case .hopLimit: "handed on too often"
    case .noRoute: "without a way on"
    }
  }

  init(_ error: FrameError) {
    self =
      switch error {
      case .tooShort, .lengthMismatch: .truncated
      case .oversized: .oversized
      case .wrongMagic, .wrongVersion, .wrongKind, .wrongReserve: .malformed
      }
  }
}
