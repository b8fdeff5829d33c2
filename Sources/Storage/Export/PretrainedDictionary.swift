import AnomalyDetection
import CollaborativeLearning
import Datasets
import GraphicalModels
import LinearAlgebra

/// The shared patterns θ of a trained mixture, and nothing about any participant: neither weights,
/// nor units, nor thresholds.
///
/// Patterns are over standardised windows, each participant's in units of its own mean and spread.
/// A feature is a variable of one row of a window, the newest row first: `[window, variables]`.
public struct PretrainedDictionary: Sendable, Equatable {
  public var window: CausalWindow
  /// (μₖ, Λₖ), each over the numbers of a window.
  public var patterns: [GaussianPattern]
  /// Names of the variables, where the data gave them.
  public var variableNames: [String]?
  /// What a reader should know of how well the patterns hide single rows, in sentences; empty where
  /// nothing was done about it.
  public var privacyNotes: [String] = []

  static let format = "CollabDict dictionary"
  static let formatVersion = 1

  /// - Precondition: there are patterns, and a window's rows divide their numbers.
  public init(
    window: CausalWindow, patterns: [GaussianPattern], variableNames: [String]? = nil,
    privacyNotes: [String] = []
  ) {
    precondition(
      !patterns.isEmpty && patterns.allSatisfy { $0.variables % window.length == 0 },
      "\(patterns.count) patterns over windows of \(window.length) rows")
    self.window = window
    self.patterns = patterns
    self.variableNames = variableNames
    self.privacyNotes = privacyNotes
  }

  /// The patterns of a model, as they are.
  public init(_ model: MixtureModel) {
    self.init(
      window: model.window, patterns: model.patterns, variableNames: model.variableNames,
      privacyNotes: [
        "Centres and precision matrices are as they were learned: an unusual row that has a pattern "
          + "nearly to itself can be read off its centre."
      ])
  }

  /// A release of a model's patterns, with what it promises.
  public init(_ release: PrivateRelease.Dictionary, of model: MixtureModel) {
    self.init(
      window: model.window, patterns: release.patterns, variableNames: model.variableNames,
      privacyNotes: release.statement.sentences)
  }

  /// D, the numbers of a window.
  public var features: Int { patterns[0].variables }

  /// Writes the patterns: `.h5`, or `.json` for people and other programs.
  ///
  /// - Throws: ``StorageError``, `wrongFormat` for another extension. What was at `path` is then as
  ///   it was.
  public func write(to path: String) throws(StorageError) {
    switch try ExportFormat.of(path, known: [.hdf5, .json]) {
    case .json:
      try AtomicFile.write(Array(json.pretty.utf8), to: path)
    default:
      let output = try HDF5Writer(replacing: path)
      var properties = ExportProperties()
      properties["format"] = .text(Self.format)
      properties["format_version"] = .integer(Self.formatVersion)
      properties["window"] = .integer(window.length)
      if let variableNames { properties["variable_names"] = .texts(variableNames) }
      if !privacyNotes.isEmpty { properties["privacy"] = .texts(privacyNotes) }
      try properties.write(to: output)
      try output.write(
        patterns.flatMap(\.mean), shape: [patterns.count, features], to: "/global/mean")
      try output.write(
        patterns.flatMap(\.precision.elements), shape: [patterns.count, features, features],
        to: "/global/precision")
      try output.commit()
    }
  }

  private var json: JSONValue {
    .object([
      .init(key: "format", value: .text(Self.format)),
      .init(key: "format_version", value: .integer(Self.formatVersion)),
      .init(key: "window", value: .integer(window.length)),
      .init(
        key: "variable_names", value: variableNames.map { .list($0.map { .text($0) }) } ?? .null),
      .init(key: "privacy", value: .list(privacyNotes.map { .text($0) })),
      .init(
        key: "patterns",
        value: .list(
          patterns.map { pattern in
            .object([
              .init(key: "mean", value: .list(pattern.mean.map { .double($0) })),
              .init(
                key: "precision",
                value: .list(
                  (0..<features).map { i in
                    .list((0..<features).map { .double(pattern.precision[i, $0]) })
                  })),
            ])
          })),
    ])
  }

  /// Reads a dictionary that was exported as `.h5`.
  ///
  /// - Throws: ``StorageError``: `wrongFormat`, `noSuchObject`, `wrongShape` and `malformed` if it
  ///   lacks something or contradicts itself.
  public init(reading path: String) throws(StorageError) {
    _ = try ExportFormat.of(path, known: [.hdf5])
    let file = try HDF5File(reading: path)
    let properties = ExportPropertyReader(
      texts: try ExportProperties.texts(of: file), file: path)
    guard try properties.text("format") == Self.format else {
      throw StorageError(
        .wrongFormat, "the file is no dictionary of collabdict", at: .init(file: path),
        remedy: "export one with `collabdict export`")
    }
    let window = CausalWindow(try properties.integer("window", in: 1...1000))
    let shape = try file.dataSet("/global/precision").shape
    let means = try file.dataSet("/global/mean").shape
    guard shape.count == 3, shape[1] == shape[2], means == [shape[0], shape[1]],
      (1...65536).contains(shape[0]), (1...65536).contains(shape[1]),
      shape[1] % window.length == 0
    else {
      throw StorageError(
        .wrongShape, "precision matrices of \(shape) do not go with centres of \(means)",
        at: .init(file: path), remedy: "export the dictionary again")
    }
    self.init(
      window: window,
      patterns: try GaussianPattern.patterns(
        means: file.read("/global/mean", as: Double.self),
        precisions: file.read("/global/precision", as: Double.self), features: shape[1],
        place: .init(file: path, object: "data set /global/precision"),
        remedy: "export the dictionary again"),
      variableNames: try properties.list(
        "variable_names", count: shape[1] / window.length))
    privacyNotes = properties.allTexts("privacy")
  }
}

extension GaussianPattern {
  /// The patterns whose numbers a file holds, checked.
  ///
  /// - Throws: ``StorageError``, `malformed` for a precision matrix that is none.
  static func patterns(
    means: [Double], precisions: [Double], features: Int, place: StorageError.Place,
    remedy: String
  ) throws(StorageError) -> [GaussianPattern] {
    let square = features * features
    var patterns: [GaussianPattern] = []
    for k in 0..<means.count / features {
      let precision = SymmetricMatrix(
        order: features, elements: Array(precisions[k * square..<(k + 1) * square]))
      let mean = Array(means[k * features..<(k + 1) * features])
      let isSymmetric = (0..<features).allSatisfy { i in
        (0..<i).allSatisfy { precision[i, $0] == precision[$0, i] }
      }
      guard isSymmetric, precision.choleskyFactor() != nil, mean.allSatisfy(\.isFinite) else {
        throw StorageError(
          .malformed, "pattern \(k + 1) is not a centre with a positive definite matrix",
          at: place, remedy: remedy)
      }
      patterns.append(GaussianPattern(mean: mean, precision: precision))
    }
    return patterns
  }
}
