import Incentives
import Ledger
import Testing

@Suite struct SharingConservationTests {
  /// Numbers that only have to be many: SplitMix64.
  struct Numbers {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return Int((z ^ z >> 31) % UInt64(bound))
    }
  }

  /// 100,000 calls of six callers, who claim twice, report themselves, replay, offer what they do not
  /// have and ask for what was never there; clocks stand still and jump.
  @Test(arguments: [SharingRules.Lock.deposit, .cost])
  func tokensAreConservedWhateverIsCalled(lock: SharingRules.Lock) throws {
    let callers = (0..<6).map { AccountAddress(contract: "caller \($0)") }
    let treasury = AccountAddress(contract: "treasury")
    var tokens = TokenAccounts(supply: 1_000_000, treasury: treasury)
    for caller in callers { try tokens.transfer(100_000, from: treasury, to: caller) }
    var rules = SharingRules()
    rules.token = 3
    rules.costWeight = 7
    rules.lock = lock
    rules.entropyWeight = 100
    rules.storageLimit = 10_000
    var contract = SharingContract(LastLabels(), rules: rules, time: 0, firstEscrow: 1 << 40)
    var numbers = Numbers(state: 11)
    var now: UInt64 = 0
    var (accepted, refused, faults) = (0, 0, 0)
    var (paid, locked): (UInt64, UInt64) = (0, 0)
    for turn in 0..<100_000 {
      if numbers.next(below: 20) == 0 { now += UInt64(numbers.next(below: 40_000_000)) }
      let caller = callers[numbers.next(below: callers.count)]
      // Mostly one that is there, sometimes one that is settled or was never added.
      let about = UInt64(
        max(0, Int(contract.sampleCount) + 5 - numbers.next(below: 120)))
      let call: SharingCall<Int, Bool> =
        switch numbers.next(below: 8) {
        case 0, 1:
          .add(
            numbers.next(below: 3000), numbers.next(below: 2) == 0,
            deposit: [0, 1, 50, 2000, 99_999, .max][numbers.next(below: 6)])
        case 2, 3: .refund(about)
        case 4, 5: .report(about)
        case 6: .takeRest(about)
        default: .refund(.max)
        }
      let before = tokens
      let (count, good) = (contract.sampleCount, contract.goodCount)
      do {
        for event in try contract.perform(
          call, by: caller, in: CallContext(height: 1, time: now, entropy: Block.origin), &tokens)
        {
          switch event {
          case .added(_, _, let cost, let amount):
            locked += amount
            if amount < cost { faults += 1 }
          case .refunded(_, _, let amount), .reported(_, _, let amount),
            .restTaken(_, _, let amount):
            paid += amount
          }
        }
        accepted += 1
      } catch {
        refused += 1
        if tokens != before || contract.sampleCount != count || contract.goodCount != good {
          faults += 1
        }
      }
      _ = tokens.takeEvents()
      // The whole sum now and then; each call changes no more than two holdings, by events.
      if turn % 50 == 0 || turn > 99_900 {
        #expect(tokens.total == tokens.supply)
        #expect(tokens.totals.escrows == locked - paid)
        #expect(
          contract.unsettled.reduce(0) { $0 + (contract.deposit(of: $1)?.left ?? 0) }
            == locked - paid)
        #expect(contract.storedBytes == 100 * UInt64(contract.unsettled.count))
      }
    }
    #expect(faults == 0)
    // Both kinds happen, or nothing was tested.
    #expect(accepted > 2000 && refused > 20_000, "\(accepted) and \(refused)")
  }
}
