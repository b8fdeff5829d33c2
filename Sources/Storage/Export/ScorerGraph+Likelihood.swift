import AnomalyDetection
import LinearAlgebra

extension ScorerGraph {
  /// The mean over the draws of -ln p of each variable: CollabDict 2024, Eq. (39).
  ///
  /// - Parameters:
  ///   - target: `[rows, variables]`.
  ///   - decoded: `[rows, draws, variables]`.
  /// - Returns: `[rows, variables]`, of single precision.
  mutating func reconstructionPart(
    _ target: Value, _ decoded: (mean: Value, rawScale: Value?)
  ) -> Value {
    let kernel = scorer.kernel
    let constant: Value
    let inverse: Value
    if let raw = decoded.rawScale {
      let scale = networkScale(raw, floor: kernel.scaleFloor)
      // Held as the kernel holds it.
      let held = graph.append("Clip", scale, graph.scalar(1e-8), graph.scalar(1e8))
      let logScale = meanOverDraws(graph.append("Log", held))
      constant = graph.cast(
        graph.append("Add", logScale, graph.scalar(Double(kernel.logNormaliser))), to: .float)
      inverse = graph.cast(graph.append("Reciprocal", scale), to: .float)
    } else {
      let logFloor = Float(Double(kernel.scaleFloor).logarithm)
      let logScale = (scorer.logScale ?? []).map { max($0, logFloor) }
      constant = graph.vector(logScale.map { kernel.logNormaliser + $0 }, named: "log_normaliser")
      inverse = graph.vector(
        logScale.map { Float((-Double($0)).exponential) }, named: "inverse_scale")
    }
    let difference = graph.append(
      "Sub", graph.append("Unsqueeze", target, graph.integers(1)), decoded.mean)
    let residual = graph.append("Mul", difference, inverse)
    let square = graph.append("Mul", residual, residual)
    let tail = self.tail(square, kernel.degreesOfFreedom, share: 1)
    return graph.append("Add", constant, meanOverDraws(tail))
  }

  /// The weighted -ln p of each variable given the rows before: see ``Prediction``.
  ///
  /// - Returns: `[rows, variables]`, of double precision.
  mutating func predictionPart(
    _ prediction: Prediction, _ target: Value, _ windows: Value
  ) -> Value {
    let features = structure.architecture.features
    let weight = graph.constant(
      prediction.weight, shape: [features, variables], named: "prediction.weight")
    let predicted = graph.append("MatMul", windows, weight)
    let residual = graph.append(
      "Sub", graph.cast(target, to: .double), graph.cast(predicted, to: .double))
    let square = graph.append(
      "Div", graph.append("Mul", residual, residual),
      graph.vector(prediction.variance, named: "prediction.variance"))
    let tail = self.tail(square, prediction.degreesOfFreedom, share: prediction.share)
    let constant = graph.vector(
      prediction.constant.map { prediction.share * $0 }, named: "prediction.constant")
    return graph.append("Add", tail, constant)
  }

  /// `share` times what a squared residual adds to -ln p: q/2 for a Gaussian,
  /// (ν + 1)/2 · ln(1 + q/ν) for Student's t.
  private mutating func tail<Number: ONNXNumber & BinaryFloatingPoint>(
    _ q: Value, _ degreesOfFreedom: Number?, share: Number
  ) -> Value {
    guard let nu = degreesOfFreedom else {
      return graph.append("Mul", q, graph.scalar(share / 2))
    }
    let inner = graph.append(
      "Add", graph.append("Div", q, graph.scalar(nu)), graph.scalar(Number(1)))
    return graph.append(
      "Mul", graph.append("Log", inner), graph.scalar(share * (nu + 1) / 2))
  }

  /// σ = floor + softplus(raw), of double precision: of single precision, ln(1 + eˣ) would lose the
  /// small scales.
  private mutating func networkScale(_ raw: Value, floor: Float) -> Value {
    let x = graph.cast(raw, to: .double)
    let small = graph.append("Exp", graph.append("Neg", graph.append("Abs", x)))
    let rest = graph.append("Log", graph.append("Add", small, graph.scalar(Double(1))))
    let softplus = graph.append("Add", graph.append("Max", x, graph.scalar(Double(0))), rest)
    return graph.append("Add", softplus, graph.scalar(Double(floor)))
  }
}
