import LinearAlgebra
import Tensors

extension GradientTape {
  /// Computes the derivative of one number by every leaf and parameter that asks for it.
  ///
  /// Derivatives of an earlier call are forgotten; parameters on which the number does not depend
  /// get zeros.
  ///
  /// - Precondition: `loss` has one element.
  public func backward(from loss: Variable) {
    let last = Int(loss.index)
    precondition(
      nodes[last].shape.count == 1,
      "backward starts from one number, not from shape \(nodes[last].shape)")
    for i in nodes.indices { hasGradient[i] = false }
    if nodes[last].requiresGradient {
      contribute(to: loss.index) { $0[0] = 1 }
      for index in stride(from: last, through: 0, by: -1)
      where hasGradient[index] && nodes[index].root == Int32(index) {
        differentiate(index)
      }
    }
    for group in groups.indices where groups[group].requiresGradient {
      clearUnused(group)
    }
  }

  /// Zeros the slots of a group that no path from the loss reached.
  private func clearUnused(_ group: Int) {
    for index in nodes.indices where nodes[index].group == Int32(group) && !hasGradient[index] {
      for i in range(index) { groups[group].gradient[i] = 0 }
    }
  }

  /// Whether anybody wants the derivative by this node.
  func wantsGradient(_ index: Int32) -> Bool {
    index >= 0 && nodes[Int(index)].requiresGradient
  }

  /// Adds a contribution to a node's gradient. `fill` writes every element of it; whether that
  /// lands in the gradient itself or is added to what is there is decided here, once for all rules.
  func contribute(to input: Int32, _ fill: (inout MutableSpan<Float>) -> Void) {
    guard wantsGradient(input) else { return }
    let index = Int(nodes[Int(input)].root)
    let count = nodes[index].shape.count
    if hasGradient[index] {
      var part: [Float] = []
      swap(&part, &scratch)
      Self.grow(&part, to: count)
      do {
        var whole = part.mutableSpan
        var span = whole._mutatingExtracting(0..<count)
        fill(&span)
      }
      writeGradient(index) { gradient in
        VectorMath.add(part.span.extracting(0..<count), to: &gradient)
      }
      swap(&part, &scratch)
    } else {
      hasGradient[index] = true
      writeGradient(index, fill)
    }
  }

  /// Lends the memory of a node's gradient for writing.
  func writeGradient(_ index: Int, _ body: (inout MutableSpan<Float>) -> Void) {
    let group = nodes[index].group
    if group < 0 {
      var memory: [Float] = []
      swap(&memory, &gradients[index])
      let count = nodes[index].shape.count
      Self.grow(&memory, to: count)
      var whole = memory.mutableSpan
      var span = whole._mutatingExtracting(0..<count)
      body(&span)
      swap(&memory, &gradients[index])
    } else {
      var memory: [Float] = []
      swap(&memory, &groups[Int(group)].gradient)
      var whole = memory.mutableSpan
      var span = whole._mutatingExtracting(range(index))
      body(&span)
      swap(&memory, &groups[Int(group)].gradient)
    }
  }
}
