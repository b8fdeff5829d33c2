import AutomaticDifferentiation
import LinearAlgebra
import NeuralNetworks

/// A network whose parameters stand in a vector: perceptron and linear path, whichever exist.
struct NetworkParameters {
  let perceptron: MultilayerPerceptron?
  let linear: Linear?
  /// What the constants' names begin with.
  let name: String
  let layout: ParameterLayout
  let values: [Float]

  /// A layer's weights `[inputs, columns]` and bias `[columns]`.
  ///
  /// - Parameter columns: the outputs that are wanted, in this order (`nil` for all).
  func parameters(of layer: Linear, _ columns: [Int]?) -> (weight: [Float], bias: [Float]) {
    let weight = values[layout.slots[layer.weight].range]
    let bias = values[layout.slots[layer.bias].range]
    guard let columns else { return (Array(weight), Array(bias)) }
    var chosen: [Float] = []
    chosen.reserveCapacity(layer.inputs * columns.count)
    for row in 0..<layer.inputs {
      let start = weight.startIndex + row * layer.outputs
      for column in columns { chosen.append(weight[start + column]) }
    }
    return (chosen, columns.map { bias[bias.startIndex + $0] })
  }
}

extension ONNXGraph {
  /// Adds a network: `[..., inputs]` → `[..., outputs]`.
  ///
  /// - Parameter columns: the outputs that are wanted, in this order (default: all).
  mutating func network(
    _ network: NetworkParameters, _ x: Value, columns: [Int]? = nil, named name: String? = nil
  ) -> Value {
    var paths: [Value] = []
    if let linear = network.linear {
      let isLast = network.perceptron == nil
      paths.append(affine(network, linear, x, columns, named: isLast ? name : nil))
    }
    if let layers = network.perceptron?.layers {
      var y = x
      for (index, layer) in layers.enumerated() {
        let isLast = index == layers.count - 1
        y = affine(
          network, layer, y, isLast ? columns : nil,
          named: isLast && paths.isEmpty ? name : nil)
      }
      paths.append(y)
    }
    return paths.count == 1 ? paths[0] : append("Add", paths, named: name)
  }

  /// Adds a layer: f(x · weight + bias).
  private mutating func affine(
    _ network: NetworkParameters, _ layer: Linear, _ x: Value, _ columns: [Int]?,
    named name: String?
  ) -> Value {
    let (weight, bias) = network.parameters(of: layer, columns)
    let slots = network.layout.slots
    let product = append(
      "MatMul", x,
      constant(
        weight, shape: [layer.inputs, bias.count],
        named: "\(network.name).\(slots[layer.weight].name)"))
    let shift = vector(bias, named: "\(network.name).\(slots[layer.bias].name)")
    let operation: String
    switch layer.activation {
    case .identity: return append("Add", product, shift, named: name)
    case .relu: operation = "Relu"
    case .tanh: operation = "Tanh"
    case .sigmoid: operation = "Sigmoid"
    case .softplus: operation = "Softplus"
    }
    return append(operation, append("Add", product, shift), named: name)
  }
}
