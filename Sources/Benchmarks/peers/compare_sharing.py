"""The default simulation of Sharing Updatable Models in turns with the same rules in plain NumPy.

    python compare_sharing.py BUILD-FOLDER IMDB.h5 [SEED]

Both follow the same draws, which ours exports, and must come to the same accuracies, days and balances.
Ours runs the simulation, the same run without the bad agent, a model of all data, and the curve; NumPy
the first alone, which is what the ratio compares with all of ours: a lower bound. Bars: under 1 s, and at
least 20 times as fast.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

environment = {
    key: value for key, value in os.environ.items()
    if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
environment.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
pinned = ["taskset", "-c", "0"] if shutil.which("taskset") else []


def run(words):
    return json.loads(subprocess.run(
        pinned + words, env=environment, check=True, capture_output=True, text=True).stdout)


def main():
    build, data = sys.argv[1:3]
    seed = sys.argv[3] if len(sys.argv) > 3 else "1"
    peer = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sharing.py")
    with tempfile.TemporaryDirectory() as folder:
        draws = os.path.join(folder, "draws.json")
        benchmark = [f"{build}/Benchmarks", "sharing", data, "--seed", seed]
        first = run(benchmark + ["--draws", draws, "--runs", "5"])
        plain = run([sys.executable, peer, data, "--draws", draws])
        second = run(benchmark + ["--runs", "5"])
    ours = min(first["seconds"], second["seconds"])
    pairs = [
        ("accuracy before", first["before"], plain["before"]),
        ("accuracy after", first["after"], plain["after"]),
        ("days", first["days"], plain["days"]),
        ("days until bad gone", first.get("gone"), plain["gone"]["bad"]),
        ("good agent's tokens", first["good"], plain["balances"]["good"] / 1000),
        ("bad agent's tokens", first["bad"], plain["balances"]["bad"] / 1000),
    ]
    print(f"{'':24} {'ours':>14} {'NumPy':>14}")
    for name, one, other in pairs:
        print(f"{name:24} {one!s:>14.12} {other!s:>14.12}")
    print(f"{'seconds':24} {ours:14.3f} {plain['seconds']:14.3f}")
    print(f"words of reviews counted in {first['features']:.3f} s, file read in {first['read']:.3f} s")
    ratio = plain["seconds"] / ours
    print(f"ratio {ratio:.1f}; bars: under 1 s, at least 20")
    same = all(one == other or abs(one - other) < 1e-9 for _, one, other in pairs)
    print("both come to the same" if same else "THEY DIFFER")
    sys.exit(0 if same and ratio >= 20 and ours < 1 else 1)


if __name__ == "__main__":
    main()
