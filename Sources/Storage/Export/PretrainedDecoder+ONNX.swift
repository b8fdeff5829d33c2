import LinearAlgebra

extension PretrainedDecoder {
  /// The decoder as a graph: CollabDict 2024, Eqs. (21)-(23).
  ///
  /// Input `z`, `[rows, latent]`; outputs `mean` and `sigma`, `[rows, features]`, of standardised
  /// variables, all of single precision. With Student's t, σ is its scale.
  public func onnxModel() -> ONNXModel {
    let (decoder, layout) = structure
    let features = architecture.features
    let network = NetworkParameters(
      perceptron: decoder.perceptron, linear: decoder.linear, name: "decoder", layout: layout,
      values: theta)
    var graph = ONNXGraph("decoder")
    let z = graph.input("z", .float, ["rows", .length(architecture.latent)])
    let mean: ONNXGraph.Value
    let sigma: ONNXGraph.Value
    if let logScale = decoder.logScale {
      mean = graph.network(network, z, named: "mean")
      let floor = architecture.scaleFloor
      let scales = theta[layout.slots[logScale].range].map {
        max(floor, Float(Double($0).exponential))
      }
      sigma = graph.append(
        "Expand", graph.vector(scales, named: "decoder.sigma"), graph.append("Shape", mean),
        named: "sigma")
    } else {
      let output = graph.network(network, z)
      mean = graph.append(
        "Slice", output, graph.integers(0), graph.integers(features), graph.integers(1),
        named: "mean")
      let raw = graph.slice(output, axis: 1, from: features, to: 2 * features)
      sigma = graph.append(
        "Add", graph.append("Softplus", raw), graph.scalar(architecture.scaleFloor), named: "sigma")
    }
    graph.output(mean, .float, ["rows", .length(features)])
    graph.output(sigma, .float, ["rows", .length(features)])
    return ONNXModel(
      graph,
      documentation: "The shared decoder of a multi-task variational autoencoder: latent variables "
        + "to mean and scale of standardised variables, window rows newest first.",
      metadata: properties.texts)
  }
}
