import Tensors
import Testing

@Suite struct ShapeTests {
  @Test func axesCountFromBothEnds() {
    let shape = Shape(2, 3, 5, 7)
    #expect([0, 1, 2, 3].map { shape[$0] } == [2, 3, 5, 7])
    #expect([-1, -2, -3, -4].map { shape[$0] } == [7, 5, 3, 2])
    #expect([-1, -2, -3, -4, 0, 3].map { shape.resolve($0) } == [3, 2, 1, 0, 0, 3])
    #expect(Shape(4)[-1] == 4)
  }

  @Test func countsAreProductsOfLengths() {
    let shape = Shape(2, 3, 5, 7)
    #expect(shape.count == 210)
    #expect((0..<4).map { shape.count(before: $0) } == [1, 2, 6, 30])
    #expect((0..<4).map { shape.count(after: $0) } == [105, 35, 7, 1])
    #expect(Shape().count == 1 && Shape().rank == 0)
    #expect(Shape(3, 0).count == 0)
    #expect(Shape(2, 3).count(after: 1) == 1)
  }

  @Test func everyInitialiserGivesTheSameShape() {
    #expect(Shape([]) == Shape())
    #expect(Shape([2]) == Shape(2))
    #expect(Shape([2, 3]) == Shape(2, 3))
    #expect(Shape([2, 3, 4]) == Shape(2, 3, 4))
    #expect(Shape([2, 3, 4, 5]) == Shape(2, 3, 4, 5))
    #expect(Shape(2, 1) != Shape(2))
    #expect(Shape(1) != Shape())
    #expect(Shape(2, 3, 4).dimensions == [2, 3, 4])
    #expect(Shape(2, 3).description == "[2, 3]" && Shape().description == "[]")
  }

  @Test func replacingAndRemovingAxes() {
    let shape = Shape(2, 3, 5)
    #expect(shape.replacing(1, with: 9) == Shape(2, 9, 5))
    #expect(shape.replacing(-1, with: 1) == Shape(2, 3, 1))
    #expect(shape.removing(0) == Shape(3, 5))
    #expect(shape.removing(-2) == Shape(2, 5))
    #expect(Shape(4).removing(0) == Shape())
  }

  /// The cases of NumPy's manual, "Broadcasting", and those with axes of length 0.
  static let table: [([Int], [Int], [Int]?)] = [
    ([256, 256, 3], [3], [256, 256, 3]),
    ([8, 1, 6, 1], [7, 1, 5], [8, 7, 6, 5]),
    ([5, 4], [1], [5, 4]),
    ([5, 4], [4], [5, 4]),
    ([15, 3, 5], [15, 1, 5], [15, 3, 5]),
    ([15, 3, 5], [3, 5], [15, 3, 5]),
    ([15, 3, 5], [3, 1], [15, 3, 5]),
    ([3], [4], nil),
    ([2, 1], [8, 4, 3], nil),
    ([4, 3], [4], nil),
    ([4, 1], [3], [4, 3]),
    ([], [], []),
    ([], [2, 3], [2, 3]),
    ([1], [], [1]),
    ([1, 1], [1], [1, 1]),
    ([3, 4], [3, 4], [3, 4]),
    ([0], [1], [0]),
    ([0], [3], nil),
    ([2, 0], [2, 1], [2, 0]),
    ([0, 3], [3], [0, 3]),
  ]

  @Test(arguments: table) func broadcastingIsNumPys(
    _ a: [Int], _ b: [Int], _ expected: [Int]?
  ) {
    let joint = expected.map { Shape($0) }
    #expect(Shape(a).broadcast(with: Shape(b)) == joint)
    #expect(Shape(b).broadcast(with: Shape(a)) == joint)
  }

  @Test func tensorsAreIndexedByRows() {
    let tensor = Tensor(Shape(2, 3), [0, 1, 2, 3, 4, 5])
    #expect(tensor[0, 2] == 2 && tensor[1, 0] == 3 && tensor[1, 2] == 5)
    #expect(tensor.reshaped(Shape(3, 2))[1, 0] == 2)
    #expect(Tensor(Shape(2, 2), repeating: 4).elements == [4, 4, 4, 4])
    #expect(Tensor(Shape(), [3]).elements == [3])
    #expect(tensor != tensor.reshaped(Shape(6)))
  }
}
