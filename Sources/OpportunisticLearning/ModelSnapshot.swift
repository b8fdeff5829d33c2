import NeuralNetworks

/// A model as it is handed from one device to another: its shape, its parameters, and how much
/// training is in it.
public struct ModelSnapshot: Sendable, Equatable {
  public let architecture: ConvolutionalArchitecture
  /// The flat vector of ``ConvolutionalNetwork``'s parameters.
  public var parameters: [Float]
  /// Steps of training that the model has behind it, the greatest number along any line of its
  /// merged ancestors: the age t of Ormándi, Hegedűs and Jelasity 2013, Algorithm 2.
  public var age: Int

  /// - Precondition: as many parameters as the architecture has.
  public init(_ architecture: ConvolutionalArchitecture, parameters: [Float], age: Int = 0) {
    precondition(
      parameters.count == architecture.parameterCount && age >= 0,
      "\(parameters.count) parameters of age \(age) for a model of \(architecture.parameterCount)")
    self.architecture = architecture
    self.parameters = parameters
    self.age = age
  }

  /// A model before any training. Who starts from the same seed and number starts alike, without
  /// which the average of two models is not a model of anything (McMahan et al. 2017, Sec. 3).
  public init(_ architecture: ConvolutionalArchitecture, seed: UInt64, participant: Int = 0) {
    self.init(
      architecture,
      parameters: architecture.start(seed: seed, participant: UInt32(participant)))
  }
}

extension ModelSnapshot: CustomStringConvertible {
  public var description: String {
    "a model of \(architecture.depth.rawValue) layers, age \(age), parameters from "
      + "\(parameters.min() ?? 0) to \(parameters.max() ?? 0)"
  }
}

/// How a model that came in is merged with that which is there.
public enum MergeRule: String, Sendable, Hashable, CaseIterable {
  /// The mean of both.
  case average
  /// Weighted by their ages: Giaretta and Girdzijauskas 2019, Eq. (2). Two models without an age
  /// are averaged.
  case ageWeighted = "age-weighted"

  /// The share of the model that came in, from 0 to 1.
  public func share(ofAge incoming: Int, mergedInto own: Int) -> Float {
    switch self {
    case .average: 0.5
    case .ageWeighted:
      incoming + own == 0 ? 0.5 : Float(Double(incoming) / (Double(incoming) + Double(own)))
    }
  }

  /// The merged model: own + share · (incoming - own) in each parameter, as old as the older.
  ///
  /// - Precondition: both of the same architecture.
  public func merge(_ incoming: ModelSnapshot, into own: ModelSnapshot) -> ModelSnapshot {
    precondition(
      incoming.architecture == own.architecture,
      "a model of \(incoming.architecture) merged into one of \(own.architecture)")
    let share = share(ofAge: incoming.age, mergedInto: own.age)
    return own.moved(towards: incoming.parameters, by: share, age: max(own.age, incoming.age))
  }
}

extension ModelSnapshot {
  /// The parameters p + share · (target - p).
  func moved(towards target: [Float], by share: Float, age: Int) -> ModelSnapshot {
    var result = self
    for i in result.parameters.indices {
      result.parameters[i] += share * (target[i] - result.parameters[i])
    }
    result.age = age
    return result
  }
}
