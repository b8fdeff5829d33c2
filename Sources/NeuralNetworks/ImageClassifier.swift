import AutomaticDifferentiation
import LinearAlgebra
import Tensors

/// The kinds of classifiers of images that parties may hold.
public enum ImageClassifierKind: String, Sendable, Hashable, CaseIterable {
  /// ``LeNet5`` in its plain style: for images of 28x28 pixels.
  case leNet5 = "lenet-5"
  /// ``LeNet4``: for images of 28x28 pixels.
  case leNet4 = "lenet-4"
  /// Two hidden layers of 300 and 100 rectified units, the widths of LeCun et al. 1998, Sec. III.B.
  case perceptron
  /// An affine map: multinomial logistic regression.
  case softmaxRegression = "softmax-regression"
  /// An affine map, trained with a hinge: one class against the others.
  case linearSVM = "linear-svm"
}

/// A classifier of images of one channel: `[rows, pixels]` → one value a class, `[rows, classes]`.
///
/// The values are logits, or for ``ImageClassifierKind/linearSVM`` margins times ``marginScale``.
public struct ImageClassifier: Sendable, Equatable {
  private enum Network: Sendable, Equatable {
    case leNet5(LeNet5)
    case leNet4(LeNet4)
    case layers(MultilayerPerceptron)
  }

  /// Width and height of the images.
  public static let extent = 28
  /// How many logits a margin of 1 of a support vector machine is: a sample on its margin has a
  /// score of 1 / (1 + e⁻⁴), 0.98, against an empty field of other classes.
  public static let marginScale: Float = 4

  public let kind: ImageClassifierKind
  public let classes: Int
  private let network: Network

  public init(_ kind: ImageClassifierKind, classes: Int, in builder: inout ParameterBuilder) {
    precondition(classes > 0, "a classifier of \(classes) classes")
    self.kind = kind
    self.classes = classes
    let pixels = Self.extent * Self.extent
    switch kind {
    case .leNet5: network = .leNet5(LeNet5(.plain, classes: classes, in: &builder))
    case .leNet4: network = .leNet4(LeNet4(classes: classes, in: &builder))
    case .perceptron:
      network = .layers(
        MultilayerPerceptron("layer", widths: [pixels, 300, 100, classes], in: &builder))
    case .softmaxRegression, .linearSVM:
      network = .layers(MultilayerPerceptron("layer", widths: [pixels, classes], in: &builder))
    }
  }

  /// The number of parameters of such a classifier.
  public static func parameterCount(_ kind: ImageClassifierKind, classes: Int) -> Int {
    var builder = ParameterBuilder(seed: 0)
    _ = ImageClassifier(kind, classes: classes, in: &builder)
    return builder.layout.count
  }

  /// Records the values: `[rows, 784]` → `[rows, classes]`.
  public func callAsFunction(
    _ x: Variable, _ parameters: ParameterGroup, on tape: GradientTape
  ) -> Variable {
    var images: Variable {
      tape.reshape(x, Shape(tape.shape(of: x)[0], 1, Self.extent, Self.extent))
    }
    return switch network {
    case .leNet5(let network): network(images, parameters, on: tape)
    case .leNet4(let network): network(images, parameters, on: tape)
    case .layers(let network) where kind == .linearSVM:
      tape.scale(network(x, parameters, on: tape), by: Self.marginScale)
    case .layers(let network): network(x, parameters, on: tape)
    }
  }

  /// Records what training makes small: the mean cross entropy of the softmax, or for a support
  /// vector machine the mean over rows of the squared hinges max(0, 1 - t v / ``marginScale``)² of
  /// all classes, t = 1 for the row's own class and -1 for the others.
  ///
  /// - Parameters:
  ///   - values: of ``callAsFunction(_:_:on:)``.
  ///   - labels: one a row, below ``classes``.
  public func loss(_ values: Variable, labels: [Int32], on tape: GradientTape) -> Variable {
    guard kind == .linearSVM else { return tape.softmaxCrossEntropy(values, labels: labels) }
    let classes = classes
    let targets = tape.constant(Shape(labels.count, classes)) { out in
      out.update(repeating: 1 / Self.marginScale)
      for row in 0..<labels.count {
        out[row * classes + Int(labels[row])] = -1 / Self.marginScale
      }
    }
    let hinge = tape.relu(tape.scale(tape.multiply(values, targets), by: 1, plus: 1))
    return tape.scale(tape.sum(tape.square(hinge)), by: 1 / Float(labels.count))
  }
}
