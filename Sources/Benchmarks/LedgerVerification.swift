import Cryptography
import Foundation
import Ledger

/// How much longer the verification of a chain takes than the checks of its signatures alone.
///
/// Options: `--blocks N` (10000), `--transactions N` a block (20), `--repeats N` (5).
enum LedgerVerification {
  static func run(_ words: [String]) throws {
    var options = ["--blocks": 10_000, "--transactions": 20, "--repeats": 5]
    for place in stride(from: 0, to: words.count - 1, by: 2) {
      guard options[words[place]] != nil, let value = Int(words[place + 1]), value > 0 else {
        Program.usage()
      }
      options[words[place]] = value
    }
    let (count, each, repeats) = (
      options["--blocks", default: 0], options["--transactions", default: 0],
      options["--repeats", default: 1]
    )
    let bytes = try chain(count, each)
    let signed = try bytes.dropFirst().flatMap { try MinedBlock(decoding: $0).transactions }
    let clock = ContinuousClock()
    var (whole, signatures): ([Duration], [Duration]) = ([], [])
    // In turns, so that a busy machine is busy for both.
    for _ in 0..<repeats {
      whole.append(
        try clock.measure {
          var verifier = try ChainVerifier(NotesApplication(), genesisBytes: bytes[0])
          for block in bytes.dropFirst() { try verifier.append(encoded: block) }
        })
      var valid = 0
      signatures.append(
        clock.measure {
          for transaction in signed where transaction.hasValidSignature { valid += 1 }
        })
      guard valid == signed.count else { throw ApplicationRefusal("a signature is not valid") }
    }
    let (all, alone) = (median(whole), median(signatures))
    print("blocks \(count) of \(each) transactions, median of \(repeats) repeats in turns")
    print(String(format: "verification %.3f s", all))
    print(String(format: "signatures-alone %.3f s", alone))
    print(String(format: "ratio %.3f", all / alone))
  }

  /// The bytes of a chain of notes, from its first block on.
  private static func chain(_ count: Int, _ each: Int) throws -> [[UInt8]] {
    let keys = (0..<each).map { number in
      SigningKey(
        seed: [UInt8(number & 255), UInt8(number >> 8)] + [UInt8](repeating: 7, count: 30))
    }
    let miner = MinerInformation(key: keys[0].verificationKey, type: .miner)
    let rules = ChainRules(interval: 1000, firstDifficulty: 16)
    let genesis = rules.genesis(founder: miner, time: 1_700_000_000_000)
    var verifier = try ChainVerifier(NotesApplication(), genesis: genesis)
    var bytes = [genesis.encoded]
    for number in 0..<count {
      let transactions = keys.map { key in
        SignedTransaction(
          network: genesis.hash, sequence: UInt64(number), kind: TransactionKind(rawValue: 1),
          payload: [UInt8](repeating: UInt8(number & 255), count: 100), key: key)
      }
      let open = verifier.template(
        miner: miner, transactions: transactions, now: genesis.time + 1000 * UInt64(number + 1))
      guard let nonce = ProofOfWork.nonce(for: open.header, in: 0..<(.max)) else { break }
      let block = open.with(nonce: nonce)
      try verifier.append(block)
      bytes.append(block.encoded)
    }
    return bytes
  }
}
