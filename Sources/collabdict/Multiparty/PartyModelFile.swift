import Cryptography
import Ledger
import MultipartyLearning
import Storage

/// A party's model in a file: the very bytes that stand on a chain.
enum PartyModelFile {
  /// - Parameter classes: that the chain knows.
  static func read(_ path: String, classes: Int) throws -> Registration {
    let bytes = try HeadedFile.partyModel.read(path)
    do {
      return try Registration(decoding: bytes, classes: classes)
    } catch {
      throw HeadedFile.partyModel.malformed("\(error)", path)
    }
  }

  static func write(
    _ registration: Registration, to path: String, replacing: Bool
  ) throws(StorageError) {
    try HeadedFile.partyModel.write(registration.encoded, to: path, replacing: replacing)
  }
}
