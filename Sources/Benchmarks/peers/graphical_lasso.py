"""The graphical lasso in turns with scikit-learn's and R's glasso, at the duality gap they reach.

    python graphical_lasso.py BUILD-FOLDER [RUNS]

A peer solves a problem once, and its gap is computed from the precision matrix that it returns,
made symmetric, and the better of two dual points: its covariance matrix and the inverse of its
precision matrix, moved into the bounds. Then both are timed in turns, ours with that gap as its
tolerance. Bars: a tenth of scikit-learn's time, half of R's; with 2000 variables a twentieth of
scikit-learn's.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

PENALTY = 0.1
environment = {
    key: value for key, value in os.environ.items()
    if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
environment.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
here = os.path.dirname(os.path.abspath(__file__))
pinned = ["taskset", "-c", "0"] if shutil.which("taskset") else []


def scikit_learn(file, p, tolerance, output):
    """One run of scikit-learn; prints the seconds."""
    import warnings

    from sklearn.covariance import graphical_lasso

    warnings.simplefilter("ignore")
    S = np.fromfile(file).reshape(p, p)
    start = time.perf_counter()
    covariance, precision = graphical_lasso(
        S, alpha=PENALTY, tol=tolerance, enet_tol=tolerance / 100, max_iter=1000)
    spent = time.perf_counter() - start
    np.concatenate([precision.ravel(), covariance.ravel()]).tofile(output)
    print(spent)


def run(command):
    result = subprocess.run(
        pinned + command, env=environment, capture_output=True, text=True, timeout=3600)
    if result.returncode != 0:
        said = [line for line in result.stderr.splitlines() if "rror" in line]
        raise RuntimeError(said[-1] if said else "no reason given")
    return result.stdout


def ours(program, file, diagonal, tolerance, output, repeats=1):
    lines = run([program, "graphical-lasso", file, "--penalty", str(PENALTY), "--diagonal",
                 diagonal, "--tolerance", repr(float(tolerance)), "--repeats", str(repeats), "--output",
                 output])
    return {words[0]: float(words[1]) for words in map(str.split, lines.splitlines())}


def objective(S, precision, diagonal):
    size = np.abs(precision).sum()
    if diagonal == "no":
        size -= np.abs(np.diag(precision)).sum()
    sign, determinant = np.linalg.slogdet(precision)
    if sign <= 0:
        return np.inf
    return -determinant + (S * precision).sum() + PENALTY * size


def gap(S, precision, covariance, diagonal):
    precision = (precision + precision.T) / 2
    bound = -np.inf
    for point in (covariance, np.linalg.inv(precision)):
        dual = np.clip((point + point.T) / 2, S - PENALTY, S + PENALTY)
        np.fill_diagonal(dual, np.diag(S) + (PENALTY if diagonal == "yes" else 0))
        try:
            factor = np.linalg.cholesky(dual)
            bound = max(bound, 2 * np.log(np.diag(factor)).sum() + len(S))
        except np.linalg.LinAlgError:
            pass
    value = objective(S, precision, diagonal)
    return value, value - bound


def correlated(p, factors, noise, rows, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, factors)) @ rng.normal(size=(factors, p))
    return np.corrcoef((x + noise * rng.normal(size=(rows, p))).T)


def blocks(p, size):
    """Blocks that correlate within, and by less than the penalty between them; shuffled."""
    S = correlated(p, 1, 30.0, 4 * p, seed=2)
    S = np.clip(S, -0.9 * PENALTY, 0.9 * PENALTY)
    for first in range(0, p, size):
        part = slice(first, first + size)
        S[part, part] = correlated(size, 4, 3.0, 4 * size, seed=first + 3)
    np.fill_diagonal(S, 1)
    # Positive definite again: what lies between the blocks is scaled down.
    between = np.kron(np.eye(p // size), np.ones((size, size))) == 0
    while np.linalg.eigvalsh(S)[0] < 1e-3:
        S[between] *= 0.5
    order = np.random.default_rng(4).permutation(p)
    return S[np.ix_(order, order)]


def compare(program, folder, name, S, peer, tolerance, bar, runs):
    p = len(S)
    file, theirs, mine = f"{folder}/S", f"{folder}/theirs", f"{folder}/mine"
    S.tofile(file)
    diagonal = "yes" if peer == "R glasso" else "no"
    if peer == "R glasso":
        command = ["Rscript", f"{here}/graphical_lasso.R", file, str(p), str(PENALTY),
                   str(tolerance), diagonal, theirs]
    else:
        command = [sys.executable, __file__, "--scikit-learn", file, str(p), str(tolerance), theirs]
    try:
        peer_times = [float(run(command))]
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        print(f"{name}: {peer} gives up: {error}", flush=True)
        return
    precision, covariance = np.fromfile(theirs).reshape(2, p, p)
    value, reached = gap(S, precision, covariance, diagonal)
    wanted = max(reached / max(1, abs(value)), 1e-10)
    own_times = []
    for turn in range(runs):
        figures = ours(program, file, diagonal, wanted, mine, repeats=3)
        own_times.append(figures["seconds"])
        if turn + 1 < runs:
            peer_times.append(float(run(command)))
    found = objective(S, np.fromfile(mine).reshape(p, p), diagonal)
    assert abs(found - figures["objective"]) < 1e-8 * max(1, abs(found)), "a wrong objective"
    one, other = statistics.median(own_times), statistics.median(peer_times)
    ratio = other / one
    print(f"{name}: {peer} {other * 1e3:9.1f} ms, gap {reached:.1e};  ours {one * 1e3:8.1f} ms, "
          f"gap {figures['gap']:.1e};  objectives differ by {figures['objective'] - value:+.1e};  "
          f"{ratio:.1f} times faster, bar {bar}: {'met' if ratio >= bar else 'MISSED'}", flush=True)


def main():
    program = os.path.abspath(sys.argv[1]) + "/Benchmarks"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    peers = [("scikit-learn", 1e-5, 10)]
    if shutil.which("Rscript"):
        peers.append(("R glasso", 1e-6, 2))
    else:
        print("R glasso: skipped, no Rscript")
    print(f"penalty {PENALTY}, one thread, medians of {runs} interleaved runs")
    with tempfile.TemporaryDirectory() as folder:
        for p in (100, 200, 400):
            for noise in (3.0, 1.0):
                S = correlated(p, p // 40 + 3, noise, 4 * p)
                for peer, tolerance, bar in peers:
                    compare(program, folder, f"p = {p}, noise {noise}", S, peer, tolerance, bar,
                            runs)
        S = blocks(2000, 50)
        for peer, tolerance, bar in peers:
            compare(program, folder, "p = 2000, blocks of 50", S, peer,
                    tolerance, 20 if peer == "scikit-learn" else 2, 1)


if sys.argv[1] == "--scikit-learn":
    scikit_learn(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5])
else:
    main()
