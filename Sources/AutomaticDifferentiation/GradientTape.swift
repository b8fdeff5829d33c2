import LinearAlgebra
import Tensors

/// Reverse-mode automatic differentiation over a list of operations.
///
/// Operations run as they are recorded; `backward(from:)` then walks the list from its end. Nodes
/// refer to one another by index, and the memory of the node at a place in the list is used again
/// by whatever is recorded there after `reset()`: a training step that repeats the same shapes
/// allocates nothing once it is warm.
///
/// ```swift
/// let tape = GradientTape()
/// let x = tape.input(Tensor(Shape(2), [1, 2]))
/// let y = tape.sum(tape.square(x))
/// tape.backward(from: y)
/// tape.gradient(of: x)  // [2, 4]
/// ```
///
/// Every operation's derivative stands in `DerivativeRules.swift`. Misuse of a shape is a
/// precondition failure that names the shapes.
public final class GradientTape {
  var nodes: [Node] = []
  /// Memory of node i, at least as long as its shape's count. Empty for slots and reshaped nodes.
  var values: [[Float]] = []
  var gradients: [[Float]] = []
  /// What the forward pass keeps for the derivative: noise, masks, ready-made derivatives.
  var auxiliary: [[Float]] = []
  var integers: [[Int32]] = []
  /// Whether a node's gradient holds something since the last `backward`.
  var hasGradient: [Bool] = []

  struct Group {
    var layout: ParameterLayout
    var values: [Float]
    var gradient: [Float]
    var requiresGradient: Bool
  }
  var groups: [Group] = []

  /// Memory for a contribution to a gradient that already has one.
  var scratch: [Float] = []
  /// Memory for kernels that need some, such as convolutions.
  var workspace: [Float] = []
  /// Memory for the share of a broadcast input before it is summed to that input's shape.
  var expanded: [Float] = []
  private var persistentCount = 0

  public init() {}

  // MARK: Leaves

  /// Puts a parameter vector on the tape, where it stays through every `reset()`.
  ///
  /// - Precondition: called before anything else is recorded; as many values as the layout has.
  public func addParameters(_ layout: ParameterLayout, values: [Float]) -> ParameterGroup {
    precondition(nodes.count == persistentCount, "parameters come before every operation")
    precondition(
      values.count == layout.count, "\(values.count) values for \(layout.count) parameters")
    let group = ParameterGroup(index: Int32(groups.count), first: Int32(nodes.count))
    for slot in layout.slots {
      let index = push(.leaf, shape: slot.shape, requiresGradient: true)
      nodes[index].group = group.index
      nodes[index].offset = slot.offset
    }
    groups.append(
      Group(
        layout: layout, values: values, gradient: [Float](repeating: 0, count: values.count),
        requiresGradient: true))
    persistentCount = nodes.count
    return group
  }

  /// Whether `backward` computes the derivatives of a group, from the next `reset()` on. Without,
  /// its gradient is zero.
  public func setRequiresGradient(_ group: ParameterGroup, _ requires: Bool) {
    if !requires {
      for i in groups[Int(group.index)].gradient.indices {
        groups[Int(group.index)].gradient[i] = 0
      }
    }
    groups[Int(group.index)].requiresGradient = requires
    for slot in groups[Int(group.index)].layout.slots.indices {
      nodes[Int(group.first) + slot].requiresGradient = requires
    }
  }

  /// Forgets everything but the parameters; keeps all memory.
  public func reset() {
    nodes.removeLast(nodes.count - persistentCount)
  }

  /// Records a tensor without a derivative.
  public func constant(_ tensor: Tensor) -> Variable {
    leaf(tensor, requiresGradient: false)
  }

  /// Records a tensor whose derivative `backward` computes.
  public func input(_ tensor: Tensor) -> Variable {
    leaf(tensor, requiresGradient: true)
  }

  /// Records a tensor without a derivative whose elements `fill` writes in place.
  public func constant(_ shape: Shape, fill: (inout MutableSpan<Float>) -> Void) -> Variable {
    let index = push(.leaf, shape: shape, requiresGradient: false)
    writeValue(index, fill)
    return Variable(index: Int32(index))
  }

  private func leaf(_ tensor: Tensor, requiresGradient: Bool) -> Variable {
    let index = push(.leaf, shape: tensor.shape, requiresGradient: requiresGradient)
    writeValue(index) { out in
      let from = tensor.elements.span
      for i in 0..<out.count { out[i] = from[i] }
    }
    return Variable(index: Int32(index))
  }

  // MARK: Reading

  /// The shape of a variable.
  public func shape(of variable: Variable) -> Shape { nodes[Int(variable.index)].shape }

  /// A copy of a variable's value.
  public func value(of variable: Variable) -> Tensor {
    let index = Int(variable.index)
    let range = range(index)
    return Tensor(nodes[index].shape, Array(array(index)[range]))
  }

  /// The value of a variable with one element.
  public func scalar(_ variable: Variable) -> Float {
    let index = Int(variable.index)
    precondition(
      nodes[index].shape.count == 1, "shape \(nodes[index].shape) is not that of one number")
    return array(index)[range(index).lowerBound]
  }

  /// Lends a variable's elements without a copy.
  public func withValue<R>(of variable: Variable, _ body: (Span<Float>) throws -> R) rethrows -> R {
    let index = Int(variable.index)
    let held = array(index)
    return try body(held.span.extracting(range(index)))
  }

