import AnomalyDetection
import Datasets

/// A participant's scorer as a graph, in the order of ``VAEScorer``.
///
/// Networks and likelihood are of single precision as there. Where that would lose what a scorer
/// keeps – standardisation, scales, the prediction's part, sums – the graph is of double precision.
struct ScorerGraph {
  typealias Value = ONNXGraph.Value

  let model: AutoencoderModel
  let participant: AutoencoderParticipant
  let scorer: VAEScorer
  let structure: ModelStructure
  var graph = ONNXGraph("scorer")

  init(_ model: AutoencoderModel, _ participant: AutoencoderParticipant) {
    self.model = model
    self.participant = participant
    scorer = model.scorer(for: participant)
    structure = scorer.structure
  }

  /// M.
  var variables: Int { scorer.variables }
  var standardisation: Standardisation { scorer.standardisation }

  /// Builds the graph from `rows` to its four outputs.
  mutating func build() {
    let shape: [ONNXDimension] = ["rows", .length(variables)]
    let rows = graph.input("rows", .float, shape)
    let standardised = standardise(rows)
    let missing = graph.append("IsNaN", standardised)
    let target = graph.append("Where", missing, graph.scalar(Float(0)), standardised)
    let index = rowIndex(of: target)
    let windows = self.windows(target, index)

    let decoded = decodeDraws(latentDraws(windows))
    reconstruction(decoded.mean)
    var part = graph.cast(reconstructionPart(target, decoded), to: .double)
    if let prediction = scorer.prediction {
      part = graph.append("Add", part, predictionPart(prediction, target, windows))
    }
    let parts = causalMean(
      graph.append("Where", missing, graph.scalar(Double(0)), part), index,
      length: scorer.options.smoothing)

    let score = graph.append(
      "ReduceSum", parts, graph.integers(1), attributes: ["keepdims": .integer(0)])
    graph.output(graph.cast(score, to: .float, named: "score"), .float, ["rows"])
    graph.output(graph.cast(parts, to: .float, named: "variable_scores"), .float, shape)
    graph.output(Value(name: "reconstruction"), .float, shape)
    let threshold = graph.scalar(model.threshold(for: participant), named: "threshold")
    graph.output(graph.append("Greater", score, threshold, named: "alarm"), .bool, ["rows"])
  }

  /// Each variable less its mean over its scale, held within the bound; NaN stays.
  private mutating func standardise(_ rows: Value) -> Value {
    let mean = graph.vector(standardisation.mean, named: "standardisation.mean")
    let scale = graph.vector(standardisation.scale, named: "standardisation.scale")
    let difference = graph.append("Sub", graph.cast(rows, to: .double), mean)
    let value = graph.cast(graph.append("Div", difference, scale), to: .float)
    // Comparisons with NaN are false; what Clip and Min make of it differs between runtimes.
    let high = graph.scalar(standardisation.bound)
    let low = graph.scalar(-standardisation.bound)
    let below = graph.append("Where", graph.append("Greater", value, high), high, value)
    return graph.append("Where", graph.append("Less", below, low), low, below)
  }

  /// 0, 1, … : the number of each row, `[rows]`.
  private mutating func rowIndex(of x: Value) -> Value {
    let count = graph.append(
      "Gather", graph.append("Shape", x), graph.scalar(Int64(0)), attributes: ["axis": .integer(0)])
    return graph.append("Range", graph.scalar(Int64(0)), count, graph.scalar(Int64(1)))
  }

  /// The last rows as one, newest first; before the first row stands the first row:
  /// `[rows, variables]` → `[rows, features]`.
  private mutating func windows(_ x: Value, _ index: Value) -> Value {
    let length = structure.window.length
    if length == 1 { return x }
    let lags = graph.constant((0..<length).map { Int64($0) }, shape: [1, length], named: "lags")
    let column = graph.append("Unsqueeze", index, graph.integers(1))
    let from = graph.append(
      "Max", graph.append("Sub", column, lags), graph.scalar(Int64(0)))
    let gathered = graph.append("Gather", x, from, attributes: ["axis": .integer(0)])
    return graph.append("Reshape", gathered, graph.integers(0, structure.architecture.features))
  }

  /// The fixed draws of z given each window: `[rows, features]` → `[rows, draws, latent]`.
  private mutating func latentDraws(_ windows: Value) -> Value {
    let d = structure.architecture.latent
    let range = structure.architecture.logVariance
    let encoder = NetworkParameters(
      perceptron: structure.encoder.perceptron, linear: structure.encoder.linear, name: "encoder",
      layout: structure.encoderLayout, values: participant.local.phi)
    let moments = graph.network(encoder, windows)
    let mean = graph.slice(moments, axis: 1, from: 0, to: d)
    let logVariance = graph.append(
      "Clip", graph.slice(moments, axis: 1, from: d, to: 2 * d), graph.scalar(range.floor),
      graph.scalar(range.ceiling))
    let deviation = graph.append(
      "Exp", graph.append("Mul", logVariance, graph.scalar(Float(0.5))))
    let draws = scorer.draws
    let noise = graph.constant(draws.noise, shape: [1, draws.count, d], named: "draws")
    let spread = graph.append(
      "Mul", graph.append("Unsqueeze", deviation, graph.integers(1)), noise)
    return graph.append("Add", graph.append("Unsqueeze", mean, graph.integers(1)), spread)
  }

  /// What the decoder makes of each draw, for the newest row's variables: `[rows, draws, variables]`.
  private mutating func decodeDraws(_ z: Value) -> (mean: Value, rawScale: Value?) {
    let features = structure.architecture.features
    let decoder = NetworkParameters(
      perceptron: structure.decoder.perceptron, linear: structure.decoder.linear, name: "decoder",
      layout: structure.decoderLayout, values: model.theta)
    var columns = Array(0..<variables)
    if scorer.logScale != nil {
      return (graph.network(decoder, z, columns: columns), nil)
    }
    columns += features..<features + variables
    let output = graph.network(decoder, z, columns: columns)
    return (
      graph.slice(output, axis: 2, from: 0, to: variables),
      graph.slice(output, axis: 2, from: variables, to: 2 * variables)
    )
  }

  /// The mean over the draws, in the variables' own units.
  private mutating func reconstruction(_ means: Value) {
    let mean = graph.cast(meanOverDraws(means), to: .double)
    let scaled = graph.append("Mul", mean, Value(name: "standardisation.scale"))
    let restored = graph.append("Add", scaled, Value(name: "standardisation.mean"))
    _ = graph.cast(restored, to: .float, named: "reconstruction")
  }

  /// `[rows, draws, variables]` → `[rows, variables]`.
  mutating func meanOverDraws(_ x: Value) -> Value {
    graph.append(
      "ReduceMean", x, attributes: ["axes": .integers([1]), "keepdims": .integer(0)])
  }
}
