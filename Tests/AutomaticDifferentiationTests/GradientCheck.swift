import AutomaticDifferentiation
import Tensors
import Testing

/// One operation beside its definition in Double: values are compared with it, and derivatives
/// with its central differences.
struct GradientCheck: Sendable, CustomTestStringConvertible {
  let name: String
  let shapes: [[Int]]
  let domain: Domain
  let tape: @Sendable (GradientTape, [Variable]) -> Variable
  let reference: @Sendable ([ReferenceTensor]) -> ReferenceTensor

  /// Where the inputs are drawn from.
  enum Domain: Sendable {
    case symmetric, positive
    /// Away from 0 on both sides.
    case awayFromZero
  }

  init(
    _ name: String, _ shapes: [[Int]], _ domain: Domain = .symmetric,
    tape: @escaping @Sendable (GradientTape, [Variable]) -> Variable,
    reference: @escaping @Sendable ([ReferenceTensor]) -> ReferenceTensor
  ) {
    self.name = name
    self.shapes = shapes
    self.domain = domain
    self.tape = tape
    self.reference = reference
  }

  var testDescription: String { name }

  /// How the inputs reach the operation, and how often.
  enum Form: String, CaseIterable {
    case inputs
    /// As flat tensors, reshaped twice.
    case views
    /// The operation is recorded two times on the same inputs.
    case twice
    /// Each input is made by another operation.
    case chain
    /// As slots of a parameter group.
    case parameters
  }

  /// Checks every form, each twice on the same tape.
  func run(sourceLocation: SourceLocation = #_sourceLocation) {
    let points = draw()
    let exact = reference(points)
    let weights = Self.numbers(exact.elements.count, salt: 77)
    let again = Self.numbers(exact.elements.count, salt: 78)
    let once = points.indices.map { differences(points, $0, weights) }
    let both = zip(weights, again).map { $0 + $1 }
    let twice = points.indices.map { differences(points, $0, both) }
    for form in Form.allCases {
      let slopes =
        switch form {
        case .twice: twice
        case .chain: once.map { $0.map { 2 * $0 } }
        case .inputs, .views, .parameters: once
        }
      run(
        form, points, exact, slopes, [weights, again].map { $0.map { Float($0) } },
        sourceLocation)
    }
  }

  private func run(
    _ form: Form, _ points: [ReferenceTensor], _ exact: ReferenceTensor, _ slopes: [[Double]],
    _ weights: [[Float]], _ location: SourceLocation
  ) {

    let tape = GradientTape()
    var layout = ParameterLayout()
    for (i, shape) in shapes.enumerated() { layout.append("\(i)", Shape(shape)) }
    let group =
      form == .parameters
      ? tape.addParameters(layout, values: points.flatMap { $0.elements.map { Float($0) } }) : nil
    var previous: [Tensor] = []
    for _ in 0..<2 {
      tape.reset()
      var leaves: [Variable] = []
      var inputs: [Variable] = []
      for (i, point) in points.enumerated() {
        let shape = Shape(point.shape)
        let values = point.elements.map { Float($0) }
        switch form {
        case .inputs, .twice:
          leaves.append(tape.input(Tensor(shape, values)))
          inputs.append(leaves[i])
        case .views:
          leaves.append(tape.input(Tensor(Shape(shape.count), values)))
          inputs.append(tape.reshape(tape.reshape(leaves[i], Shape(1, shape.count)), shape))
        case .chain:
          leaves.append(tape.input(Tensor(shape, values.map { $0 / 2 })))
          inputs.append(tape.scale(leaves[i], by: 2))
        case .parameters:
          leaves.append(group!(i))
          inputs.append(leaves[i])
        }
      }
      let result = self.tape(tape, inputs)
      #expect(tape.shape(of: result) == Shape(exact.shape), "\(form)", sourceLocation: location)
      compare(tape.value(of: result), exact.elements, "value, \(form)", location)

      let weight = tape.constant(Tensor(Shape(exact.shape), weights[0]))
      var loss = tape.sum(tape.multiply(result, weight))
      if form == .twice {
        let other = tape.constant(Tensor(Shape(exact.shape), weights[1]))
        loss = tape.add(loss, tape.sum(tape.multiply(self.tape(tape, inputs), other)))
      }
      tape.backward(from: loss)
      let gradients = leaves.map { tape.gradient(of: $0) }
      for (i, gradient) in gradients.enumerated() {
        compare(gradient, slopes[i], "derivative \(i), \(form)", location)
      }
      if !previous.isEmpty { #expect(gradients == previous, "\(form)", sourceLocation: location) }
      previous = gradients
    }
  }

  /// Central differences of the weighted sum of the reference's elements.
  private func differences(
    _ points: [ReferenceTensor], _ input: Int, _ weights: [Double]
  ) -> [Double] {
    points[input].elements.indices.map { place in
      func loss(_ shift: Double) -> Double {
        var moved = points
        moved[input].elements[place] += shift
        return zip(reference(moved).elements, weights).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let h = 1e-5
      return (loss(h) - loss(-h)) / (2 * h)
    }
  }

  /// Each element to 2e-5 of itself, or 5e-6 of the largest.
  private func compare(
    _ tensor: Tensor, _ expected: [Double], _ what: String, _ location: SourceLocation
  ) {
    let size = expected.map(abs).max() ?? 0
    for (place, exact) in expected.enumerated() {
      let error = abs(Double(tensor.elements[place]) - exact)
      #expect(
        error <= 2e-5 * abs(exact) + 5e-6 * size + 1e-9,
        "\(what), element \(place): \(tensor.elements[place]) for \(exact)",
        sourceLocation: location)
    }
  }

  /// Values that Float holds exactly, so that both sides see the same point.
  private func draw() -> [ReferenceTensor] {
    shapes.enumerated().map { i, shape in
      let numbers = Self.numbers(shape.reduce(1, *), salt: UInt64(i))
      switch domain {
      case .symmetric: return ReferenceTensor(shape, numbers.map { $0 * 1.5 })
      case .positive: return ReferenceTensor(shape, numbers.map { $0 * 0.75 + 1.25 })
      case .awayFromZero:
        return ReferenceTensor(shape, numbers.map { $0 < 0 ? $0 - 0.25 : $0 + 0.25 })
      }
    }
  }

  /// Numbers in (-1, 1), multiples of 2⁻¹².
  static func numbers(_ count: Int, salt: UInt64) -> [Double] {
    var state = salt &* 0x5851_F42D_4C95_7F2D &+ 0x1405_7B7E_F767_814F
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(Int(state >> 51) - 4096) * 0x1p-12 + 0x1p-13
    }
  }
}
