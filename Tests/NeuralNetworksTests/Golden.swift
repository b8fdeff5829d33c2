import Foundation
import GoldenValues

/// What PyTorch gave for the same networks: golden.json, made by `reference/make_golden.py`.
struct Golden: Decodable, Sendable {
  struct Network: Decodable, Sendable {
    let losses: [Double]
    let slots: [GoldenSlot]
    let shape: [Int]
    let rule: String
    let rate: Float
  }

  let networks: [String: Network]
  let optimisers: [String: [Double]]

  static let values = GoldenFile.read(Golden.self, in: .module)
}
