import Incentives
import Testing

/// Cases 1 to 5 of Yu et al. 2023, Step 8, in numbers computed by hand.
@Suite struct EncounterAwardTests {
  func award(
    _ prepayment: TokenAmount, yes: Int, no: Int, unrevealed: Int = 0, share: UInt64 = 700
  ) -> EncounterAward {
    EncounterAward(
      prepayment: prepayment, neighbourShare: share, yes: yes, no: no, unrevealed: unrevealed)
  }

  func division(
    _ neighbour: TokenAmount, learner: TokenAmount, validator: TokenAmount, winners: UInt64
  ) -> EncounterAward.Division {
    EncounterAward.Division(
      neighbour: neighbour, learner: learner, validator: validator, winners: winners)
  }

  @Test func case1WithoutVotes() {
    let award = award(10, yes: 0, no: 0)
    #expect(award.votes == .noVotes && award.isAccepted)
    #expect(award.neighbourPenalty == 0 && award.validatorPenalty == 0)
    #expect(award.division(penalties: 0) == division(10, learner: 0, validator: 0, winners: 0))
  }

  @Test func case2AllYes() {
    let award = award(10, yes: 3, no: 0)
    #expect(award.votes == .allYes && award.neighbourPenalty == 0 && award.validatorPenalty == 0)
    #expect(award.division(penalties: 0) == division(7, learner: 0, validator: 1, winners: 3))
    // 0.7 x 101 = 70, 31 for three validators: 10 each, and one more for the neighbour.
    #expect(
      self.award(101, yes: 3, no: 0).division(penalties: 0)
        == division(71, learner: 0, validator: 10, winners: 3))
  }

  @Test func case3AllNo() {
    let award = award(10, yes: 0, no: 3)
    #expect(award.votes == .allNo && !award.isAccepted)
    #expect(award.neighbourPenalty == 10 && award.validatorPenalty == 0)
    // 10 for three: 3 each, and one more for the learner, who has the prepayment back.
    #expect(award.division(penalties: 10) == division(0, learner: 11, validator: 3, winners: 3))
    // The stake had only 4.
    #expect(award.division(penalties: 4) == division(0, learner: 11, validator: 1, winners: 3))
  }

  @Test func case4MostlyYes() {
    // p_r^v r = 30; r_v^f = -30 / 3; r_v^t = (30 + 10) / 2.
    let award = award(100, yes: 2, no: 1)
    #expect(award.votes == .mostlyYes && award.validatorPenalty == 10)
    #expect(award.isRight(true) && !award.isRight(false))
    #expect(award.division(penalties: 10) == division(70, learner: 0, validator: 20, winners: 2))
    // A tie is a yes: 10 / 2 = 5 of a validators' share of 11, and 16 for one.
    let tie = self.award(37, yes: 1, no: 1)
    #expect(tie.votes == .mostlyYes && tie.validatorPenalty == 6)
    #expect(tie.division(penalties: 6) == division(25, learner: 0, validator: 18, winners: 1))
  }

  @Test func case5MostlyNo() {
    // r_v^t = -100 / 3; r_v^f = (100 + 33) / 2 = 66, and one token for the learner.
    let award = award(100, yes: 1, no: 2)
    #expect(award.votes == .mostlyNo && award.neighbourPenalty == 100)
    #expect(award.validatorPenalty == 33 && award.isRight(false))
    #expect(
      award.division(penalties: 133) == division(0, learner: 101, validator: 66, winners: 2))
  }

  @Test func unrevealedVotesCostAsMuchAsWrongOnes() {
    // Two said yes, and one is silent: as in case 4.
    let yes = award(100, yes: 2, no: 0, unrevealed: 1)
    #expect(yes.votes == .allYes && yes.validatorPenalty == 10)
    #expect(yes.division(penalties: 10) == division(70, learner: 0, validator: 20, winners: 2))
    // As in case 5.
    let no = award(100, yes: 0, no: 2, unrevealed: 1)
    #expect(no.votes == .allNo && no.validatorPenalty == 33)
    #expect(no.division(penalties: 133) == division(0, learner: 101, validator: 66, winners: 2))
    // Nobody revealed anything: the learner has what they lose.
    let none = award(100, yes: 0, no: 0, unrevealed: 2)
    #expect(none.votes == .noVotes && none.validatorPenalty == 15)
    #expect(none.division(penalties: 30) == division(100, learner: 30, validator: 0, winners: 0))
  }

  /// Whatever the numbers: what is divided is what is there.
  @Test func nothingAppearsOrDisappears() {
    for prepayment in [1, 2, 3, 7, 10, 999, 1_000_003, .max / 4] as [TokenAmount] {
      for share in [0, 1, 333, 700, 1000] as [UInt64] {
        for votes in 0..<216 {
          let (yes, no, unrevealed) = (votes % 6, votes / 6 % 6, votes / 36)
          let award = award(
            prepayment, yes: yes, no: no, unrevealed: unrevealed, share: share)
          let wrong = UInt64((award.isAccepted ? no : yes) + unrevealed)
          let penalties = award.neighbourPenalty + wrong * award.validatorPenalty
          for taken in [penalties, penalties / 2, 0] {
            let parts = award.division(penalties: taken)
            let out = parts.neighbour + parts.learner + parts.winners * parts.validator
            #expect(out == prepayment + taken)
            #expect(parts.winners == 0 || parts.winners == UInt64(award.isAccepted ? yes : no))
          }
          // What is locked covers it (the validators' share, or half).
          let (whole, rest) = prepayment.quotientAndRemainder(dividingBy: 1000)
          let pot = prepayment - whole * share - rest * share / 1000
          #expect(award.validatorPenalty <= max(pot, prepayment / 2))
        }
      }
    }
  }
}