  /// A copy of the derivative that the last `backward` left at a leaf; zeros where nothing depended
  /// on it. Between the leaves memory is used again: an affine node holds the derivative by its
  /// value before the activation.
  public func gradient(of variable: Variable) -> Tensor {
    let index = Int(variable.index)
    let shape = nodes[index].shape
    guard hasGradient[Int(nodes[index].root)] else { return Tensor(shape) }
    return Tensor(shape, Array(gradientArray(index)[range(index)]))
  }

  /// The vector of a group.
  public func values(of group: ParameterGroup) -> [Float] { groups[Int(group.index)].values }

  /// Replaces the vector of a group by one of the same count.
  public func setValues(_ values: [Float], of group: ParameterGroup) {
    precondition(
      values.count == groups[Int(group.index)].values.count,
      "\(values.count) values for \(groups[Int(group.index)].values.count) parameters")
    groups[Int(group.index)].values = values
  }

  /// The layout of a group.
  public func layout(of group: ParameterGroup) -> ParameterLayout {
    groups[Int(group.index)].layout
  }

  /// Lends a group's vector for writing and its gradient for reading: an optimiser's step.
  public func update(
    _ group: ParameterGroup, _ body: (inout MutableSpan<Float>, Span<Float>) -> Void
  ) {
    let index = Int(group.index)
    var values: [Float] = []
    swap(&values, &groups[index].values)
    let gradient = groups[index].gradient
    var span = values.mutableSpan
    body(&span, gradient.span)
    swap(&values, &groups[index].values)
  }

  /// Lends a group's gradient, as the last `backward` left it, for reading and writing.
  public func withGradient<R>(
    of group: ParameterGroup, _ body: (inout MutableSpan<Float>) throws -> R
  ) rethrows -> R {
    let index = Int(group.index)
    var gradient: [Float] = []
    swap(&gradient, &groups[index].gradient)
    defer { swap(&gradient, &groups[index].gradient) }
    var span = gradient.mutableSpan
    return try body(&span)
  }

  // MARK: Recording

  /// Appends a node with memory for its value.
  func push(
    _ operation: Operation, _ a: Int32 = -1, _ b: Int32 = -1, _ c: Int32 = -1, shape: Shape,
    requiresGradient: Bool
  ) -> Int {
    let index = nodes.count
    nodes.append(
      Node(
        operation: operation, inputs: (a, b, c), shape: shape, requiresGradient: requiresGradient,
        group: -1, offset: 0, root: Int32(index)))
    if values.count == index {
      values.append([])
      gradients.append([])
      auxiliary.append([])
      integers.append([])
      hasGradient.append(false)
    }
    hasGradient[index] = false
    return index
  }

  /// Appends a node that depends on others, and lets `compute` write its value.
  func record(
    _ operation: Operation, _ a: Variable, _ b: Variable? = nil, _ c: Variable? = nil,
    shape: Shape, compute: (inout MutableSpan<Float>) -> Void
  ) -> Variable {
    var requires = nodes[Int(a.index)].requiresGradient
    if let b { requires = requires || nodes[Int(b.index)].requiresGradient }
    if let c { requires = requires || nodes[Int(c.index)].requiresGradient }
    let index = push(
      operation, a.index, b?.index ?? -1, c?.index ?? -1, shape: shape, requiresGradient: requires)
    writeValue(index, compute)
    return Variable(index: Int32(index))
  }

  // MARK: Memory

  /// Where the elements of a node stand in its memory.
  func range(_ index: Int) -> Range<Int> {
    let node = nodes[index]
    return node.offset..<node.offset + node.shape.count
  }

  /// The memory that holds a node's value.
  func array(_ index: Int) -> [Float] {
    let root = Int(nodes[index].root)
    let group = nodes[root].group
    return group < 0 ? values[root] : groups[Int(group)].values
  }

  /// The memory that holds a node's gradient.
  func gradientArray(_ index: Int) -> [Float] {
    let root = Int(nodes[index].root)
    let group = nodes[root].group
    return group < 0 ? gradients[root] : groups[Int(group)].gradient
  }

  /// Lends a node's own memory for writing. It leaves its list meanwhile, so that `body` may read
  /// any other node.
  func writeValue(_ index: Int, _ body: (inout MutableSpan<Float>) -> Void) {
    let count = nodes[index].shape.count
    var memory: [Float] = []
    swap(&memory, &values[index])
    Self.grow(&memory, to: count)
    var whole = memory.mutableSpan
    var span = whole._mutatingExtracting(0..<count)
    body(&span)
    swap(&memory, &values[index])
  }

  /// Makes the auxiliary memory of a node at least `count` long and lends it for writing.
  func writeAuxiliary(_ index: Int, count: Int, _ body: (inout MutableSpan<Float>) -> Void) {
    var memory: [Float] = []
    swap(&memory, &auxiliary[index])
    Self.grow(&memory, to: count)
    var whole = memory.mutableSpan
    var span = whole._mutatingExtracting(0..<count)
    body(&span)
    swap(&memory, &auxiliary[index])
  }

  static func grow(_ memory: inout [Float], to count: Int) {
    if memory.count < count {
      // Old content means nothing here: what is asked for is written in full.
      memory = [Float](repeating: 0, count: count)
    }
  }
}
