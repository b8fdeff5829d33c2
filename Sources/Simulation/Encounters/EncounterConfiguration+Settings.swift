import Settings

extension EncounterConfiguration: SettableConfiguration {
  public static let settings: [Setting<EncounterConfiguration>] = [
    .choice("algorithm", "how participants learn from encounters", \.algorithm),
    .choice("distribution", "how images are dealt out", \.distribution),
    .number("participants", "how many there are", 2...1000, \.participants),
    .number(
      "images-each", "images of each participant; 0: all there are", 0...60_000, \.imagesEach),
    .number(
      "validation-share", "of them, the share it judges others by", 0...0.9, \.validationShare),
    .number("test-images", "images that accuracy is measured on; 0: all", 0...60_000, \.testImages),
    .choice("layers", "of the convolutional networks", \.layers),
    .number("rounds", "of encounters", 1...100_000, \.rounds),
    .number("meetings", "of each participant in a round", 1...1000, \.meetings),
    .flag("symmetric", "whether both of a pair learn", \.isSymmetric),
    .number("epochs", "passes over the images in an encounter", 1...1000, \.epochs),
    .number(
      "epochs-alone", "passes over the own images before anybody meets", 0...1000, \.epochsAlone),
    .number("batch-size", "images of a step", 1...4096, \.batchSize),
    .number("learning-rate", "of a step", 1e-6...10, \.learningRate),
    .choice("merge", "how two models become one", \.merge),
    .choice(
      "gossip-judged", "the model that validators judge in gossip learning", \.gossipJudged),
    .number("seed", "of everything that is drawn", 0...UInt64.max, \.seed),
    .number("attackers", "participants that attack", 0...1000, \.attackers),
    .choice("attack", "what they hand over", \.attack),
    .number("noise", "standard deviation of noisy weights", 0...10, \.noise),
    .choice("attacker-votes", "how attackers vote", \.attackerVotes),
    .flag("contract", "whether encounters go through the contract", \.hasContract),
    .choice("metric", "what validators measure", \.metric),
    .number("tolerance", "by how much a model may be worse, τ", 0...1, \.tolerance),
    .number("prepayment", "tokens that a learner prepays", 1...1_000_000, \.prepayment),
    .number("neighbour-share", "the neighbour's share of it", 0...1, \.neighbourShare),
    .number(
      "part-payment-share", "the share that it keeps of an encounter that cannot be judged", 0...1,
      \.partPaymentShare),
    .number(
      "rare-data-bonus", "the share that learners offer on top for rare data", 0...1,
      \.rareDataBonus),
    .number(
      "pair-limit", "encounters of a pair within a window; 0: any number", 0...1_000_000,
      \.pairLimit),
    .number("pair-window", "blocks of the window", 1...1_000_000, \.pairWindow),
    .number(
      "pair-discount", "what the reward of a pair's further encounters within it loses", 0...1,
      \.pairDiscount),
    .number("initial-stake", "tokens that each stakes", 0...1_000_000, \.terms.initialStake),
    .number(
      "stake-threshold", "the stake that neighbours and validators need", 1...1_000_000,
      \.terms.stakeThreshold),
    .flag("learner-stake", "whether learners need it as well", \.terms.learnersNeedStake),
    .number("validators", "drawn for each encounter", 1...1000, \.terms.validators),
    .number("votes", "with which an encounter is settled, V", 1...1000, \.terms.votesRequired),
    .number("waiting-blocks", "the longest wait for votes", 2...1_000_000, \.terms.waitingBlocks),
  ]

  public func validate() throws(SettingError) {
    if attackers > participants {
      throw SettingError(
        "there are \(attackers) attackers among \(participants) participants; lower attackers")
    }
    if hasContract && terms.validators > participants - 2 {
      throw SettingError(
        "\(terms.validators) validators beside a learner and a neighbour are more than "
          + "\(participants) participants; lower validators")
    }
    if algorithm == .gossip && layers == .mixed {
      throw SettingError(
        "gossip learning averages models, which need one shape; choose layers 6, 10 or 14")
    }
    // All start alike, and the contract takes no report of the learner's own model.
    if hasContract && algorithm == .gossip && epochsAlone == 0 {
      throw SettingError(
        "participants that have not trained hand over one and the same model in gossip learning; "
          + "raise epochs-alone")
    }
    if hasContract, let problem = agreedTerms.problem { throw SettingError(problem) }
  }
}
