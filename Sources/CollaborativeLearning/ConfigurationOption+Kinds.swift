import NeuralNetworks
import Settings
import VariationalInference

// The kinds of settings: how each is read from text and written to it.

func option(
  _ name: String, _ help: String, _ values: String,
  _ get: @escaping @Sendable (TrainingConfiguration) -> String,
  _ set: @escaping @Sendable (inout TrainingConfiguration, String) -> Bool
) -> ConfigurationOption {
  ConfigurationOption(Setting(name: name, help: help, values: values, get: get, set: set))
}

typealias Path<T> = Setting<TrainingConfiguration>.Path<T>

func number<T: LosslessStringConvertible & Comparable & Sendable>(
  _ name: String, _ help: String, _ range: ClosedRange<T>, _ path: Path<T>
) -> ConfigurationOption {
  ConfigurationOption(.number(name, help, range, path))
}

func boolean(_ name: String, _ help: String, _ path: Path<Bool>) -> ConfigurationOption {
  ConfigurationOption(.flag(name, help, path))
}

/// A number that need not be given.
///
/// - Parameter absent: the word for none.
func automatic(
  _ name: String, _ help: String, _ range: ClosedRange<Double>, _ path: Path<Double?>,
  absent: String = "auto"
) -> ConfigurationOption {
  option(
    name, help, "\(absent), or a number from \(range.lowerBound) to \(range.upperBound)",
    { $0[keyPath: path].map { String($0) } ?? absent },
    { configuration, text in
      if text == absent {
        configuration[keyPath: path] = nil
        return true
      }
      guard let value = Double(text), range.contains(value) else { return false }
      configuration[keyPath: path] = value
      return true
    })
}

func cases<T: RawRepresentable & CaseIterable & Sendable>(
  _ name: String, _ help: String, _ path: Path<T>
) -> ConfigurationOption where T.RawValue == String {
  option(
    name, help, T.allCases.map(\.rawValue).joined(separator: " or "),
    { $0[keyPath: path].rawValue },
    { configuration, text in
      guard let value = T(rawValue: text) else { return false }
      configuration[keyPath: path] = value
      return true
    })
}

func observationModel(
  _ name: String, _ help: String, _ path: Path<ObservationModel>
) -> ConfigurationOption {
  option(
    name, help, "gaussian, or student-t(ν) with ν from 0.5 to 100000, as in student-t(50)",
    { $0[keyPath: path].description },
    { configuration, text in
      guard let value = ObservationModel(text) else { return false }
      configuration[keyPath: path] = value
      return true
    })
}

extension OptimisationRule {
  var name: String {
    switch self {
    case .stochasticGradientDescent: "sgd"
    case .adam: "adam"
    case .adamW: "adamw"
    }
  }
}

extension LearningRateSchedule {
  var name: String {
    switch self {
    case .constant: "constant"
    case .cosine: "cosine"
    case .warmUp: "warm-up"
    case .stepDecay: "step-decay"
    }
  }
}
