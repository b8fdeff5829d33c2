import AnomalyDetection
import CollaborativeLearning
import Storage

/// `collabdict export`: the pretrained decoder, or a participant's whole scorer.
enum ExportCommand: Command {
  static let name = "export"
  static let summary = "write the pretrained decoder, or one participant's scorer"
  static let synopsis = "MODEL.h5 -o DECODER.onnx|.safetensors|.h5 [--participant NAME]"
  static let options = [
    SharedOptions.output,
    OptionSpecification(
      "participant", "NAME", "this participant's whole scorer instead of the decoder (.onnx)"),
  ]

  static func run(_ arguments: Arguments) throws {
    let path = try arguments.exactly(1, "one model")[0]
    let output = try arguments.output()
    try AtomicFile.refuseOverwriting(output: output, inputs: [path])
    let model = try ModelArguments.trained(path).detector
    if let name = arguments["participant"] {
      let participant = try ModelArguments.participant(name, model, path)
      try model.exportScorer(participant: participant.name, to: output)
      Console.print("\(output): the scorer of \(name), with its means, scales and threshold")
    } else {
      try model.exportDecoder(to: output)
      Console.print("\(output): the shared decoder, and nothing about any participant")
    }
  }
}
