import AutomaticDifferentiation
import LinearAlgebra
import Randomness
import Tensors

/// The shape of a convolutional classifier: how deep it is, what images it takes, how many classes
/// it tells apart.
public struct ConvolutionalArchitecture: Sendable, Hashable {
  /// The sizes of Yu et al. 2023, Sec. IV-A, by the number of their layers.
  public enum Depth: Int, Sendable, Hashable, CaseIterable {
    case six = 6
    case ten = 10
    case fourteen = 14

    /// Each has four of the layers: two convolutions, a pooling, a dropout.
    public var blocks: Int { (rawValue - 2) / 4 }
  }

  public var depth: Depth
  public var channels: Int
  public var height: Int
  public var width: Int
  public var classes: Int

  /// - Precondition: images that are at least a pixel high and wide after the halving of each
  ///   block; a class at least.
  public init(_ depth: Depth, channels: Int, height: Int, width: Int, classes: Int = 10) {
    precondition(
      channels > 0 && classes > 0 && height >> depth.blocks > 0 && width >> depth.blocks > 0,
      "\(depth.rawValue) layers for images of [\(channels), \(height), \(width)] and \(classes) classes"
    )
    self.depth = depth
    self.channels = channels
    self.height = height
    self.width = width
    self.classes = classes
  }

  /// The number of elements of an image.
  public var imageSize: Int { channels * height * width }

  /// The parameters of such a network as they start.
  public func start(seed: UInt64, participant: UInt32 = 0) -> [Float] {
    var builder = ParameterBuilder(seed: seed, participant: participant)
    _ = ConvolutionalNetwork(self, in: &builder)
    return builder.values
  }

  /// The number of parameters of such a network.
  public var parameterCount: Int {
    var count = 0
    var maps = channels
    for number in 0..<depth.blocks {
      let width = ConvolutionalNetwork.firstWidth << number
      count += (9 * maps + 1) * width + (9 * width + 1) * width
      maps = width
    }
    let features = maps * (height >> depth.blocks) * (width >> depth.blocks)
    let units = ConvolutionalNetwork.denseWidth
    return count + (features + 1) * units + (units + 1) * classes
  }
}

/// A convolutional classifier of images: `[batch, channels, height, width]` → logits
/// `[batch, classes]`.
///
/// Yu et al. 2023, Sec. IV-A, take networks of 6, 10 and 14 layers with "max pooling, and dropout
/// layers", and say no more of them. These numbers are those of the common block for small images,
/// two convolutions, a pooling and a dropout, taken once, twice and three times before two dense
/// layers, with every layer counted: 4 + 2, 8 + 2 and 12 + 2. That is what stands here:
///
/// | layers of block b = 0, 1, 2 | output |
/// |---|---|
/// | convolution 3x3, padded to keep the size, rectified | 16·2ᵇ maps |
/// | convolution 3x3, padded to keep the size, rectified | 16·2ᵇ maps |
/// | maximum of windows of 2x2 | half as high and wide, rounded down |
/// | dropout of a quarter of the elements | |
///
/// and then a dense layer of 64 rectified units and one of logits. The widths are half of the usual
/// ones, so that a participant trains on one core of a CPU: 3.1 million multiplications for a
/// CIFAR-10 image forward at 6 layers, 6.5 at 10.
///
/// | images | 6 layers | 10 layers | 14 layers |
/// |---|---|---|---|
/// | 1x28x28 | 203,898 | 117,434 | 109,370 parameters |
/// | 3x32x32 | 265,626 | 148,442 | 138,330 parameters |
public struct ConvolutionalNetwork: Sendable, Equatable {
  /// The random numbers of one training step, one stream a block: a value rather than a closure,
  /// which would take memory anew in each step.
  public struct DropoutStreams: Sendable, Hashable {
    public var seed: UInt64
    public var participant: UInt32
    /// Counts steps; different steps never share numbers.
    public var step: Int

    public init(seed: UInt64, participant: UInt32 = 0, step: Int) {
      self.seed = seed
      self.participant = participant
      self.step = step
    }

    /// - Parameter block: counted from 0, of at most four.
    func callAsFunction(block: Int) -> RandomStream {
      RandomStream(
        seed: seed, participant: participant,
        round: UInt32(truncatingIfNeeded: 4 * step + block), purpose: .dropout)
    }
  }

  struct Block: Sendable, Equatable {
    let first: Convolution2D
    let second: Convolution2D
  }

  /// What each block drops while training.
  public static let dropout = Dropout(probability: 0.25)
  static let pooling = MaximumPool2D(window: 2)
  static let firstWidth = 16
  static let denseWidth = 64

  public let architecture: ConvolutionalArchitecture
  private let blocks: [Block]
  private let dense: Linear
  private let output: Linear

  public init(_ architecture: ConvolutionalArchitecture, in builder: inout ParameterBuilder) {
    self.architecture = architecture
    var blocks: [Block] = []
    var maps = architecture.channels
    for number in 0..<architecture.depth.blocks {
      let width = Self.firstWidth << number
      func convolution(_ name: String, from inputs: Int) -> Convolution2D {
        Convolution2D(
          "block\(number + 1).\(name)", inputs: inputs, outputs: width, kernel: 3, padding: 1,
          activation: .relu, in: &builder)
      }
      blocks.append(
        Block(first: convolution("first", from: maps), second: convolution("second", from: width)))
      maps = width
    }
    self.blocks = blocks
    let count = architecture.depth.blocks
    dense = Linear(
      "dense", inputs: maps * (architecture.height >> count) * (architecture.width >> count),
      outputs: Self.denseWidth, activation: .relu, in: &builder)
    output = Linear(
      "output", inputs: Self.denseWidth, outputs: architecture.classes, in: &builder)
  }

  /// Records the network.
  ///
  /// - Parameter dropout: the random numbers that decide what is dropped; `nil` outside training.
  public func callAsFunction(
    _ x: Variable, _ parameters: ParameterGroup, dropout: DropoutStreams? = nil,
    on tape: GradientTape
  ) -> Variable {
    var y = x
    for (number, block) in blocks.enumerated() {
      y = block.second(block.first(y, parameters, on: tape), parameters, on: tape)
      y = Self.dropout(Self.pooling(y, on: tape), from: dropout?(block: number), on: tape)
    }
    let shape = tape.shape(of: y)
    let features = tape.reshape(y, Shape(shape[0], shape[1] * shape[2] * shape[3]))
    return output(dense(features, parameters, on: tape), parameters, on: tape)
  }
}
