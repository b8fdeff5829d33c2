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
  ]

  static func run(_ arguments: Arguments) throws {
    let path = try arguments.exactly(1, "one model")[0]
    let output = try arguments.output()
    try AtomicFile.refuseOverwriting(output: output, inputs: [path])
    switch try ModelArguments.finished(path) {
    case .autoencoder(let run): try export(run.detector, path, output, arguments)
    case .mixture(let run):
      if arguments.has("participant") {
        throw FileError(
          path: path,
          cause: ConfigurationError(
            "only an autoencoder's scorer can be exported; leave out "
              + "--participant for the dictionary"))
      }
      try PretrainedDictionary(run.detector).write(to: output)
      Console.print("\(output): the shared patterns, and nothing about any participant")
    }
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
