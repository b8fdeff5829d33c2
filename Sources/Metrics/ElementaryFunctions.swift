// The standard library has no logarithm or exponential. These are built from operations that IEEE
// 754 rounds correctly, so thresholds have the same bits on every platform, which the functions of
// the platforms' C libraries do not promise. The error is a few units in the last place.

/// log(x); −∞ at 0 and NaN below.
func naturalLogarithm(_ x: Double) -> Double {
  guard x > 0 else { return x == 0 ? -.infinity : .nan }
  guard x.isFinite else { return x }
  // x = 2ᵉ m with m in [√½, √2], so that log(m) has a short series.
  var (exponent, significand) = (Double(x.exponent), x.significand)
  if significand > 1.414_213_562_373_095_1 {
    exponent += 1
    significand /= 2
  }
  let series = twiceAreaTangent((significand - 1) / (significand + 1))
  return exponent * logarithmOf2.high + (exponent * logarithmOf2.low + series)
}

/// log(1 + x), exact to the last digits also where 1 + x would round x away.
func naturalLogarithm(onePlus x: Double) -> Double {
  abs(x) < 0.3 ? twiceAreaTangent(x / (2 + x)) : naturalLogarithm(1 + x)
}

/// exp(x) − 1, exact to the last digits also where exp(x) is nearly 1.
func exponentialMinusOne(_ x: Double) -> Double {
  guard x > -40 else { return x.isNaN ? x : -1 }
  guard x < 709.4 else { return x.isNaN ? x : .infinity }
  // x = k log 2 + r with |r| ≤ ½ log 2, so that exp(r) has a short series.
  let k = (x / logarithmOf2.high).rounded()
  let r = (x - k * logarithmOf2.high) - k * logarithmOf2.low
  var series = 0.0
  for n in stride(from: 15, through: 1, by: -1) { series = r / Double(n) * (1 + series) }
  let power = Double(sign: .plus, exponent: Int(k), significand: 1)
  return k == 0 ? series : power * series + (power - 1)
}

/// 2 artanh(t) = log((1 + t) / (1 − t)) for |t| ≤ 0.18, as 2 (t + t³/3 + t⁵/5 + …).
private func twiceAreaTangent(_ t: Double) -> Double {
  let square = t * t
  var series = 0.0
  for n in stride(from: 23, through: 3, by: -2) { series = square * (1 / Double(n) + series) }
  return 2 * (t + t * series)
}

/// log 2 in two parts. The high one ends in zeros, so multiples of it by exponents are exact.
private let logarithmOf2 = (high: 0x1.62e42feep-1, low: 0x1.a39ef35793c76p-33)
