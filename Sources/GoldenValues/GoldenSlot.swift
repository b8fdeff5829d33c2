import AutomaticDifferentiation
import Tensors

/// A tensor of parameters in a reference run, and what the run stored of its gradient.
public struct GoldenSlot: Decodable, Sendable {
  public let name: String
  public let shape: [Int]
  /// The parameters are draws times the scale plus the shift.
  public let scale: Float
  public let shift: Float
  /// Of the gradient.
  public let norm: Double
  /// The gradient times a vector of draws.
  public let projection: Double
  /// Every so many elements of the gradient.
  public let step: Int
  public let samples: [Double]

  private var dimensions: Shape { Shape(shape) }

  /// The tensor in the run; the seed is that of the first tensor plus its place.
  fileprivate func parameters(seed: UInt32) -> [Float] {
    GoldenDraws.values(seed, dimensions.count, scale: scale, shift: shift)
  }

  fileprivate func isAt(_ slot: ParameterSlot) -> Bool {
    slot.name == name && slot.shape == dimensions
  }

  /// Where a gradient is further from the run's than the tolerance times the run's norm: rounding is
  /// to the length of each tensor's part.
  fileprivate func differences(of gradient: [Double], tolerance: Double) -> [String] {
    let allowed = tolerance * norm + 1e-9
    let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let product = zip(gradient, GoldenDraws.values(7, gradient.count))
      .reduce(0) { $0 + $1.0 * Double($1.1) }
    func difference(_ what: String, _ value: Double, _ expected: Double, _ allowed: Double)
      -> String?
    {
      // Not a number is a difference, too.
      abs(value - expected) < allowed ? nil : "\(what): \(value) instead of \(expected)"
    }
    var found = [
      difference("\(name), norm", length, norm, allowed),
      difference("\(name), projection", product, projection, 3 * allowed),
    ]
    for (place, sample) in zip(stride(from: 0, to: gradient.count, by: step), samples) {
      found.append(difference("\(name)[\(place)]", gradient[place], sample, allowed))
    }
    return found.compactMap(\.self)
  }
}

extension [GoldenSlot] {
  /// The run's parameters as one vector; `nil` if a layout has other names or shapes.
  public func parameters(for layout: ParameterLayout, seed: UInt32) -> [Float]? {
    guard layout.slots.count == count, zip(self, layout.slots).allSatisfy({ $0.isAt($1) }) else {
      return nil
    }
    return enumerated().flatMap { $1.parameters(seed: seed + UInt32($0)) }
  }

  /// Where the gradient of a group of parameters is not that of the run, in words; empty if it is.
  ///
  /// - Parameter tolerance: of each element, in norms of its tensor's gradient.
  public func differences(
    from group: ParameterGroup, on tape: GradientTape, tolerance: Double
  ) -> [String] {
    enumerated().flatMap { place, slot in
      slot.differences(
        of: tape.gradient(of: group(place)).elements.map(Double.init), tolerance: tolerance)
    }
  }
}
