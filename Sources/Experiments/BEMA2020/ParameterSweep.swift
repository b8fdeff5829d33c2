import MultipartyLearning

/// One parameter at a time, the others at their defaults: case D with ten parties, without an attack
/// and with the worst, measured on held-out training images. The test images chose nothing.
public struct ParameterSweep: Sendable {
  public var parameters = SweptParameter.allCases
  public var shares = [0, 0.5]
  public var seeds: [UInt64] = [1]
  public var plan = CalibrationPlan()
  public var training = LocalTraining()

  public init() {}

  /// How many of the last training images are held out.
  public static let heldOut = 10_000

  /// The iteration whose accuracy tells how fast it rises.
  public static let early = 5

  public func cell(
    _ parameter: SweptParameter, _ value: Double, share: Double, seed: UInt64
  ) -> CalibrationCell {
    var cell = standard(share: share, seed: seed)
    parameter.set(value, in: &cell)
    return cell
  }

  private func standard(share: Double, seed: UInt64) -> CalibrationCell {
    var division = PartyDivision(parties: 10, seed: seed)
    division.training = training
    var plan = plan
    plan.bogusShare = share
    plan.bogusClass = .strongest
    return CalibrationCell(.bema, division, plan)
  }

  /// Whether a value is the default.
  public func isDefault(_ parameter: SweptParameter, _ value: Double) -> Bool {
    let standard = standard(share: 0, seed: 1)
    return cell(parameter, value, share: 0, seed: 1) == standard
  }

  /// What a run of the sweep has other than the defaults, for people: `nil` if nothing.
  public func variation(_ cell: CalibrationCell) -> String? {
    for parameter in parameters {
      for value in parameter.values where !isDefault(parameter, value) {
        let varied = self.cell(
          parameter, value, share: cell.plan.bogusShare, seed: cell.division.seed)
        if varied == cell { return "\(parameter.title) \(SweepReport.label(value))" }
      }
    }
    return nil
  }

  /// All runs; those at the defaults, which all parameters share, first.
  public var cells: [CalibrationCell] {
    let standard = seeds.flatMap { seed in shares.map { self.standard(share: $0, seed: seed) } }
    return standard
      + parameters.flatMap { parameter in
        seeds.flatMap { seed in
          parameter.values.flatMap { value in
            shares.map { cell(parameter, value, share: $0, seed: seed) }
          }
        }
      }
  }

  public func report(of record: CalibrationRecord) -> SweepReport {
    SweepReport(plan: self, record: record)
  }
}
