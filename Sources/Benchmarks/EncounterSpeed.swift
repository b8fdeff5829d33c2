import Cryptography
import Foundation
import Incentives

/// How long encounters take through their contract alone, from the prepayment to the award: eleven calls
/// each, with the validators' commitments. No chain, no signatures.
///
/// Options: `--encounters N` (10000), `--participants N` (50), `--repeats N` (5).
enum EncounterSpeed {
  static func run(_ words: [String]) throws {
    var options = ["--encounters": 10_000, "--participants": 50, "--repeats": 5]
    for place in stride(from: 0, to: words.count - 1, by: 2) {
      guard options[words[place]] != nil, let value = Int(words[place + 1]), value > 0 else {
        Program.usage()
      }
      options[words[place]] = value
    }
    let (encounters, participants, repeats) = (
      options["--encounters", default: 0], options["--participants", default: 0],
      options["--repeats", default: 1]
    )
    guard participants >= 5 else { Program.usage() }
    let clock = ContinuousClock()
    var times: [Duration] = []
    for _ in 0..<repeats {
      var table = try Table(participants)
      times.append(
        try clock.measure { for number in 0..<encounters { try table.encounter(number) } })
      guard table.tokens.total == table.tokens.supply,
        table.contract.outcomes == [.accepted: UInt64(encounters)]
      else { throw Wrong() }
    }
    print(
      "\(encounters) encounters of \(participants) participants, median of \(repeats) repeats")
    print(String(format: "encounters %.3f s", median(times)))
  }

  /// The contract did not do what it has to.
  struct Wrong: Error {}

  private struct Table {
    var contract: EncounterContract
    var tokens: TokenAccounts
    var context = CallContext(height: 0, time: 0, entropy: SHA256.hash([]))
    let parties: [AccountAddress]

    init(_ count: Int) throws {
      parties = (0..<count).map { AccountAddress(contract: "participant \($0)") }
      var terms = EncounterTerms()
      terms.initialStake = 200
      guard
        let start = EncounterContract.start(
          terms, currency: Dictionary(uniqueKeysWithValues: parties.map { ($0, 1000) }))
      else { throw Wrong() }
      (contract, tokens) = start
      for party in parties {
        try perform(.exchange(units: 1000), party)
        try perform(.stake(terms.initialStake), party)
      }
    }

    private mutating func perform(_ call: EncounterCall, _ caller: AccountAddress) throws {
      _ = try contract.perform(call, by: caller, in: context, &tokens)
    }

    private mutating func nextBlock() {
      context.height += 1
      context.entropy = SHA256.hash(context.entropy.bytes)
      _ = contract.begin(context, &tokens)
    }

    mutating func encounter(_ index: Int) throws {
      let (learner, neighbour) = (
        parties[index % parties.count], parties[(7 * index + 1) % parties.count]
      )
      let other = learner == neighbour ? parties[(index + 1) % parties.count] : neighbour
      let before = SHA256.hash([UInt8(index & 255), UInt8(index >> 8 & 255), 0])
      let result = SHA256.hash([UInt8(index & 255), UInt8(index >> 8 & 255), 1])
      let number = contract.nextEncounter
      try perform(
        .open(EncounterOffer(neighbour: other, prepayment: 10, modelBefore: before)), learner)
      try perform(.accept(number, claimsRareData: false), other)
      try perform(.report(number, result: result), learner)
      try perform(.report(number, result: result), other)
      nextBlock()
      nextBlock()
      let validators = contract.encounter(number)?.validators.map(\.account) ?? []
      let vote = ValidatorVote(contributes: true)
      for validator in validators {
        let commitment = vote.commitment(encounter: number, validator: validator, salt: before)
        try perform(.commit(number, result: result, commitment: commitment), validator)
      }
      for validator in validators { try perform(.reveal(number, vote, salt: before), validator) }
      try perform(.settle(number), learner)
      // As a chain does with each call.
      _ = tokens.takeEvents()
    }
  }
}
