internal import CVectorMath

/// The range in which an encoder's log variance is held; outside it the derivative is 0.
public struct LogVarianceRange: Sendable, Hashable {
  public var floor: Float
  public var ceiling: Float

  public init(floor: Float = -14, ceiling: Float = 6) {
    precondition(floor < ceiling, "a log variance between \(floor) and \(ceiling)")
    self.floor = floor
    self.ceiling = ceiling
  }
}

/// How an observation is spread around the decoder's mean.
public struct ObservationKernel: Sendable, Hashable {
  /// `nil` for a Gaussian, otherwise Student's degrees of freedom.
  public var degreesOfFreedom: Float?
  /// The smallest standard deviation (the smallest scale of Student's t).
  public var scaleFloor: Float
  /// -ln of the density's constant: ½ ln 2π for a Gaussian.
  public var logNormaliser: Float

  public init(degreesOfFreedom: Float?, scaleFloor: Float, logNormaliser: Float) {
    precondition(scaleFloor > 0, "a scale floor of \(scaleFloor) is not positive")
    self.degreesOfFreedom = degreesOfFreedom
    self.scaleFloor = scaleFloor
    self.logNormaliser = logNormaliser
  }

  var native: cvm_observation {
    cvm_observation(
      degrees_of_freedom: degreesOfFreedom ?? 0, scale_floor: scaleFloor,
      log_normaliser: logNormaliser)
  }

  /// The sum over the rows of -ln p(x | mean, σ), in nats, with σ = floor + softplus(raw) from the
  /// network, and its derivative.
  ///
  /// - Parameters:
  ///   - output: `[rows, 2 variables]`, a row's means and then its raw scales.
  ///   - target: `[rows, variables]`; NaN marks a missing value, which adds nothing.
  ///   - gradient: `[rows, 2 variables]`.
  public func loss(
    networkScale output: Span<Float>, target: Span<Float>, gradient: inout MutableSpan<Float>,
    rows: Int, variables: Int
  ) -> Double {
    precondition(
      output.count == 2 * rows * variables && target.count == rows * variables
        && gradient.count == output.count,
      "[\(rows), \(2 * variables)] against [\(rows), \(variables)], not \(output.count) against "
        + "\(target.count) elements")
    return unsafe output.withUnsafeBufferPointer { output in
      unsafe target.withUnsafeBufferPointer { target in
        unsafe gradient.withUnsafeMutableBufferPointer { gradient in
          unsafe cvm_observation_loss_network(
            output.baseAddress, target.baseAddress, gradient.baseAddress, rows, variables, native)
        }
      }
    }
  }

  /// The same with one σ a variable, σ = max(floor, exp(logScale)).
  ///
  /// - Parameters:
  ///   - mean: `[rows, variables]`.
  ///   - logScale: `[variables]`.
  ///   - meanGradient: `[rows, variables]`.
  ///   - scaleGradient: `[variables]`, summed over the rows.
  public func loss(
    mean: Span<Float>, logScale: Span<Float>, target: Span<Float>,
    meanGradient: inout MutableSpan<Float>, scaleGradient: inout MutableSpan<Float>, rows: Int,
    variables: Int
  ) -> Double {
    precondition(
      mean.count == rows * variables && target.count == mean.count
        && meanGradient.count == mean.count && logScale.count == variables
        && scaleGradient.count == variables,
      "[\(rows), \(variables)] against \(target.count) elements with \(logScale.count) scales")
    return unsafe mean.withUnsafeBufferPointer { mean in
      unsafe logScale.withUnsafeBufferPointer { logScale in
        unsafe target.withUnsafeBufferPointer { target in
          unsafe meanGradient.withUnsafeMutableBufferPointer { meanGradient in
            unsafe scaleGradient.withUnsafeMutableBufferPointer { scaleGradient in
              unsafe cvm_observation_loss_shared(
                mean.baseAddress, logScale.baseAddress, target.baseAddress,
                meanGradient.baseAddress, scaleGradient.baseAddress, rows, variables, native)
            }
          }
        }
      }
    }
  }

  /// The mean over the draws of -ln p of each variable of one row, and of the decoder's mean:
  /// CollabDict 2024, Eq. (39).
  ///
  /// - Parameters:
  ///   - output: `[draws, variables]` means, or `[draws, 2 variables]` means and raw scales when
  ///     `logScale` is `nil`.
  ///   - logScale: `[variables]`.
  ///   - target: `[variables]`; NaN marks a missing value, whose part is 0.
  ///   - parts: `[variables]`, in nats.
  ///   - reconstruction: `[variables]`.
  public func score(
    output: Span<Float>, logScale: [Float]?, target: Span<Float>,
    parts: inout MutableSpan<Float>, reconstruction: inout MutableSpan<Float>, draws: Int,
    variables: Int
  ) {
    precondition(
      output.count == draws * variables * (logScale == nil ? 2 : 1) && target.count == variables
        && parts.count == variables && reconstruction.count == variables
        && (logScale.map { $0.count == variables } ?? true) && draws > 0,
      "\(draws) draws of \(variables) variables, not \(output.count) elements")
    unsafe output.withUnsafeBufferPointer { output in
      unsafe target.withUnsafeBufferPointer { target in
        unsafe parts.withUnsafeMutableBufferPointer { parts in
          unsafe reconstruction.withUnsafeMutableBufferPointer { reconstruction in
            if let logScale {
              unsafe logScale.withUnsafeBufferPointer {
                unsafe cvm_observation_score(
                  output.baseAddress, $0.baseAddress, target.baseAddress, parts.baseAddress,
                  reconstruction.baseAddress, draws, variables, native)
              }
            } else {
              unsafe cvm_observation_score(
                output.baseAddress, nil, target.baseAddress, parts.baseAddress,
                reconstruction.baseAddress, draws, variables, native)
            }
          }
        }
      }
    }
  }
}

