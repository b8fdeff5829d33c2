import MultipartyLearning
import Settings
import Testing

@Suite struct MultipartyConfigurationTests {
  @Test func everySettingIsReadBack() throws {
    var configuration = MultipartyConfiguration()
    configuration.division = .b
    configuration.parts = 2
    configuration.attackerShare = 0.1
    configuration.attackerModel = .randomWeights
    configuration.hasAdmission = false
    configuration.rules.objective = .score
    configuration.seed = .max
    var copy = MultipartyConfiguration()
    for setting in MultipartyConfiguration.settings {
      try copy.set(setting.name, to: setting.get(configuration))
    }
    #expect(copy == configuration)
  }

  @Test(arguments: [
    ("attackers", "0.6", "attackers cannot be 0.6; it is a number from 0.0 to 0.5"),
    ("parts", "1.5", "parts cannot be 1.5; it is a whole number from 1 to 100"),
    ("case", "e", "case cannot be e; it is one of a, b, c, d"),
    ("wrong-clas", "agreement", "there is no setting wrong-clas; did you mean wrong-class?"),
  ])
  func whatCannotBeIsOneLine(name: String, value: String, words: String) {
    var configuration = MultipartyConfiguration()
    let error = #expect(throws: SettingError.self) { try configuration.set(name, to: value) }
    #expect(error.map { "\($0)" } == words)
    #expect(configuration == MultipartyConfiguration())
  }
}
