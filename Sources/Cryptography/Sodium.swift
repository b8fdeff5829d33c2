internal import CSodium

/// libsodium, made ready once. Its functions never fail on valid lengths, which the types of this
/// module guarantee.
enum Sodium {
  static let isReady: Bool = sodium_init() >= 0

  static func prepare() {
    precondition(isReady, "libsodium finds no source of secure randomness on this machine")
  }
}
