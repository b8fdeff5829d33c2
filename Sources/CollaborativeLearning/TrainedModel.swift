import AnomalyDetection

/// A finished run: the model, the settings that it was trained with, and how that went.
public struct TrainedModel<Detector: DetectorModel>: Sendable, Equatable {
  public var detector: Detector
  public var configuration: TrainingConfiguration
  public var report: TrainingReport

  public init(
    detector: Detector, configuration: TrainingConfiguration, report: TrainingReport
  ) {
    self.detector = detector
    self.configuration = configuration
    self.report = report
  }
}

/// A finished run of any model class.
public enum FinishedRun: Sendable, Equatable {
  case autoencoder(TrainedModel<AutoencoderModel>)
  case mixture(TrainedModel<MixtureModel>)

  public var configuration: TrainingConfiguration {
    switch self {
    case .autoencoder(let run): run.configuration
    case .mixture(let run): run.configuration
    }
  }

  public var report: TrainingReport {
    switch self {
    case .autoencoder(let run): run.report
    case .mixture(let run): run.report
    }
  }

  /// The model, for whoever does not ask for its class.
  public var detector: any DetectorModel {
    switch self {
    case .autoencoder(let run): run.detector
    case .mixture(let run): run.detector
    }
  }

  /// What people should know before they trust the model.
  public var warnings: [String] {
    var warnings: [String] = []
    if case .autoencoder(let run) = self, let warning = run.detector.collapse.warning {
      warnings.append(warning)
    }
    return warnings + Self.silent(detector)
  }

  private static func silent(_ detector: some DetectorModel) -> [String] {
    detector.participants.filter { detector.threshold(for: $0).isInfinite }.map {
      "\($0.name) has no scores of unseen normal rows to set a threshold from and will never alarm; "
        + "use a linear path, or give score and evaluate --threshold"
    }
  }
}

/// The class of the models that participants learn together.
public enum ModelClass: String, Sendable, Hashable, CaseIterable {
  /// A multi-task variational autoencoder (CollabDict 2024, Sec. 5).
  case vae
  /// A mixture of sparse Gaussian graphical models (CollabDict 2024, Sec. 4.3).
  case ggm
}

extension ModelClass {
  /// The round that a participant's state between two rounds is of; `nil` where it does not say.
  public func round(in state: ParticipantState) -> Int? {
    let place =
      switch self {
      case .vae: 3
      case .ggm: 2
      }
    guard let progress = state.shared.doubles["progress"], progress.count > place else {
      return nil
    }
    return Int(exactly: progress[place])
  }

  /// Calls `body` with the type of this class's participants.
  public func withParticipantType<R>(
    _ body: (any FleetParticipant.Type) throws -> R
  ) rethrows -> R {
    switch self {
    case .vae: try body(VAEParticipant.self)
    case .ggm: try body(GGMParticipant.self)
    }
  }
}
