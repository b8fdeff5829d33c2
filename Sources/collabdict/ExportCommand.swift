import AnomalyDetection
import CollaborativeLearning
import Storage

/// `collabdict export`: the pretrained decoder or dictionary, or a participant's whole scorer.
enum ExportCommand: Command {
  static let name = "export"
  static let summary = "write the pretrained decoder or dictionary, or one participant's scorer"
  static let synopsis =
    "MODEL.h5 -o DECODER.onnx|.safetensors|.h5 [--participant NAME] | -o DICTIONARY.h5|.json"
  static let options = [
    SharedOptions.output,
    OptionSpecification(
      "participant", "NAME", "this participant's whole scorer instead of the decoder (.onnx)"),
    OptionSpecification(
      "private", nil, "draw a mixture's patterns so that no single reading can be told from them"),
    OptionSpecification(
      "epsilon", "NATS", "with --private: the largest Rényi divergence, half for sums and centres"),
    OptionSpecification("order", "ALPHA", "with --private: the order of that divergence [1]"),
    OptionSpecification(
      "unprotected-precisions", nil,
      "with --private: precision matrices as they are, named as unprotected"),
    OptionSpecification(
      "ledger", "FILE", "with --private: what was released so far [MODEL.h5.releases.json]"),
    SharedOptions.json,
  ]

  static func run(_ arguments: Arguments) throws {
    let path = try arguments.exactly(1, "one model")[0]
    let output = try arguments.output()
    try AtomicFile.refuseOverwriting(output: output, inputs: [path])
    for option in ["epsilon", "order", "unprotected-precisions", "ledger"]
    where arguments.has(option) && !arguments.has("private") {
      throw UsageError("--\(option) goes with --private")
    }
    switch try ModelArguments.finished(path) {
    case .autoencoder(let run):
      if arguments.has("private") {
        throw FileError(
          path: path,
          cause: ConfigurationError("a decoder has no private release; only a mixture has one"))
      }
      try export(run.detector, path, output, arguments)
    case .mixture(let run): try export(run, path, output, arguments)
    }
  }

  private static func export(
    _ run: TrainedModel<MixtureModel>, _ path: String, _ output: String, _ arguments: Arguments
  ) throws {
    if arguments.has("participant") {
      throw FileError(
        path: path,
        cause: ConfigurationError(
          "only an autoencoder's scorer can be exported; leave out --participant for the dictionary"
        ))
    }
    if arguments.has("private") {
      return try PrivateExport(arguments, path: path).run(run, to: output)
    }
    try PretrainedDictionary(run.detector).write(to: output)
    Console.print(
      "\(output): the shared patterns, and nothing about any participant; centres and precision "
        + "matrices as they are (see --private)")
  }

  private static func export(
    _ model: AutoencoderModel, _ path: String, _ output: String, _ arguments: Arguments
  ) throws {
    if let name = arguments["participant"] {
      _ = try ModelArguments.participant(name, model, path)
      try model.exportScorer(participant: name, to: output)
      Console.print("\(output): the scorer of \(name), with its means, scales and threshold")
    } else {
      try model.exportDecoder(to: output)
      Console.print("\(output): the shared decoder, and nothing about any participant")
    }
  }
}
