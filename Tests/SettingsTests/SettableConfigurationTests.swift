import Settings
import Testing

/// Settings by name and from text.
@Suite struct SettableConfigurationTests {
  struct Kettle: SettableConfiguration, Equatable {
    enum Metal: String, CaseIterable { case steel, copper }

    var cups = 4
    var heat = 0.5
    var metal = Metal.steel
    var whistles = true
    var lid = 1.0
    var spout = 1.0

    static let settings: [Setting<Kettle>] = [
      .number("cups", "how many it holds", 1...12, \.cups),
      .number("heat-share", "of the stove", 0...1, \.heat),
      .choice("metal", "what it is made of", \.metal),
      .flag("whistle", "whether it is loud", \.whistles),
      .number("lid-width", "in hands", 0...2, \.lid),
      .number("spout-width", "in hands", 0...1, \.spout),
    ]

    static var jointNames: KeyValuePairs<String, [String]> {
      ["width": ["lid-width", "spout-width"]]
    }

    func validate() throws(SettingError) {}
  }

  @Test func namesSetWhatTheyStandFor() throws {
    var kettle = Kettle()
    for (name, value) in [
      ("cups", "12"), ("heat_share", "0.25"), ("metal", "copper"), ("whistle", "false"),
      ("lid-width", "0.75"),
    ] {
      try kettle.set(name, to: value)
    }
    var expected = Kettle()
    expected.cups = 12
    expected.heat = 0.25
    expected.metal = .copper
    expected.whistles = false
    expected.lid = 0.75
    #expect(kettle == expected)
  }

  @Test(arguments: [
    ("cups", "13", "cups cannot be 13; it is a whole number from 1 to 12"),
    ("cups", "2.5", "cups cannot be 2.5; it is a whole number from 1 to 12"),
    ("heat_share", "nan", "heat-share cannot be nan; it is a number from 0.0 to 1.0"),
    ("metal", "glass", "metal cannot be glass; it is one of steel, copper"),
    ("whistle", "yes", "whistle cannot be yes; it is true or false"),
    ("meta", "steel", "there is no setting meta; did you mean metal?"),
    ("widht", "1", "there is no setting widht; did you mean width?"),
    (
      "temperature", "90",
      "there is no setting temperature; the settings are cups, heat-share, metal, whistle, "
        + "lid-width, spout-width"
    ),
    // The lid may be that wide, the spout not.
    ("width", "2", "width cannot be 2; it is a number from 0.0 to 1.0"),
  ])
  func whatCannotBeIsOneLineAndChangesNothing(name: String, value: String, words: String) {
    var kettle = Kettle()
    let error = #expect(throws: SettingError.self) { try kettle.set(name, to: value) }
    #expect(error.map { "\($0)" } == words)
    #expect(kettle == Kettle())
  }

  @Test func aJointNameSetsAll() throws {
    var kettle = Kettle()
    try kettle.set("width", to: "0.5")
    #expect(kettle.lid == 0.5 && kettle.spout == 0.5)
  }

  /// What a run leaves behind makes the same configuration again.
  @Test func valuesAreReadBackFromTheirText() throws {
    var kettle = Kettle()
    kettle.cups = 7
    kettle.heat = 0.1 + 0.2
    kettle.metal = .copper
    kettle.whistles = false
    var copy = Kettle()
    for setting in Kettle.settings { try copy.set(setting.name, to: setting.get(kettle)) }
    #expect(copy == kettle)
  }
}
