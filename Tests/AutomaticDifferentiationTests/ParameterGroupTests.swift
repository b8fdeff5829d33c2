import AutomaticDifferentiation
import Tensors
import Testing

@Suite struct ParameterGroupTests {
  static var layout: ParameterLayout {
    var layout = ParameterLayout()
    layout.append("weight", Shape(2, 3))
    layout.append("bias", Shape(3))
    layout.append("scale", Shape())
    return layout
  }

  static func gradient(_ tape: GradientTape, _ group: ParameterGroup) -> [Float] {
    tape.withGradient(of: group) { span in (0..<span.count).map { span[$0] } }
  }

  @Test func slotsFollowOneAnother() {
    let layout = Self.layout
    #expect(layout.count == 10)
    #expect(layout.slots.map(\.range) == [0..<6, 6..<9, 9..<10])
    #expect(layout["bias"]?.offset == 6 && layout["none"] == nil)
    let tape = GradientTape()
    let group = tape.addParameters(layout, values: (0..<10).map { Float($0) })
    #expect(tape.value(of: group(0)) == Tensor(Shape(2, 3), [0, 1, 2, 3, 4, 5]))
    #expect(tape.value(of: group(1)) == Tensor(Shape(3), [6, 7, 8]))
    #expect(tape.scalar(group(2)) == 9)
    #expect(tape.layout(of: group) == layout)
  }

  @Test func derivativesStandInTheirSlotsAndUnusedOnesAreZero() {
    let tape = GradientTape()
    let group = tape.addParameters(Self.layout, values: (0..<10).map { Float($0) })
    tape.backward(from: tape.sum(tape.square(tape.reshape(group(0), Shape(6)))))
    #expect(Self.gradient(tape, group) == [0, 2, 4, 6, 8, 10, 0, 0, 0, 0])
    tape.reset()
    tape.backward(from: tape.multiply(group(2), tape.sum(group(1))))
    #expect(Self.gradient(tape, group) == [0, 0, 0, 0, 0, 0, 9, 9, 9, 21])
    #expect(tape.gradient(of: group(1)).elements == [9, 9, 9])
    #expect(tape.gradient(of: group(0)) == Tensor(Shape(2, 3)))
    tape.reset()
    tape.backward(from: tape.constant(Tensor(Shape(), [1])))
    #expect(Self.gradient(tape, group) == [Float](repeating: 0, count: 10))
  }

  @Test func twoGroupsKeepApart() {
    let tape = GradientTape()
    var single = ParameterLayout()
    single.append("a", Shape(2))
    let first = tape.addParameters(single, values: [1, 2])
    let second = tape.addParameters(single, values: [3, 4])
    tape.backward(from: tape.sum(tape.multiply(first(0), second(0))))
    #expect(Self.gradient(tape, first) == [3, 4])
    #expect(Self.gradient(tape, second) == [1, 2])
  }

  @Test func aGroupWithoutDerivativesIsSkippedAndKeepsItsValues() {
    let tape = GradientTape()
    var single = ParameterLayout()
    single.append("a", Shape(2))
    let fixed = tape.addParameters(single, values: [1, 2])
    let free = tape.addParameters(single, values: [3, 4])
    tape.setRequiresGradient(fixed, false)
    tape.reset()
    let loss = tape.sum(tape.multiply(fixed(0), free(0)))
    tape.backward(from: loss)
    #expect(tape.values(of: fixed) == [1, 2])
    #expect(tape.gradient(of: fixed(0)).elements == [0, 0])
    #expect(tape.gradient(of: free(0)).elements == [1, 2])

    tape.setRequiresGradient(fixed, true)
    tape.reset()
    tape.backward(from: tape.sum(tape.multiply(fixed(0), free(0))))
    #expect(tape.gradient(of: fixed(0)).elements == [3, 4])
    #expect(tape.gradient(of: free(0)).elements == [1, 2])
  }

  @Test func updatesAndReplacedValuesShowInTheNextStep() {
    let tape = GradientTape()
    let group = tape.addParameters(Self.layout, values: [Float](repeating: 1, count: 10))
    for step in 0..<3 {
      tape.reset()
      let loss = tape.add(
        tape.sum(tape.square(group(0))),
        tape.add(tape.sum(group(1)), tape.square(group(2))))
      tape.backward(from: loss)
      let before = tape.values(of: group)
      tape.update(group) { values, gradient in
        for i in 0..<values.count { values[i] -= 0.25 * gradient[i] }
      }
      let after = tape.values(of: group)
      for i in 0..<10 {
        let slope = (6..<9).contains(i) ? 1 : 2 * before[i]
        #expect(after[i] == before[i] - 0.25 * slope, "step \(step)")
      }
    }
    tape.setValues((0..<10).map { Float($0) }, of: group)
    #expect(tape.value(of: group(1)).elements == [6, 7, 8])
  }

  @Test func aGradientMayBeReplaced() {
    let tape = GradientTape()
    let group = tape.addParameters(Self.layout, values: [Float](repeating: 1, count: 10))
    tape.backward(from: tape.sum(group(1)))
    tape.withGradient(of: group) { span in
      for i in 0..<span.count { span[i] = Float(i) }
    }
    #expect(tape.gradient(of: group(1)).elements == [6, 7, 8])
    tape.update(group) { values, gradient in
      for i in 0..<values.count { values[i] = gradient[i] }
    }
    #expect(tape.values(of: group) == (0..<10).map { Float($0) })
  }
}
