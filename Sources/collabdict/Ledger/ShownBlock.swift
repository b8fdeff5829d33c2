import Cryptography
import Foundation
import Ledger
import Storage

/// What the commands tell of a block of any kind.
protocol ShownBlock: StorableBlock {
  /// In tables.
  static var columns: [String] { get }
  var cells: [String] { get }
  /// In JSON.
  var facts: [(String, JSON)] { get }
  /// What stands in it, in lines, and in JSON beside the facts.
  var details: [(title: String, columns: [String], rows: [[String]])] { get }
  var detailFacts: [(String, JSON)] { get }
}

extension ShownBlock {
  var placeCell: String { "\(height) \(String("\(hash)".prefix(12)))" }

  /// Height, hash and the hash before.
  var placeFacts: [(String, JSON)] {
    [
      ("height", .integer(Int(clamping: height))), ("hash", .text("\(hash)")),
      ("previous", .text("\(previous)")),
    ]
  }
}

extension Block: ShownBlock {
  static var columns: [String] { ["block", "time (s)", "payload bytes", "seal bytes"] }

  var cells: [String] {
    [placeCell, Console.number(Double(time) / 1000), "\(payload.count)", "\(seal.count)"]
  }

  var facts: [(String, JSON)] {
    placeFacts + [
      ("milliseconds", .integer(Int(clamping: time))), ("payload_bytes", .integer(payload.count)),
      ("seal_bytes", .integer(seal.count)),
    ]
  }

  var details: [(title: String, columns: [String], rows: [[String]])] { [] }
  var detailFacts: [(String, JSON)] {
    [("payload_digest", .text("\(SHA256.hash(payload))"))]
  }
}

extension MinedBlock: ShownBlock {
  static var columns: [String] {
    ["block", "time (UTC)", "difficulty", "miner", "type", "transactions", "records", "bytes"]
  }

  private var date: String {
    Date(timeIntervalSince1970: Double(time) / 1000).formatted(.iso8601)
  }

  var cells: [String] {
    [
      placeCell, date, "\(difficulty)", String("\(miner.key)".prefix(12)), "\(miner.type)",
      "\(transactions.count)", "\(records.count)", "\(encodedByteCount)",
    ]
  }

  var facts: [(String, JSON)] {
    placeFacts + [
      ("milliseconds", .integer(Int(clamping: time))),
      ("difficulty", .integer(Int(clamping: difficulty))),
      ("nonce", .text(String(header.nonce))), ("miner", .text("\(miner.key)")),
      ("miner_type", .text("\(miner.type)")), ("merkle_root", .text("\(header.merkleRoot)")),
      ("transaction_count", .integer(transactions.count)),
      ("record_count", .integer(records.count)), ("bytes", .integer(encodedByteCount)),
    ]
  }

  var details: [(title: String, columns: [String], rows: [[String]])] {
    [
      (
        "transactions", ["transaction", "id", "sender", "number", "kind", "payload bytes"],
        transactions.enumerated().map { place, transaction in
          [
            "\(place)", "\(transaction.id)", String("\(transaction.sender)".prefix(12)),
            "\(transaction.sequence)", "\(transaction.kind.rawValue)",
            "\(transaction.payload.count)",
          ]
        }
      ),
      (
        "records", ["record", "bytes", "SHA-256"],
        records.enumerated().map { ["\($0)", "\($1.count)", "\(SHA256.hash($1))"] }
      ),
    ]
  }

  var detailFacts: [(String, JSON)] {
    [
      (
        "transactions",
        .list(
          transactions.map { transaction in
            .object([
              ("id", .text("\(transaction.id)")), ("sender", .text("\(transaction.sender)")),
              ("sequence", .integer(Int(clamping: transaction.sequence))),
              ("kind", .integer(Int(transaction.kind.rawValue))),
              ("payload", .text(Hexadecimal.text(transaction.payload))),
              ("signature", .text(Hexadecimal.text(transaction.signature.bytes))),
            ])
          })
      ),
      ("records", .list(records.map { .text(Hexadecimal.text($0)) })),
    ]
  }
}
