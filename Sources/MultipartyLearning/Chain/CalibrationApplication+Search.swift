extension CalibrationApplication {
  /// Looks for samples among a party's own images, with the models as they stand on the chain: Wang et
  /// al. 2020, Sec. III-C-2. Found are those that validation would let pass in the next block.
  ///
  /// - Parameters:
  ///   - search: of images of the shape, and with the classes, that the chain's terms name.
  ///   - limit: images that are looked at.
  ///   - wanted: samples, at most.
  public func samples(
    _ search: inout SampleSearch, after state: CalibrationState, limit: Int, wanted: Int
  ) -> [CalibrationMessage] {
    guard limit > 0, wanted > 0, search.images.count > 0 else { return [] }
    let images = search.next(limit)
    precondition(
      images.imageSize == state.terms.height * state.terms.width
        && images.classes <= state.terms.classes,
      "images of \(images.imageSize) pixels and \(images.classes) classes on a chain for "
        + "\(state.terms.height)x\(state.terms.width) and \(state.terms.classes)")
    let rules = state.terms.rules
    let table = withPanel(of: state) { panel, _ in panel.scores(images) }
    var found: [CalibrationMessage] = []
    for image in 0..<images.count where found.count < wanted {
      guard
        let margin = SecureMargin(
          table, image: image, label: images.labels[image], share: rules.memberShare,
          by: rules.wrongClass),
        margin.verdict(rules) == .valid
      else { continue }
      found.append(
        CalibrationMessage(
          image: images.image(image), label: margin.label, wrongLabel: margin.wrongLabel))
    }
    return found
  }
}
