import CollaborativeLearning
import Foundation
import OpportunisticLearning
import Settings
import Simulation
import Storage

/// What commands about learning from encounters share.
enum EncounterArguments {
  /// Reads images and a contact trace, and deals the images out.
  static func simulation(
    _ configuration: EncounterConfiguration, _ arguments: Arguments, data path: String
  ) throws -> EncounterSimulation {
    let threads =
      try arguments.integer("threads", 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
    let images = try ImageFile(reading: path)
    var contacts: ContactTrace?
    if let trace = arguments["trace"] {
      guard let data = FileManager.default.contents(atPath: trace) else {
        throw FileError(
          path: trace, cause: ConfigurationError("there is no such file; check the name"))
      }
      do {
        contacts = try ContactTrace(
          parsing: String(decoding: data, as: UTF8.self), participants: configuration.participants)
      } catch {
        throw FileError(path: trace, cause: error)
      }
    }
    do {
      return try EncounterSimulation(
        configuration, train: images.train, test: images.test, contacts: contacts,
        threads: threads)
    } catch let error as SettingError {
      throw UsageError("\(error)")
    } catch {
      throw FileError(path: path, cause: error)
    }
  }
}
