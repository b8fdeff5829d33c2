import CollaborativeLearning
import Ledger
import MultipartyLearning
import Storage

/// A chain's first block, from its file.
struct ChainGenesis {
  let path: String
  let block: MinedBlock
  let rules: ChainRules
  /// See ``MinedChains/application(of:)``.
  let application: String

  init(reading path: String) throws {
    let bytes = try HeadedFile.firstBlock.read(path)
    do {
      block = try MinedBlock(decoding: bytes)
      rules = try ChainRules(genesis: block)
    } catch {
      throw HeadedFile.firstBlock.malformed("\(error)", path)
    }
    self.path = path
    application = MinedChains.application(of: block)
  }

  /// What the first block says of calibrations.
  func calibration() throws -> CalibrationState {
    guard application == CalibrationTerms.application else {
      throw HeadedFile.firstBlock.malformed(
        "this chain has no models: it keeps \(application)", path)
    }
    do {
      return try CalibrationApplication().start(block)
    } catch {
      throw FileError(path: path, cause: error)
    }
  }
}
