"""Expectation and maximisation of a Gaussian mixture in turns with scikit-learn's.

    python gaussian_mixture.py BUILD-FOLDER [RUNS]

50,000 rows of 42 variables, 10 patterns, 20 iterations from the same start (k-means++ centres, unit
matrices). Ours is timed twice: with next to no penalty, where the likelihoods must agree, and with one
that makes the precision matrices sparse. Bar: a fifth of scikit-learn's time.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

ROWS, VARIABLES, PATTERNS, ITERATIONS = 50_000, 42, 10, 20
BAR = 5
environment = {
    key: value for key, value in os.environ.items()
    if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
environment.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
pinned = ["taskset", "-c", "0"] if shutil.which("taskset") else []


def scikit_learn(rows, start):
    """One run of scikit-learn; prints the seconds and the log likelihood of a row."""
    import warnings

    from sklearn.mixture import GaussianMixture

    warnings.simplefilter("ignore")
    x = np.fromfile(rows, dtype="<f4").reshape(-1, VARIABLES).astype(float)
    numbers = np.fromfile(start, dtype="<f8")
    centres = numbers[:PATTERNS * VARIABLES].reshape(PATTERNS, VARIABLES)
    precisions = numbers[PATTERNS * VARIABLES:].reshape(PATTERNS, VARIABLES, VARIABLES)
    mixture = GaussianMixture(
        PATTERNS, max_iter=ITERATIONS, tol=0, means_init=centres, precisions_init=precisions,
        weights_init=np.full(PATTERNS, 1 / PATTERNS), init_params="random_from_data",
        random_state=0)
    begin = time.perf_counter()
    mixture.fit(x)
    print(time.perf_counter() - begin, mixture.lower_bound_, mixture.n_iter_)


def data():
    from sklearn.cluster import kmeans_plusplus

    rng = np.random.default_rng(1)
    parts = []
    for _ in range(PATTERNS):
        mixing = rng.normal(size=(VARIABLES, VARIABLES)) * (rng.random((VARIABLES, VARIABLES)) < 0.1)
        noise = rng.normal(size=(ROWS // PATTERNS, VARIABLES))
        parts.append(1.2 * rng.normal(size=VARIABLES) + noise @ (np.eye(VARIABLES) + 0.5 * mixing))
    x = rng.permutation(np.concatenate(parts)).astype("<f4")
    centres, _ = kmeans_plusplus(x.astype(float), PATTERNS, random_state=2)
    return x, np.concatenate([centres.ravel(), np.tile(np.eye(VARIABLES).ravel(), PATTERNS)])


def run(command):
    return subprocess.run(
        pinned + command, env=environment, capture_output=True, text=True, check=True).stdout


def main():
    program = os.path.abspath(sys.argv[1]) + "/Benchmarks"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print(f"{ROWS} rows, {VARIABLES} variables, {PATTERNS} patterns, {ITERATIONS} iterations, one "
          f"thread, medians of {runs} interleaved runs")
    with tempfile.TemporaryDirectory() as folder:
        rows, start = f"{folder}/rows", f"{folder}/start"
        x, numbers = data()
        x.tofile(rows)
        numbers.astype("<f8").tofile(start)
        theirs, ours = [], {"1e-9": [], "0.01": []}
        for _ in range(runs):
            words = run([sys.executable, __file__, "--scikit-learn", rows, start]).split()
            assert int(words[2]) == ITERATIONS, "scikit-learn stopped early"
            theirs.append(float(words[0]))
            for penalty, times in ours.items():
                lines = run([
                    program, "mixture", rows, start, "--variables", str(VARIABLES), "--patterns",
                    str(PATTERNS), "--iterations", str(ITERATIONS), "--penalty", penalty,
                    "--repeats", "1"])
                figures = dict(line.split() for line in lines.splitlines())
                times.append(float(figures["seconds"]))
                if penalty == "1e-9":
                    difference = float(figures["log-likelihood"]) - float(words[1])
                    assert abs(difference) < 1e-3, f"likelihoods differ by {difference}"
                else:
                    edges = int(figures["edges"])
        other = statistics.median(theirs)
        print(f"scikit-learn {other:.2f} s; log likelihoods of a row differ by {difference:+.1e}")
        pairs = PATTERNS * VARIABLES * (VARIABLES - 1) // 2
        for penalty, times in ours.items():
            own = statistics.median(times)
            what = "no penalty" if penalty == "1e-9" else f"{edges} of {pairs} edges left"
            print(f"ours, {what}: {own:.2f} s, {other / own:.1f} times as fast, bar {BAR}: "
                  f"{'met' if other / own >= BAR else 'MISSED'}")


if sys.argv[1] == "--scikit-learn":
    scikit_learn(sys.argv[2], sys.argv[3])
else:
    main()
