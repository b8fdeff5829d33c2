import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import LinearAlgebra
import Metrics
import Storage

let root = ProcessInfo.processInfo.environment["COLLABDICT_DATA"] ?? "../shared/datasets"

struct Series {
  var name: String
  var train: any RowSource
  var test: any RowSource
  var labels: [Bool]
}

func h5(_ n: String) throws -> [Series] {
  try SensorFleet(readingHDF5: "\(root)/\(n).h5").participants.compactMap {
    guard let a = $0.train, let b = $0.test, let l = $0.testLabels else { return nil }
    return Series(name: $0.name, train: a, test: b, labels: l)
  }
}
func skab() throws -> [Series] {
  try (0..<16).map { i in
    var o = CSVOptions()
    o.textColumns = ["datetime"]
    let t = try CSVTable(path: "\(root)/skab/valve1/\(i).csv", options: o)
    let keep = t.columns.indices.filter { !["anomaly", "changepoint"].contains(t.columns[$0]) }
    let y = t.columns.firstIndex(of: "anomaly")!
    var v: [Float] = []
    var l: [Bool] = []
    for r in 0..<t.rowCount {
      let row = t[row: r]
      for k in keep { v.append(Float(row[row.startIndex + k])) }
      l.append(row[row.startIndex + y] == 1)
    }
    let m = keep.count
    return Series(
      name: "\(i)", train: MemoryRows(columnCount: m, values: Array(v[0..<400 * m])),
      test: MemoryRows(columnCount: m, values: Array(v[(400 * m)...])), labels: Array(l[400...]))
  }
}
func adb() throws -> [Series] {
  let f = try HDF5File(reading: "\(root)/adbench.h5")
  return try ["annthyroid", "cardio", "mammography", "satellite", "shuttle", "thyroid"].map { n in
    let x = try f.read("/\(n)/values", as: Float.self)
    let y = try f.read("/\(n)/labels", as: Double.self)
    let m = x.count / y.count
    let normal = y.indices.filter { y[$0] == 0 }
    var tr: [Float] = []
    var te: [Float] = []
    var l: [Bool] = []
    let cut = Set(normal.prefix(normal.count / 2))
    for r in y.indices {
      let row = x[r * m..<(r + 1) * m]
      if cut.contains(r) {
        tr += row
      } else {
        te += row
        l.append(y[r] == 1)
      }
    }
    return Series(
      name: n, train: MemoryRows(columnCount: m, values: tr),
      test: MemoryRows(columnCount: m, values: te), labels: l)
  }
}
func cut(_ s: Series, _ n: Int?) -> Series {
  guard let n else { return s }
  var c = s
  c.train = SelectedRows(s.train, parts: [0..<min(n, s.train.rowCount)])
  return c
}
func train(_ s: [Series], _ c: TrainingConfiguration) throws -> DetectorModel {
  let t = try FleetTraining(
    SensorFleet(participants: s.map { ParticipantData(name: $0.name, train: $0.train) }), c,
    threads: 2)
  try t.run()
  return try t.model()
}
func mean(_ x: [Double]) -> Double { x.reduce(0, +) / Double(x.count) }
func f(_ x: Double) -> String { String(format: "%.4f", x) }
enum M { case auroc, auprc }
func metric(_ m: M, _ s: [Double], _ l: [Bool]) -> Double {
  let c = RankingCurve(scores: s, labels: l)
  return (m == .auroc ? c.areaUnderROC : c.averagePrecision) ?? .nan
}

