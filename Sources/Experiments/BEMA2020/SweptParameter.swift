import MultipartyLearning

/// What Wang et al. 2020 choose or leave open, and the values that are tried.
public enum SweptParameter: String, Sendable, Hashable, CaseIterable {
  /// δ of Eq. (9).
  case delta
  /// σ of Eq. (10).
  case sigma
  /// α: the share of the models that count.
  case alpha
  /// η of Eqs. (11) and (12).
  case learningRate = "learning-rate"
  /// G.
  case gradientCap = "gradient-cap"
  /// The size of the public part of case D.
  case publicImages = "public-images"
  /// Messages that make one step together.
  case blockSize = "block-size"
  /// Images that a party looks at in an iteration.
  case search

  public var values: [Double] {
    switch self {
    case .delta: [0, 0.3, 0.45, 0.6, 0.75, 0.9]
    case .sigma: [0.05, 0.1, 0.2, 0.3, 0.5, 1]
    // One, two or all three of the models that know a class.
    case .alpha: [0.33, 0.66, 1]
    case .learningRate: [0.0003, 0.001, 0.003, 0.01, 0.05]
    case .gradientCap: [0.1, 0.3, 1, 3, 10]
    case .publicImages: [0, 100, 500, 2000]
    case .blockSize: [1, 5, 10, 20, 50]
    case .search: [128, 512, 2048]
    }
  }

  /// For tables and axes.
  public var title: String {
    switch self {
    case .delta: "least score δ"
    case .sigma: "greatest spread σ"
    case .alpha: "share of the models α"
    case .learningRate: "learning rate η"
    case .gradientCap: "gradient cap G"
    case .publicImages: "public images"
    case .blockSize: "messages a block"
    case .search: "images searched"
    }
  }

  /// Whether the values are far apart, so that their places say more than their sizes.
  var isLogarithmic: Bool {
    switch self {
    case .delta, .sigma, .alpha: false
    case .learningRate, .gradientCap, .publicImages, .blockSize, .search: true
    }
  }

  /// The same run with another value.
  public func set(_ value: Double, in cell: inout CalibrationCell) {
    switch self {
    case .delta: cell.rules.leastScore = Float(value)
    case .sigma: cell.rules.greatestSpread = Float(value)
    case .alpha: cell.rules.memberShare = value
    case .learningRate: cell.rules.learningRate = Float(value)
    case .gradientCap: cell.rules.gradientCap = Float(value)
    case .publicImages: cell.division.split.publicImages = Int(value)
    case .blockSize: cell.rules.blockSize = Int(value)
    case .search: cell.plan.searchLimit = Int(value)
    }
  }

  /// What Sec. IV-C-4 says of it.
  var published: String? {
    switch self {
    case .delta:
      "the paper: with a lower δ more messages pass, accuracy rises faster, and attacks mislead more"
    case .sigma:
      "the paper: with a higher σ more messages pass, accuracy rises faster, and attacks mislead more"
    default: nil
    }
  }
}
