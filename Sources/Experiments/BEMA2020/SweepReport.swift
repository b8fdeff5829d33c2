import MultipartyLearning

/// How accuracy and the number of applied messages follow the parameters.
public struct SweepReport: ExperimentReport {
  let plan: ParameterSweep
  let record: CalibrationRecord

  public let name = "bema-sweeps"

  public func curves(
    _ parameter: SweptParameter, _ value: Double, share: Double
  ) -> [CalibrationCurve] {
    plan.seeds.compactMap { record[plan.cell(parameter, value, share: share, seed: $0)] }
  }

  /// Values of which something has run.
  func values(_ parameter: SweptParameter) -> [Double] {
    parameter.values.filter { value in
      plan.shares.contains { !curves(parameter, value, share: $0).isEmpty }
    }
  }

  static func label(_ value: Double) -> String {
    value == value.rounded() ? String(Int(value)) : String(value)
  }

  public var table: (header: [String], rows: [[String]]) {
    let rows = plan.parameters.flatMap { parameter in
      values(parameter).map { value -> [String] in
        let mark = plan.isDefault(parameter, value) ? " (default)" : ""
        return ["\(parameter.title): \(Self.label(value))\(mark)"]
          + plan.shares.flatMap { share -> [String] in
            let curves = curves(parameter, value, share: share)
            return [
              ReportNumber.text(curves.compactMap { $0.accuracy(after: ParameterSweep.early) }),
              ReportNumber.text(curves.map(\.after)),
              ReportNumber.text(
                curves.map { Double($0.last.messages.validHonest) }, decimals: 0),
              ReportNumber.text(curves.map { Double($0.last.messages.validBogus) }, decimals: 0),
            ]
          }
      }
    }
    let header = plan.shares.flatMap { share -> [String] in
      let percent = ReportNumber.percent(share)
      return [
        "\(percent): after \(ParameterSweep.early)", "\(percent): at the end",
        "\(percent): honest", "\(percent): bogus",
      ]
    }
    return (["parameter"] + header, rows)
  }

  public var remarks: [String] {
    var remarks = [
      "accuracy on \(ParameterSweep.heldOut) held-out training images after "
        + "\(ParameterSweep.early) and after \(plan.plan.iterations) iterations of "
        + "\(plan.plan.messages) messages, of which such a share is bogus, with the strongest wrong "
        + "class; and how many messages of each kind were applied",
      plan.seeds.count == 1
        ? "one seed" : "mean ± standard deviation over \(plan.seeds.count) seeds",
    ]
    for parameter in plan.parameters {
      guard let published = parameter.published, let measured = ends(parameter) else { continue }
      remarks.append("\(published); measured: \(measured)")
    }
    let missing = Set(plan.cells.filter { record[$0] == nil }).count
    if missing > 0 { remarks.append("\(missing) runs are missing") }
    return remarks
  }

  /// What changes from the least value to the greatest.
  private func ends(_ parameter: SweptParameter) -> String? {
    let values = values(parameter)
    guard let first = values.first, let last = values.last, first < last else { return nil }
    let parts = plan.shares.compactMap { share -> String? in
      let (low, high) = (
        curves(parameter, first, share: share), curves(parameter, last, share: share)
      )
      guard !low.isEmpty, !high.isEmpty else { return nil }
      func pair(_ decimals: Int, _ figure: (CalibrationCurve) -> Double) -> String {
        ReportNumber.text([low.map(figure).mean], decimals: decimals) + " → "
          + ReportNumber.text([high.map(figure).mean], decimals: decimals)
      }
      let early = pair(4) { $0.accuracy(after: ParameterSweep.early) ?? $0.after }
      let honest = pair(0) { Double($0.last.messages.validHonest) }
      let bogus = pair(0) { Double($0.last.messages.validBogus) }
      return "at \(ReportNumber.percent(share)) bogus, accuracy after "
        + "\(ParameterSweep.early) iterations \(early), at the end \(pair(4, \.after)), honest "
        + "messages applied \(honest), bogus ones \(bogus)"
    }
    guard !parts.isEmpty else { return nil }
    return "\(parameter.rawValue) \(Self.label(first)) → \(Self.label(last)): "
      + parts.joined(separator: "; ")
  }

  public var sheet: ReportSheet {
    var sheet = ReportSheet(
      texts: ["parameter"],
      columns: ["value", "is_default", "bogus_share", "seed", "early"] + ReportSheet.runColumns)
    for parameter in plan.parameters {
      for value in parameter.values {
        for share in plan.shares {
          for seed in plan.seeds {
            guard let curve = record[plan.cell(parameter, value, share: share, seed: seed)]
            else { continue }
            sheet.lines.append(
              .init(
                [parameter.rawValue],
                [
                  value, plan.isDefault(parameter, value) ? 1 : 0, share, Double(seed),
                  curve.accuracy(after: ParameterSweep.early) ?? .nan,
                ] + ReportSheet.runNumbers(curve), curve))
          }
        }
      }
    }
    return sheet
  }
}
