import CollaborativeLearning
import Datasets
import Randomness

/// Small jobs of the ordered-block protocol.
enum OrderedSamples {
  static var configuration: TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.window = 1
    configuration.rounds = 60
    return configuration
  }

  static var settings: MixtureSettings {
    var settings = MixtureSettings()
    settings.startPatterns = 2
    settings.fewestRows = 4
    return settings
  }

  /// Machines with two states, which each of them is in to another degree.
  static func machines(
    _ count: Int, rows: Int, variables m: Int = 3, seed: UInt64
  ) -> [(name: String, rows: any RowSource)] {
    (0..<count).map { machine in
      let noise = RandomStream(
        seed: seed, participant: UInt32(machine), round: 3, purpose: .syntheticData
      ).normal(rows * m)
      let choices = RandomStream(
        seed: seed, participant: UInt32(machine), round: 2, purpose: .syntheticData
      ).uniform(rows)
      let share = Float(machine + 1) / Float(count + 1)
      var values: [Float] = []
      for r in 0..<rows {
        let isBusy = choices[r] < share
        for i in 0..<m {
          let own = noise[r * m + i]
          let next = noise[r * m + (i + 1) % m]
          values.append(isBusy ? 3 + 0.5 * own + 0.4 * next : 0.7 * own - 0.3 * next)
        }
      }
      return ("machine-\(machine)", MemoryRows(columnCount: m, values: values))
    }
  }
}
