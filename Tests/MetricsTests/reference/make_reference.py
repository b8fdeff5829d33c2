"""Writes the reference values of MetricsTests, as Swift, to standard output.

    python make_reference.py TSB-AD > ../ReferenceValues.swift
    swift format --in-place ../ReferenceValues.swift

`TSB-AD` is a checkout of https://github.com/TheDatumOrg/TSB-AD at commit
87630099ea8d0dafe89a957e31ed9720e88479eb. The values in the tests came from Python 3 with
numpy==2.3.5, scipy==1.17.1, scikit-learn==1.9.1 and mpmath==1.3.0.

Inputs are not stored: `SplitMix64` below and its twin in Fixture.swift generate the same bits.
"""

import importlib.util
import math
import sys
import types
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy import optimize, stats
from sklearn import metrics


class SplitMix64:
    """Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def below(self, bound):
        """An integer in 0..<bound (the bias of the remainder does not matter here)."""
        return self.next() % bound

    def uniform(self):
        """A multiple of 2^-53 in [0, 1)."""
        return (self.next() >> 11) * 2.0**-53


def series(seed, rows, levels, lift, events):
    """Integer scores in 0..<levels, lifted inside the events given as (first row, length)."""
    generator = SplitMix64(seed)
    labels = np.zeros(rows, dtype=int)
    for start, length in events:
        labels[start : start + length] = 1
    scores = np.array([generator.below(levels) for _ in range(rows)], dtype=float)
    return scores + lift * labels, labels


# name, seed, rows, levels, lift, events, ((L, K), ...)
SERIES = [
    ("manyTies", 1, 400, 7, 2, [(50, 20), (120, 1), (200, 45), (380, 6)],
     [(0, 250), (1, 250), (2, 250), (9, 50), (40, 250)]),
    ("fewTies", 2, 600, 1_000_000, 250_000, [(100, 30), (133, 2), (137, 1), (140, 25), (400, 60)],
     [(0, 250), (3, 250), (4, 7), (17, 250), (100, 250), (101, 1000)]),
    ("eventsAtBothEnds", 3, 300, 50, 10, [(0, 12), (20, 1), (22, 1), (150, 8), (290, 10)],
     [(0, 250), (5, 250), (30, 2), (64, 250), (700, 250)]),
    ("lastRowOnly", 4, 97, 5, 0, [(96, 1)], [(0, 250), (10, 250)]),
    ("inverted", 5, 250, 20, -15, [(10, 30), (90, 9), (230, 20)], [(20, 250)]),
    ("constantScore", 6, 120, 1, 0, [(30, 10), (70, 20)], [(0, 250), (15, 250)]),
    ("long", 7, 30_000, 10_000, 1500,
     [(700 * k + 13 * (k % 7), 1 + (37 * k) % 90) for k in range(1, 42)], [(100, 250)]),
]

ALARM_RATES = [0.0, 0.01, 0.05, 0.29, 1.0]


def official_vus(repository):
    """`generate_curve` of the benchmark, without importing its detectors."""
    package = types.ModuleType("evaluation")
    package.__path__ = [str(Path(repository) / "TSB_AD" / "evaluation")]
    sys.modules["evaluation"] = package
    spec = importlib.util.find_spec("evaluation.basic_metrics")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda labels, scores, length, count: module.generate_curve(
        labels, scores, length, version="opt", thre=count)[-1]


def number(value):
    return repr(float(value)) if math.isfinite(value) else ("-" if value < 0 else "") + ".infinity"


def numbers(values):
    return "[" + ", ".join(number(value) for value in values) + "]"


def event_recall(scores, labels, rate):
    """By definition: the smallest candidate threshold that keeps the rate, then event by event."""
    normal = scores[labels == 0]
    candidates = [-math.inf, *np.unique(normal)]
    threshold = next(t for t in candidates if (normal > t).mean() <= rate)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], labels, [0]])))
    events = list(zip(edges[::2], edges[1::2]))
    return sum((scores[a:b] > threshold).any() for a, b in events), len(events)


def write_series(vus):
    print("  static let series: [SeriesReference] = [")
    for name, seed, rows, levels, lift, events, surfaces in SERIES:
        scores, labels = series(seed, rows, levels, lift, events)
        alarms = scores > levels // 2
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            labels, alarms, average="binary", zero_division=0)
        tn, fp, fn, tp = metrics.confusion_matrix(labels, alarms, labels=[0, 1]).ravel()
        print(f"""SeriesReference(
            name: "{name}",
            fixture: Fixture(seed: {seed}, rows: {rows}, levels: {levels}, lift: {lift},
              events: {[list(event) for event in events]}),
            areaUnderROC: {number(metrics.roc_auc_score(labels, scores))},
            averagePrecision: {number(metrics.average_precision_score(labels, scores))},
            volumes: [""")
        for length, count in surfaces:
            volume = vus(labels, scores, length, count)
            print(f"""VolumeReference(maximumBufferLength: {length}, thresholdCount: {count},
                volume: {number(volume)}),""")
        print(f"""],
            alarmsAbove: {number(levels // 2)},
            counts: ConfusionCounts(truePositives: {tp}, falsePositives: {fp},
              trueNegatives: {tn}, falseNegatives: {fn}),
            precision: {number(precision)},
            recall: {number(recall)},
            f1: {number(f1)},
            eventRecalls: [""")
        for rate in ALARM_RATES:
            detected, count = event_recall(scores, labels, rate)
            print(f"EventRecallReference(falseAlarmRate: {rate}, detected: {detected}, "
                  f"events: {count}),")
        print("]),")
    print("  ]\n")


def write_curves():
    scores, labels = series(*SERIES[0][1:6])
    false_alarms, recalls, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False)
    precisions, _, _ = metrics.precision_recall_curve(labels, scores)
    print("  /// The curves of the first series, from no alarm to an alarm on every row.")
    print(f"  static let lowestScores: [Double] = {numbers(thresholds)}")
    print(f"  static let falseAlarmRates: [Double] = {numbers(false_alarms)}")
    print(f"  static let recalls: [Double] = {numbers(recalls)}")
    print("  /// Without the first point, where scikit-learn defines a precision of 1.")
    print(f"  static let precisions: [Double] = {numbers(precisions[::-1][1:])}\n")


def write_samples():
    """Order statistics, moments and rank correlation of integers with ties."""
    generator = SplitMix64(11)
    x = np.array([generator.below(30) for _ in range(101)], dtype=float)
    y = np.array([value // 3 + generator.below(12) for value in x], dtype=float)
    print("  /// Samples of 101 integers: x below 30, y = x / 3 + an integer below 12.")
    print(f"  static let spearman = {number(stats.spearmanr(x, y).statistic)}")
    print(f"  static let firstMidRanks: [Double] = {numbers(stats.rankdata(x)[:12])}")
    print(f"  static let mean = {number(np.mean(x))}")
    print(f"  static let median = {number(np.median(x))}")
    print(f"  static let standardDeviation = {number(np.std(x, ddof=1))}")
    probabilities = [0.0, 0.013, 0.25, 0.5, 0.777, 0.98, 1.0]
    print(f"  static let probabilities: [Double] = {numbers(probabilities)}")
    print(f"  static let quantiles: [Double] = {numbers(np.quantile(x + y / 8, probabilities))}\n")


def write_conformal():
    """Ranks in exact arithmetic, with decimal rates; 0 stands for none, as the rank exceeds n."""
    print("  static let conformalRanks: [ConformalReference] = [")
    for count in [1, 9, 10, 19, 99, 100, 999]:
        for rate in ["0.001", "0.01", "0.05", "0.1", "0.29", "0.3", "0.5", "0.7", "0.9"]:
            rank = math.ceil((count + 1) * (1 - Fraction(rate)))
            print(f"ConformalReference(count: {count}, falseAlarmRate: {rate}, "
                  f"rank: {rank if rank <= count else 0}),")
    print("  ]\n")


def tail_sample(seed, count, shape):
    """Inverse transforms for the shapes whose powers are exact square roots and divisions."""
    generator = SplitMix64(seed)
    survival = [1 - generator.uniform() for _ in range(count)]
    root = math.sqrt
    transform = {
        "heavy": lambda s: 1 / s - 1,
        "half": lambda s: 2 * (1 / root(s) - 1),
        "quarter": lambda s: 4 * (1 / root(root(s)) - 1),
        "nearlyExponential": lambda s: 64 * (1 / root(root(root(root(root(root(s)))))) - 1),
        "minusQuarter": lambda s: 4 * (1 - root(root(s))),
    }[shape]
    return np.array([transform(s) for s in survival])


def write_tails():
    def polish(function, start, args=(), disp=0):
        for _ in range(5):
            start = optimize.minimize(
                function, start, args, method="Nelder-Mead",
                options={"xatol": 1e-13, "fatol": 1e-15, "maxiter": 20_000}).x
        return start

    print("  static let tails: [TailReference] = [")
    for seed, count, shape in [
        (21, 400, "heavy"), (22, 400, "half"), (23, 150, "quarter"), (24, 1000, "quarter"),
        (25, 2000, "nearlyExponential"), (26, 600, "minusQuarter"), (27, 30, "half"),
    ]:
        excesses = tail_sample(seed, count, shape)
        fitted, _, scale = stats.genpareto.fit(excesses, floc=0, optimizer=polish)
        likelihood = stats.genpareto.logpdf(excesses, fitted, 0, scale).sum()
        rough, _, rough_scale = stats.genpareto.fit(excesses, floc=0)
        print(f"# {shape} {count}: default optimiser off by {rough - fitted:.1e} in shape, "
              f"{rough_scale - scale:.1e} in scale", file=sys.stderr)
        print(f"""TailReference(seed: {seed}, count: {count}, kind: .{shape},
            shape: {number(fitted)}, scale: {number(scale)}, logLikelihood: {number(likelihood)},
            excess: {number(stats.genpareto.isf(0.001, fitted, 0, scale))}),""")
    print("  ]\n")

    scores = tail_sample(31, 5000, "quarter")
    initial = np.quantile(scores, 0.98)
    excesses = scores[scores > initial] - initial
    fitted, _, scale = stats.genpareto.fit(excesses, floc=0, optimizer=polish)
    rates = [0.01, 0.001, 1e-5]
    thresholds = [
        initial + scale / fitted * ((q * len(scores) / len(excesses)) ** -fitted - 1)
        for q in rates]
    print("  /// Of 5000 scores with a tail of kind `quarter`, from seed 31.")
    print(f"  static let initialThreshold = {number(initial)}")
    print(f"  static let excessCount = {len(excesses)}")
    print(f"  static let tailRates: [Double] = {numbers(rates)}")
    print(f"  static let tailThresholds: [Double] = {numbers(thresholds)}\n")


def write_elementary():
    from mpmath import expm1, log, log1p, mp
    mp.dps = 40
    points = [3e-308, 1e-300, 1e-9, 0.1, 0.5, 0.7071, 0.999999, 1.0, 1.0000001, 1.4142, 3.0, 1e300]
    print(f"  static let positivePoints: [Double] = {numbers(points)}")
    print(f"  static let logarithms: [Double] = {numbers(float(log(p)) for p in points)}")
    points = [-0.999, -0.5, -0.3, -1e-3, -1e-18, 0.0, 1e-12, 0.01, 0.2999, 0.3, 1.0, 1e6]
    print(f"  static let offsetPoints: [Double] = {numbers(points)}")
    print(f"  static let offsetLogarithms: [Double] = {numbers(float(log1p(p)) for p in points)}")
    points = [-50.0, -30.0, -1.0, -0.35, -0.2, -1e-9, 0.0, 1e-17, 0.3, 0.5, 2.0, 30.0, 700.0]
    print(f"  static let exponents: [Double] = {numbers(points)}")
    print(f"  static let powers: [Double] = {numbers(float(expm1(p)) for p in points)}")


if __name__ == "__main__":
    vus = official_vus(sys.argv[1])
    print("// Generated by reference/make_reference.py; change that script, not this file.\n")
    print("@testable import Metrics\n")
    print("enum ReferenceValues {")
    write_series(vus)
    write_curves()
    write_samples()
    write_conformal()
    write_tails()
    write_elementary()
    print("}")
