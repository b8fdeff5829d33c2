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
  static let options = {
    let training = LocalTraining()
    return [SharedOptions.output, OptionSpecification("key", "FILE", "the party's private key")]
      + PartyArguments.options + [
        OptionSpecification(
          "kind", "KIND",
          "of the model: \(CalibrationArguments.values(ImageClassifierKind.self)) [the case's]"),
        OptionSpecification("epochs", "COUNT", "passes over the images [\(training.epochs)]"),
        OptionSpecification("batch-size", "COUNT", "images of a step [\(training.batchSize)]"),
        OptionSpecification("learning-rate", "RATE", "of AdamW [\(training.learningRate)]"),
        OptionSpecification("shift", "PIXELS", "that images are moved by [\(training.shift)]"),
        SharedOptions.force, SharedOptions.json,
      ]
  }()

  static func run(_ arguments: Arguments) throws {
    _ = try arguments.exactly(0, "options")
    let output = try arguments.output()
    guard let keyPath = arguments["key"] else { throw UsageError("name the party's --key") }
    try AtomicFile.refuseOverwriting(
      output: output, inputs: [keyPath] + (arguments["data"].map { [$0] } ?? []))
    let replacing = arguments.has("force")
    if !replacing { try AtomicFile.refuseExisting(output) }
    let keys = try MemberKeys(reading: keyPath)
    var training = LocalTraining()
    training.epochs = try arguments.integer("epochs", 0...100_000) ?? training.epochs
    training.batchSize = try arguments.integer("batch-size", 1...1_000_000) ?? training.batchSize
    training.learningRate =
      try arguments.number("learning-rate", 1e-9...10).map { Float($0) } ?? training.learningRate
    training.shift = try arguments.integer("shift", 0...27) ?? training.shift
    let kind: ImageClassifierKind? = try CalibrationArguments.value("kind", arguments)
    let own = try PartyArguments(arguments)

    let start = PartyModel(
      kind: kind ?? own.place.kind, classes: own.place.classes, seed: own.seed, party: own.party)
    let panel = ModelPanel([start], classes: own.images.classes, rule: .zeroLogit, threads: 1)
    panel.train([own.images], training, seed: own.seed)
    let model = panel.model(0)
    guard model.parameters.allSatisfy(\.isFinite) else {
      throw UsageError("the training diverges; choose a lower --learning-rate")
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
