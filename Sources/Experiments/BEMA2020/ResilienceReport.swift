import MultipartyLearning

/// Table I of Wang et al. 2020 as measured, the published figures beside.
public struct ResilienceReport: ExperimentReport {
  let plan: ResilienceTable
  let record: CalibrationRecord

  public let name = "bema-table-1"

  /// What the seeds came to.
  public func curves(
    _ system: ResilienceTable.System, parties: Int, share: Double
  ) -> [CalibrationCurve] {
    plan.seeds.compactMap { seed in
      plan.cell(system, parties: parties, share: share, seed: seed).flatMap { record[$0] }
    }
  }

  private func published(
    _ system: MultipartySystem, _ parties: Int
  ) -> (title: String, values: [Double?]) {
    (
      "\(system == .bema ? "BEMA" : "HMR"), published",
      plan.shares.map { ResilienceTable.published(system, parties: parties, share: $0) }
    )
  }

  /// The systems that have run with so many parties.
  private func systems(_ parties: Int) -> [ResilienceTable.System] {
    plan.systems.filter { system in
      plan.shares.contains { !curves(system, parties: parties, share: $0).isEmpty }
    }
  }

  public var table: (header: [String], rows: [[String]]) {
    let rows = plan.parties.flatMap { parties -> [[String]] in
      let own = systems(parties).map { system in
        let curves = plan.shares.map { self.curves(system, parties: parties, share: $0) }
        let before = curves.first { !$0.isEmpty }?.map(\.before) ?? []
        return ["\(parties): \(system.title)", ReportNumber.text(before)]
          + curves.map { ReportNumber.text($0.map(\.after)) }
      }
      let others = [MultipartySystem.bema, .hmr].map { published($0, parties) }.filter {
        $0.values.contains { $0 != nil }
      }
      return own
        + others.map { title, values in
          ["\(parties): \(title)", "-"] + values.map { ReportNumber.text($0.map { [$0] } ?? []) }
        }
    }
    return (["parties: system", "before"] + plan.shares.map(ReportNumber.percent), rows)
  }

  public var remarks: [String] {
    var remarks = [
      "accuracy on the test images after \(plan.plan.iterations) iterations of "
        + "\(plan.plan.messages) messages, of which such a share is bogus; before: of the models as "
        + "their parties trained them, by the system's own predictor",
      plan.seeds.count == 1
        ? "one seed" : "mean ± standard deviation over \(plan.seeds.count) seeds",
      "published: Wang et al. 2020, Table I, whose split of the images is lost",
    ]
    if plan.systems.contains(.hmrSoftmax) {
      remarks.append(
        "HMR with softmax scores: over a party's own classes, as its authors have it; HMR: with the "
          + "same further logit of zero as BEMA")
    }
    if plan.systems.contains(.literal) {
      remarks.append(
        "to the letter: softmax scores over a party's own classes, Eqs. (7) and (11) to (14) as "
          + "printed; one seed")
    }
    let missing = Set(plan.cells.filter { record[$0] == nil }).count
    if missing > 0 { remarks.append("\(missing) runs are missing") }
    return remarks
  }

  public var sheet: ReportSheet {
    var sheet = ReportSheet(
      texts: ["system"], columns: ["parties", "bogus_share", "seed"] + ReportSheet.runColumns)
    for parties in plan.parties {
      for system in plan.systems {
        for share in plan.shares {
          for seed in plan.seeds {
            guard let cell = plan.cell(system, parties: parties, share: share, seed: seed),
              let curve = record[cell]
            else { continue }
            sheet.lines.append(
              .init(
                [system.rawValue],
                [Double(parties), share, Double(seed)] + ReportSheet.runNumbers(curve), curve))
          }
        }
      }
      for system in [MultipartySystem.bema, .hmr] {
        for (share, value) in zip(plan.shares, published(system, parties).values) {
          guard let value else { continue }
          var numbers = ReportSheet.runColumns.map { _ in Double.nan }
          numbers[1] = value
          sheet.lines.append(
            .init(["\(system.rawValue)-published"], [Double(parties), share, .nan] + numbers))
        }
      }
    }
    return sheet
  }

  public var charts: [(name: String, chart: any Drawing)] {
    plan.parties.flatMap { parties -> [(name: String, chart: any Drawing)] in
      let lines = plan.shares.compactMap { share in
        convergence(parties, share).map {
          ("\(parties)-parties-\(Int((100 * share).rounded()))", $0 as any Drawing)
        }
      }
      return lines + (summary(parties).map { [("\(parties)-parties", $0)] } ?? [])
    }
  }

  /// Accuracy over the iterations.
  private func convergence(_ parties: Int, _ share: Double) -> LineChart? {
    let series = plan.systems.compactMap {
      LineChart.Series.accuracy($0.title, curves($0, parties: parties, share: share))
    }
    guard !series.isEmpty else { return nil }
    var chart = LineChart(
      title: "\(parties) parties, \(ReportNumber.percent(share)) of the messages bogus",
      x: Axis("iteration"), y: Axis("accuracy on test images"), series: series)
    chart.subtitle =
      "\(plan.plan.messages) messages an iteration; \(plan.seeds.count) seed"
      + (plan.seeds.count == 1 ? "" : "s: mean and standard deviation")
    chart.size = Size(700, 440)
    return chart
  }

  /// Accuracy at the end over the share of bogus messages, the published beside.
  private func summary(_ parties: Int) -> BarChart? {
    let systems = systems(parties)
    guard !systems.isEmpty else { return nil }
    var chart = BarChart(
      title: "\(parties) parties: accuracy after \(plan.plan.iterations) iterations",
      y: Axis("accuracy on test images", range: 0...1.04),
      categories: plan.shares.map { ReportNumber.percent($0) + " bogus" },
      series: systems.map { system in
        let values = plan.shares.map {
          curves(system, parties: parties, share: $0).map(\.after)
        }
        return BarChart.Series(
          system.title, values.map { $0.isEmpty ? nil : $0.mean },
          errors: values.map { $0.isEmpty ? 0 : $0.deviation })
      }
        + [MultipartySystem.bema, .hmr].map { published($0, parties) }.map {
          BarChart.Series($0.title, $0.values)
        })
    chart.size = Size(980, 460)
    return chart
  }
}
