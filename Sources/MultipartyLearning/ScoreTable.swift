/// What all models say of some images: h_i(x, y), and 0 where y ∉ Y_i.
public struct ScoreTable: Sendable {
  public let models: Int
  public let images: Int
  public let classes: Int
  /// `[images, classes, models]`: what is compared stands together.
  private var scores: [Float]
  /// S(y): the models that know each class, ascending.
  public let knowing: [[Int]]

  /// All classes, of which there may be 256.
  var labels: some Sequence<UInt8> { (0..<classes).lazy.map { UInt8($0) } }

  init(images: Int, classes: Int, knowing: [[Int]], models: Int) {
    self.images = images
    self.classes = classes
    self.knowing = knowing
    self.models = models
    scores = [Float](repeating: 0, count: images * classes * models)
  }

  /// Enters the scores of one model, `[images, classes of the model]`.
  mutating func enter(_ values: [Float], of model: Int, classes own: [UInt8]) {
    precondition(values.count == images * own.count, "\(values.count) scores of \(images) images")
    for image in 0..<images {
      for (column, label) in own.enumerated() {
        scores[(image * classes + Int(label)) * models + model] = values[image * own.count + column]
      }
    }
  }

  public subscript(model: Int, image: Int, label: UInt8) -> Float {
    scores[(image * classes + Int(label)) * models + model]
  }

  /// The scores of S(y), in its order.
  func values(_ image: Int, _ label: UInt8) -> [Float] {
    let start = (image * classes + Int(label)) * models
    return knowing[Int(label)].map { scores[start + $0] }
  }

  /// Eqs. (4) to (6) of one class of one image; `nil` where no model knows the class.
  public func selection(_ image: Int, _ label: UInt8, share: Double) -> KrumSelection? {
    guard Int(label) < classes, !knowing[Int(label)].isEmpty else { return nil }
    return KrumSelection(values(image, label), share: share)
  }
}
