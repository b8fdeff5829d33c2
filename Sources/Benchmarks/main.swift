import AutomaticDifferentiation
import LinearAlgebra
import NeuralNetworks
import Randomness
import Tensors
import VariationalInference

func step(_ batch: Int) {
  let arch = VAEArchitecture(features: 38, hidden: [128], latent: 8, linearPath: false, scale: .network)
  var eb = ParameterBuilder(seed: 1)
  let enc = Encoder(arch, in: &eb)
  var db = ParameterBuilder(seed: 2)
  let dec = Decoder(arch, in: &db)
  let tape = GradientTape()
  let phi = tape.addParameters(eb.layout, values: eb.values)
  let theta = tape.addParameters(db.layout, values: db.values)
  var oe = Optimiser(.adam(), count: eb.layout.count)
  var od = Optimiser(.adam(), count: db.layout.count)
  let data = RandomStream(seed: 3, purpose: .syntheticData).normal(batch * 38)
  let clock = ContinuousClock()
  var times: [Double] = []
  var last: Float = 0
  for it in 0..<2000 {
    let t = clock.measure {
      tape.reset()
      let x = tape.constant(Shape(batch, 38)) { o in for i in 0..<o.count { o[i] = data[i] } }
      let noise = tape.constant(Shape(batch, 8)) {
        RandomStream(seed: 5, round: UInt32(it), purpose: .latentNoise).fillNormal(&$0) }
      let elbo = EvidenceLowerBound(enc, phi, dec, theta, x: x, target: x, noise: noise, beta: 1, weight: 1 / Float(batch), on: tape)
      tape.backward(from: elbo.loss)
      oe.step(phi, on: tape, learningRate: 1e-3)
      od.step(theta, on: tape, learningRate: 1e-3)
      last = tape.scalar(elbo.loss)
    }
    times.append(Double(t.components.attoseconds) / 1e12)
  }
  times.sort()
  print("batch", batch, "median us", times[times.count/2], "loss", last)
  let a = [Float](repeating: 0.5, count: batch*128), b = [Float](repeating: 0.5, count: 128*128)
  var c = [Float](repeating: 0, count: max(batch*128, 128*128))
  func gemm(_ m: Int, _ n: Int, _ k: Int, _ ta: Transposition, _ tb: Transposition) {
    var w = c.mutableSpan
    var s = w._mutatingExtracting(0..<m*n)
    multiply((m*k <= a.count ? a : b).span.extracting(0..<m*k), ta, (k*n <= b.count ? b : a).span.extracting(0..<k*n), tb, into: &s, rows: m, columns: n, inner: k)
  }
  var g: [Double] = []
  for _ in 0..<2000 {
    let t = clock.measure {
      for (i, o) in [(38,128),(128,16),(8,128),(128,76)] {
        gemm(batch, o, i, .none, .none)
        gemm(i, o, batch, .transposed, .none)
        if i != 38 { gemm(batch, i, o, .none, .transposed) }
      }
    }
    g.append(Double(t.components.attoseconds) / 1e12)
  }
  g.sort()
  print("bare gemm", g[g.count/2])
}
print(OpenBLAS.coreType, OpenBLAS.threads, OpenBLAS.vectorInstructionSet)
step(128)
step(1024)
