import CollaborativeLearning
import MultipartyLearning
import NeuralNetworks
import Storage

/// `collabdict bema train`: a party's model of its own images, before anybody sees it.
enum PartyTrainCommand: Command {
  static let name = "bema train"
  static let summary = "train a party's model on its own images, for a chain of calibrations"
  static let synopsis =
    "--data IMAGES.h5 --case CASE --party NUMBER --key MEMBER.key -o MEMBER.model [--epochs COUNT] …"
  static let options =
    [SharedOptions.output, OptionSpecification("key", "FILE", "the party's private key")]
    + PartyArguments.options
    + MultipartyArguments.settings {
      ["epochs", "batch", "local-learning-rate", "weight-decay", "shift"].contains($0)
    } + [
      OptionSpecification(
        "kind", "KIND",
        "of the model: \(MultipartyArguments.values(ImageClassifierKind.self)) [the case's]"),
      SharedOptions.force, SharedOptions.json,
    ]

  static func run(_ arguments: Arguments) throws {
    _ = try arguments.exactly(0, "options")
    let output = try arguments.output()
    guard let keyPath = arguments["key"] else { throw UsageError("name the party's --key") }
    try AtomicFile.refuseOverwriting(
      output: output, inputs: [keyPath] + (arguments["data"].map { [$0] } ?? []))
    let replacing = arguments.has("force")
    if !replacing { try AtomicFile.refuseExisting(output) }
    let keys = try MemberKeys(reading: keyPath)
    let kind = try arguments["kind"].map { text in
      guard let kind = ImageClassifierKind(rawValue: text) else {
        throw UsageError(
          "--kind cannot be \(text); it is one of "
            + MultipartyArguments.values(ImageClassifierKind.self))
      }
      return kind
    }
    let own = try PartyArguments(arguments)
    // Nobody trains for a file that cannot be.
    try AtomicFile.requireWritable(output)

    let (training, seed) = (own.configuration.training, own.configuration.seed)
    let start = PartyModel(
      kind: kind ?? own.place.kind, classes: own.place.classes, seed: seed, party: own.party)
    let panel = ModelPanel([start], classes: own.images.classes, rule: .zeroLogit, threads: 1)
    panel.train([own.images], training, seed: seed)
    let model = panel.model(0)
    guard model.parameters.allSatisfy(\.isFinite) else {
      throw UsageError("the training diverges; choose a lower --local-learning-rate")
    }
    try PartyModelFile.write(
      Registration(party: keys.signing.verificationKey, model: model), to: output,
      replacing: replacing)
    let table = panel.scores(own.images)
    let accuracy = Predictor.maxModel.accuracy(table, own.images.labels, share: 1)
    try SimulateCommand.tell(
      arguments,
      [
        ("file", .text(output)), ("kind", .text(model.kind.rawValue)),
        ("classes", .text(model.classes.map { "\($0)" }.joined(separator: " "))),
        ("images", .integer(own.images.count)),
        ("parameters", .integer(model.parameters.count)), ("digest", .text("\(model.digest)")),
        ("accuracy_on_own_images", .number(accuracy)),
      ])
  }
}
