import AutomaticDifferentiation
import Foundation
import Tensors
import Testing

/// What PyTorch gave for the same networks: golden.json, made by `reference/make_golden.py`.
struct Golden: Decodable, Sendable {
  struct Slot: Decodable, Sendable {
    let name: String
    let shape: [Int]
    /// The parameters are draws times the scale plus the shift.
    let scale: Float
    let shift: Float
    let norm: Double
    /// The gradient times a vector of draws.
    let projection: Double
    /// Every so many elements of the gradient.
    let step: Int
    let samples: [Double]
  }

  struct Network: Decodable, Sendable {
    let losses: [Double]
    let slots: [Slot]
    let shape: [Int]
    let rule: String
    let rate: Float
  }

  let networks: [String: Network]
  let optimisers: [String: [Double]]

  static let values: Golden? = {
    guard let url = Bundle.module.url(forResource: "golden", withExtension: "json"),
      let data = try? Data(contentsOf: url)
    else { return nil }
    return try? JSONDecoder().decode(Golden.self, from: data)
  }()

  /// Multiples of 2⁻²³ in [-1, 1), scaled and shifted: the generator of the script.
  static func draws(
    _ seed: UInt32, _ count: Int, scale: Float = 1, shift: Float = 0
  ) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(Int(state >> 8) - 8_388_608) / 8_388_608 * scale + shift
    }
  }

  /// The parameters of a network, after a look at its layout.
  static func parameters(
    _ slots: [Slot], _ layout: ParameterLayout, seed: UInt32,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> [Float] {
    #expect(layout.slots.map(\.name) == slots.map(\.name), sourceLocation: sourceLocation)
    #expect(
      layout.slots.map(\.shape.dimensions) == slots.map(\.shape), sourceLocation: sourceLocation)
    return slots.enumerated().flatMap { i, slot in
      draws(
        seed + UInt32(i), slot.shape.reduce(1, *), scale: slot.scale, shift: slot.shift)
    }
  }

  /// Compares a gradient with what is stored of it; rounding is to the length of each slot's part.
  static func compare(
    _ group: ParameterGroup, on tape: GradientTape, with slots: [Slot],
    tolerance: Double = 2e-5, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (i, slot) in slots.enumerated() {
      let gradient = tape.gradient(of: group(i)).elements.map(Double.init)
      let allowed = tolerance * slot.norm + 1e-9
      let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - slot.norm) < allowed, "\(slot.name)", sourceLocation: sourceLocation)
      let projection = zip(gradient, draws(7, gradient.count))
        .reduce(0) { $0 + $1.0 * Double($1.1) }
      #expect(
        abs(projection - slot.projection) < 3 * allowed, "\(slot.name)",
        sourceLocation: sourceLocation)
      for (place, sample) in zip(stride(from: 0, to: gradient.count, by: slot.step), slot.samples) {
        #expect(
          abs(gradient[place] - sample) < allowed, "\(slot.name)[\(place)]",
          sourceLocation: sourceLocation)
      }
    }
  }
}
