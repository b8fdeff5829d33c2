import LinearAlgebra
import Tensors

extension GradientTape {
  /// z = m + h ⊙ v, the reparameterised draw of a diagonal Gaussian.
  ///
  /// CollabDict 2024, Eq. (31).
  ///
  /// - Parameters:
  ///   - moments: `[rows, 2 d]`: a row's means and then its log variances ln h².
  ///   - noise: `[rows, d]`, standard normal.
  ///   - range: where the log variance is held.
  /// - Returns: `[rows, d]`.
  public func gaussianSample(
    _ moments: Variable, noise: Variable, range: LogVarianceRange
  ) -> Variable {
    let shape = shape(of: moments)
    let noiseShape = self.shape(of: noise)
    precondition(
      shape.rank == 2 && noiseShape.rank == 2 && shape[0] == noiseShape[0]
        && shape[1] == 2 * noiseShape[1],
      "moments of shape \(shape) with noise of shape \(noiseShape)")
    return record(.gaussianSample(range), moments, noise, shape: noiseShape) { out in
      withValue(of: moments) { moments in
        withValue(of: noise) { noise in
          GaussianKernels.sample(
            moments: moments, noise: noise, into: &out, rows: noiseShape[0],
            dimensions: noiseShape[1], range: range)
        }
      }
    }
  }

  /// The sum over the rows of KL(N(m, diag h²) ‖ N(0, I)), in nats.
  ///
  /// CollabDict 2024, Eq. (30); the printed sign of ‖m‖² is wrong and corrected here.
  ///
  /// - Parameter moments: `[rows, 2 d]`: a row's means and then its log variances.
  public func gaussianDivergence(_ moments: Variable, range: LogVarianceRange) -> Variable {
    let shape = shape(of: moments)
    precondition(shape.rank == 2 && shape[1] % 2 == 0, "moments of shape \(shape)")
    let dimensions = shape[1] / 2
    let index = nodes.count
    return record(.gaussianDivergence(range), moments, shape: Shape()) { out in
      writeAuxiliary(index, count: shape.count + dimensions) { kept in
        var memory: [Float] = []
        swap(&memory, &scratch)
        Self.grow(&memory, to: dimensions)
        var whole = memory.mutableSpan
        var perDimension = whole._mutatingExtracting(0..<dimensions)
        var gradient = kept._mutatingExtracting(0..<shape.count)
        let sum = withValue(of: moments) {
          GaussianKernels.divergence(
            moments: $0, gradient: &gradient, perDimension: &perDimension, rows: shape[0],
            dimensions: dimensions, range: range)
        }
        for d in 0..<dimensions { kept[shape.count + d] = perDimension[d] }
        swap(&memory, &scratch)
        out[0] = Float(sum)
      }
    }
  }

  /// The part of each latent dimension in a `gaussianDivergence`, summed over the rows, in nats.
  public func divergencePerDimension(_ divergence: Variable) -> [Float] {
    let node = nodes[Int(divergence.index)]
    guard case .gaussianDivergence = node.operation else {
      preconditionFailure("not a Gaussian divergence")
    }
    let count = nodes[Int(node.inputs.0)].shape.count
    let dimensions = nodes[Int(node.inputs.0)].shape[1] / 2
    return Array(auxiliary[Int(divergence.index)][count..<count + dimensions])
  }

  /// The sum over the rows of -ln p(x | z), in nats, where mean and scale both come from the
  /// network: CollabDict 2024, Eqs. (21)-(23) and (30).
  ///
  /// - Parameters:
  ///   - output: `[rows, 2 variables]`: a row's means and then its raw scales, σ = floor +
  ///     softplus(raw).
  ///   - target: `[rows, variables]`; NaN marks a missing value, which adds nothing.
  public func observationLoss(
    networkScale output: Variable, target: Variable, _ model: ObservationKernel
  ) -> Variable {
    let shape = shape(of: output)
    let targetShape = self.shape(of: target)
    precondition(
      shape.rank == 2 && targetShape.rank == 2 && shape[0] == targetShape[0]
        && shape[1] == 2 * targetShape[1],
      "an output of shape \(shape) against a target of shape \(targetShape)")
    let index = nodes.count
    return record(
      .observationLoss(model, scale: .network), output, target, shape: Shape()
    ) { out in
      writeAuxiliary(index, count: shape.count) { gradient in
        let sum = withValue(of: output) { output in
          withValue(of: target) { target in
            model.loss(
              networkScale: output, target: target, gradient: &gradient, rows: shape[0],
              variables: targetShape[1])
          }
        }
        out[0] = Float(sum)
      }
    }
  }

  /// The same with one scale a variable, σ = max(floor, exp(logScale)).
  ///
  /// - Parameters:
  ///   - mean: `[rows, variables]`.
  ///   - logScale: `[variables]`.
  ///   - target: `[rows, variables]`; NaN marks a missing value.
  public func observationLoss(
    mean: Variable, logScale: Variable, target: Variable, _ model: ObservationKernel
  ) -> Variable {
    let shape = shape(of: mean)
    precondition(
      shape.rank == 2 && shape == self.shape(of: target)
        && self.shape(of: logScale) == Shape(shape[1]),
      "means of shape \(shape) against \(self.shape(of: target)) with scales of shape "
        + "\(self.shape(of: logScale))")
    let variables = shape[1]
    let index = nodes.count
    return record(
      .observationLoss(model, scale: .shared), mean, logScale, target, shape: Shape()
    ) { out in
      writeAuxiliary(index, count: shape.count + variables) { kept in
        var memory: [Float] = []
        swap(&memory, &scratch)
        Self.grow(&memory, to: variables)
        var whole = memory.mutableSpan
        var scaleGradient = whole._mutatingExtracting(0..<variables)
        var meanGradient = kept._mutatingExtracting(0..<shape.count)
        let sum = withValue(of: mean) { mean in
          withValue(of: logScale) { logScale in
            withValue(of: target) { target in
              model.loss(
                mean: mean, logScale: logScale, target: target, meanGradient: &meanGradient,
                scaleGradient: &scaleGradient, rows: shape[0], variables: variables)
            }
          }
        }
        for v in 0..<variables { kept[shape.count + v] = scaleGradient[v] }
        swap(&memory, &scratch)
        out[0] = Float(sum)
      }
    }
  }
}