var base = TrainingConfiguration()
for a in CommandLine.arguments.dropFirst(2) {
  let kv = a.split(separator: "=").map(String.init)
  switch kv[0] {
  case "rounds": base.rounds = Int(kv[1])!
  case "lr": base.learningRate = Float(kv[1])!
  case "hidden": base.hidden = kv[1].split(separator: ",").map { Int($0)! }
  case "k": base.scoring.smoothing = Int(kv[1])!
  case "w": base.window = Int(kv[1])!
  case "wp": base.scoring.predictionWeight = Double(kv[1])!
  case "nup": base.scoring.predictionObservation = .studentT(degreesOfFreedom: Float(kv[1])!)
  case "seed": base.seed = UInt64(kv[1])!
  case "J": base.scoring.draws = Int(kv[1])!
  case "scale": base.scale = .init(rawValue: kv[1])!
  case "linear": base.linearPath = kv[1] == "1"
  case "latent": base.latent = Int(kv[1])!
  case "act": base.activation = kv[1] == "relu" ? .relu : .tanh
  case "obs": base.observation = kv[1] == "t" ? .studentT(degreesOfFreedom: 50) : .gaussian
  case "vi": base.validationInterval = Int(kv[1])!
  case "patience": base.patience = Int(kv[1])!
  case "batch": base.batchSize = Int(kv[1])!
  default: exit(2)
  }
}
let which = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "tksa d"
let t0 = Date()
func note(_ m: DetectorModel) -> String {
  "d=\(m.architecture.latent) active=\(m.collapse.activeUnits) gain=\(f(m.collapse.gainOverStart)) rho=\(f(m.collapse.correlationWithNorm)) t=\(f(-t0.timeIntervalSinceNow))"
}
if which.contains("t") {
  let fleet = try SensorFleet(readingHDF5: "\(root)/tep.h5")
  let n = fleet["normal"]!
  for single in [true, false] {
    var c = base
    if single {
      c.window = 1
      c.scoring.smoothing = 1
    }
    let m = try train([Series(name: "normal", train: n.train!, test: n.test!, labels: [])], c)
    for state in [DetectorModel.State.start, .trained] {
      var s = m.scorer(for: m.participants[0], state)
      let th = try s.scores(of: n.test!).sorted()[960 - 10]
      var mdr: [Double] = []
      for p in fleet.participants where p.name.hasPrefix("fault") {
        let x = try s.scores(of: p.test!)[160...]
        mdr.append(Double(x.count { $0 <= th }) / 800)
      }
      let cal = m.threshold(for: m.participants[0])
      let far = Double(try s.scores(of: n.test!).count { $0 > cal }) / 960
      print("TEP", single ? "single" : "default", state, f(mean(mdr)), "FAR", f(far), note(m))
    }
    var mh = try MahalanobisScorer(
      training: n.train!, window: c.window, smoothing: c.scoring.smoothing)!
    let th = try mh.scores(of: n.test!).sorted()[950]
    print(
      "   maha",
      f(
        mean(
          try fleet.participants.filter { $0.name.hasPrefix("fault") }.map {
            Double(try mh.scores(of: $0.test!)[160...].count { $0 <= th }) / 800
          })))
  }
}
for (key, name, met, few) in [
  ("k", "skab", M.auroc, 80), ("s", "smd", .auprc, 500), ("a", "asd", .auprc, 500),
] where which.contains(key) {
  let all = name == "skab" ? try skab() : try h5(name)
  for n in [nil, few] {
    let ss = all.map { cut($0, n) }
    let m = try train(ss, base)
    var tog: [Double] = []
    var st: [Double] = []
    var alo: [Double] = []
    var mh: [Double] = []
    var counts = ConfusionCounts.zero
    for (i, s) in ss.enumerated() {
      var sc = m.scorer(for: m.participants[i])
      let x = try sc.scores(of: s.test)
      tog.append(metric(met, x, s.labels))
      let th = m.threshold(for: m.participants[i])
      counts += ConfusionCounts(alarms: x.map { $0 > th }, labels: s.labels)
      var b = m.scorer(for: m.participants[i], .start)
      st.append(metric(met, try b.scores(of: s.test), s.labels))
      let am = try train([s], base)
      var a = am.scorer(for: am.participants[0])
      alo.append(metric(met, try a.scores(of: s.test), s.labels))
      var h = try MahalanobisScorer(
        training: s.train, window: base.window, smoothing: base.scoring.smoothing)!
      mh.append(metric(met, try h.scores(of: s.test), s.labels))
    }
    print(
      name, n ?? "all", "together", f(mean(tog)), "start", f(mean(st)), "alone", f(mean(alo)),
      "better", zip(tog, alo).count { $0 > $1 }, "of", tog.count, "maha", f(mean(mh)), "F1",
      f(counts.f1 ?? 0), "FAR", f(counts.falseAlarmRate ?? 0), note(m))
  }
}
if which.contains("d") {
  var c = base
  c.window = 1
  c.scoring.smoothing = 1
  for s in try adb() {
    let m = try train([s], c)
    var sc = m.scorer(for: m.participants[0])
    var b = m.scorer(for: m.participants[0], .start)
    var mh = try MahalanobisScorer(training: s.train, window: 1, smoothing: 1)!
    print(
      "adb", s.name, "trained", f(metric(.auroc, try sc.scores(of: s.test), s.labels)), "start",
      f(metric(.auroc, try b.scores(of: s.test), s.labels)), "maha",
      f(metric(.auroc, try mh.scores(of: s.test), s.labels)), note(m))
  }
}
