"""Runs every timed work in turns with its peers, pinned to one core, and prints ratios.

    python compare.py BUILD-FOLDER [RUNS]
"""

import os
import resource
import statistics
import subprocess
import sys

build = sys.argv[1]
runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
here = os.path.dirname(os.path.abspath(__file__))
environment = {
    key: value for key, value in os.environ.items()
    if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
environment.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")


def run(command, cores="0"):
    result = subprocess.run(
        ["taskset", "-c", cores, *command], env=environment, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} failed: {result.stderr.strip()}")
    return result.stdout


def ours(work, cores="0"):
    return lambda: float(run([f"{build}/Benchmarks", work], cores).split()[-1])


def peer(*command):
    def measure():
        text = run([sys.executable, os.path.join(here, command[0]), *command[1:]])
        words = text.replace(",", "").split()
        # lenet.py prints milliseconds for people, the others a bare number of seconds.
        return float(words[words.index("ms") - 1]) / 1e3 if "ms" in words else float(words[-1])
    return measure


def in_turns(*measures):
    results = [[] for _ in measures]
    for _ in range(runs):
        for result, measure in zip(results, measures):
            result.append(measure())
    return [statistics.median(result) for result in results]


def line(name, our, rows):
    print(f"{name:<42} {our * 1e6:10.1f} us")
    for label, value, bar in rows:
        ratio = value / our
        verdict = "" if bar is None else f"  bar {bar}x: {'met' if ratio >= bar else 'MISSED'}"
        print(f"    {label:<38} {value * 1e6:10.1f} us  {ratio:5.2f}x{verdict}")
    sys.stdout.flush()


print(run([f"{build}/Benchmarks", "machine"]).strip())
print(f"medians of {runs} interleaved runs, one core, one thread\n")

for batch, torch_bar, jax_bar in ((128, 5, 2), (1024, 2.5, 1.5)):
    step, bare, torch, jax = in_turns(
        ours(f"vae-step-{batch}"), ours(f"bare-products-{batch}"),
        peer("vae_step.py", "torch", str(batch)), peer("vae_step.py", "jax", str(batch)))
    line(f"VAE training step, batch {batch}", step,
         [("PyTorch eager", torch, torch_bar), ("JAX jit", jax, jax_bar)])
    verdict = "met" if step / bare <= 1.8 else "MISSED"
    print(f"    {'its bare matrix products':<38} {bare * 1e6:10.1f} us  the step takes "
          f"{step / bare:.2f}x  bar 1.8x: {verdict}")

lenet, torch = in_turns(ours("lenet-step"), peer("lenet.py", "adam"))
line("LeNet-5 training step, batch 128", lenet, [("PyTorch eager", torch, 2)])

score, torch = in_turns(ours("score"), peer("score.py"))
line("scoring 2,048 rows, 64 draws", score, [("PyTorch eager", torch, 4)])

count = int(ours("allocations")())
print(f"allocations in 100 warm training steps: {count}  bar 0: {'met' if count == 0 else 'MISSED'}")

one, two = in_turns(ours("rounds-1-thread", "0,1"), ours("rounds-2-threads", "0,1"))
print(f"four participants, 300 rounds: one thread {one:.2f} s, two threads {two:.2f} s, "
      f"{one / two:.2f}x  bar 1.8x: {'met' if one / two >= 1.8 else 'MISSED'}")

data = os.environ.get("COLLABDICT_DATA", "../shared/datasets") + "/smd.h5"
if os.path.exists(data):
    def peak(command):
        child = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status != 0:
            sys.exit(f"{' '.join(command)} failed")
        return usage.ru_maxrss / 1024

    output = os.path.join(build, "benchmark-model.h5")
    mine = peak([f"{build}/collabdict", "train", data, "-o", output, "--rounds", "500"])
    os.remove(output)
    torch = peak([sys.executable, os.path.join(here, "memory.py"), data, "500"])
    print(f"peak memory, train on smd.h5: {mine:.0f} MiB, PyTorch {torch:.0f} MiB, "
          f"{mine / torch:.2f} of it  bar 0.33: {'met' if mine / torch <= 1 / 3 else 'MISSED'}")
else:
    print("peak memory: skipped, no smd.h5")
