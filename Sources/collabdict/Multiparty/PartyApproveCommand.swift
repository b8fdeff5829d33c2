import CollaborativeLearning
import Cryptography
import Ledger
import MultipartyLearning
import Storage

/// `collabdict bema approve`: an original party tests a newcomer's model on its own images, and signs
/// it or not. Wang et al. 2020, Eq. (2).
enum PartyApproveCommand: Command {
  static let name = "bema approve"
  static let summary = "test a newcomer's model as an original party, and sign it if it passes"
  static let synopsis =
    "NEWCOMER.model GENESIS --key MEMBER.key --data IMAGES.h5 --case CASE --party NUMBER …"
  static let options =
    [OptionSpecification("key", "FILE", "the original party's private key")]
    + PartyArguments.options + [
      OptionSpecification(
        "greatest-difference", "SCORE",
        "ω: of the two models' scores, on average [\(Admission().greatestDifference)]"),
      OptionSpecification(
        "least-samples", "COUNT",
        "classes with fewer own images are not compared [\(Admission().leastSamples)]"),
      SharedOptions.json,
    ]

  static func run(_ arguments: Arguments) throws {
    let paths = try arguments.exactly(2, "a newcomer's model and the chain's first block")
    guard let keyPath = arguments["key"] else {
      throw UsageError("name the original party's --key")
    }
    var admission = Admission()
    admission.greatestDifference =
      try arguments.number("greatest-difference", 0...1) ?? admission.greatestDifference
    admission.leastSamples =
      try arguments.integer("least-samples", 1...Int.max) ?? admission.leastSamples
    let genesis = try ChainGenesis(reading: paths[1])
    let first = try genesis.calibration()
    let keys = try MemberKeys(reading: keyPath)
    guard let place = first.party(keys.signing.verificationKey) else {
      throw FileError(
        path: paths[1],
        cause: ConfigurationError(
          "the key of \(keys.name) is no original party's; only those approve newcomers"))
    }
    var entry = try PartyModelFile.read(paths[0], classes: first.terms.classes)
    guard first.party(entry.party) == nil else {
      throw HeadedFile.partyModel.malformed(
        "this is the model of an original party, which needs no approval", paths[0])
    }
    let own = try PartyArguments(arguments)
    let verdict = admission.verdict(
      on: entry.model, by: first.parties[place].model, data: own.images,
      rule: first.terms.rules.scoreRule)
    guard verdict.isApproved, let difference = verdict.difference else {
      throw FileError(path: paths[0], cause: Unapproved(verdict: verdict, admission: admission))
    }
    let statement = entry.approvalStatement(network: genesis.block.hash)
    // One that was given for another chain, or for other parameters, would spoil the entry.
    entry.approvals.removeAll { approval in
      let other = Int(approval.original)
      return other == place || !first.parties.indices.contains(other)
        || !first.parties[other].key.isValid(approval.signature, for: statement)
    }
    let signature = keys.signing.signature(for: statement)
    entry.approvals.append(.init(original: UInt32(place), signature: signature))
    try PartyModelFile.write(entry, to: paths[0], replacing: true)
    let untested = first.untestedClasses(of: entry)
    try SimulateCommand.tell(
      arguments,
      [
        ("file", .text(paths[0])), ("approved", .bool(true)),
        ("difference", .number(difference)),
        ("greatest_difference", .number(admission.greatestDifference)),
        ("approvals", .integer(entry.approvals.count)),
        ("approvals_needed", .integer(first.terms.approvals)),
        // Others have to speak for these.
        (
          "classes_not_tested",
          .text(untested.isEmpty ? "none" : untested.map(String.init).joined(separator: ", "))
        ),
      ])
  }
}

/// Why an original party does not sign.
private struct Unapproved: Error, CustomStringConvertible {
  let verdict: AdmissionVerdict
  let admission: Admission

  var description: String {
    switch verdict {
    case .refused(let difference, _), .approved(let difference, _):
      "not approved: its scores differ from the own model's by \(Console.number(difference)), "
        + "and ω is \(Console.number(admission.greatestDifference)); train it better, or on other images"
    case .cannotJudge:
      "not approved: of no class that both models know are there \(admission.leastSamples) own "
        + "images; ask another original party"
    }
  }
}