/// The reparameterised draw of a diagonal Gaussian and its divergence from the standard normal.
public enum GaussianKernels {
  /// z = m + h ⊙ v. CollabDict 2024, Eq. (31).
  ///
  /// - Parameters:
  ///   - moments: `[rows, 2 d]`, a row's means and then its log variances ln h².
  ///   - noise: `[rows, d]`, standard normal.
  ///   - sample: `[rows, d]`.
  public static func sample(
    moments: Span<Float>, noise: Span<Float>, into sample: inout MutableSpan<Float>, rows: Int,
    dimensions: Int, range: LogVarianceRange
  ) {
    precondition(
      moments.count == 2 * rows * dimensions && noise.count == rows * dimensions
        && sample.count == noise.count,
      "[\(rows), \(2 * dimensions)] moments, not \(moments.count) with \(noise.count) draws")
    unsafe moments.withUnsafeBufferPointer { moments in
      unsafe noise.withUnsafeBufferPointer { noise in
        unsafe sample.withUnsafeMutableBufferPointer { sample in
          unsafe cvm_gaussian_sample(
            moments.baseAddress, noise.baseAddress, sample.baseAddress, rows, dimensions,
            range.floor, range.ceiling)
        }
      }
    }
  }

  /// `draws` such draws of every row with the same noise.
  ///
  /// - Parameters:
  ///   - noise: `[draws, d]`, standard normal.
  ///   - sample: `[rows, draws, d]`.
  public static func draws(
    moments: Span<Float>, noise: Span<Float>, into sample: inout MutableSpan<Float>, rows: Int,
    draws: Int, dimensions: Int, range: LogVarianceRange
  ) {
    precondition(
      moments.count == 2 * rows * dimensions && noise.count == draws * dimensions
        && sample.count == rows * noise.count,
      "[\(rows), \(2 * dimensions)] moments, not \(moments.count) with \(noise.count) draws")
    unsafe moments.withUnsafeBufferPointer { moments in
      unsafe noise.withUnsafeBufferPointer { noise in
        unsafe sample.withUnsafeMutableBufferPointer { sample in
          unsafe cvm_gaussian_draws(
            moments.baseAddress, noise.baseAddress, sample.baseAddress, rows, draws, dimensions,
            range.floor, range.ceiling)
        }
      }
    }
  }

  /// The derivative of that draw by the moments, from `sampleGradient` `[rows, d]`.
  public static func sampleBackward(
    moments: Span<Float>, noise: Span<Float>, sampleGradient: Span<Float>,
    into gradient: inout MutableSpan<Float>, rows: Int, dimensions: Int, range: LogVarianceRange
  ) {
    precondition(
      moments.count == 2 * rows * dimensions && noise.count == rows * dimensions
        && sampleGradient.count == noise.count && gradient.count == moments.count,
      "[\(rows), \(2 * dimensions)] moments, not \(moments.count) with \(noise.count) draws")
    unsafe moments.withUnsafeBufferPointer { moments in
      unsafe noise.withUnsafeBufferPointer { noise in
        unsafe sampleGradient.withUnsafeBufferPointer { sampleGradient in
          unsafe gradient.withUnsafeMutableBufferPointer { gradient in
            unsafe cvm_gaussian_sample_backward(
              moments.baseAddress, noise.baseAddress, sampleGradient.baseAddress,
              gradient.baseAddress, rows, dimensions, range.floor, range.ceiling, 0)
          }
        }
      }
    }
  }

  /// The sum over the rows of KL(N(m, diag h²) ‖ N(0, I)), in nats, and its derivative.
  ///
  /// CollabDict 2024, Eq. (30), with the sign of ‖m‖² corrected.
  ///
  /// - Parameters:
  ///   - gradient: `[rows, 2 d]`.
  ///   - perDimension: `[d]`, the sum over the rows of each dimension's part.
  public static func divergence(
    moments: Span<Float>, gradient: inout MutableSpan<Float>,
    perDimension: inout MutableSpan<Float>, rows: Int, dimensions: Int, range: LogVarianceRange
  ) -> Double {
    precondition(
      moments.count == 2 * rows * dimensions && gradient.count == moments.count
        && perDimension.count == dimensions,
      "[\(rows), \(2 * dimensions)] moments, not \(moments.count)")
    return unsafe moments.withUnsafeBufferPointer { moments in
      unsafe gradient.withUnsafeMutableBufferPointer { gradient in
        unsafe perDimension.withUnsafeMutableBufferPointer { perDimension in
          unsafe cvm_gaussian_kl(
            moments.baseAddress, gradient.baseAddress, perDimension.baseAddress, rows, dimensions,
            range.floor, range.ceiling)
        }
      }
    }
  }
}
