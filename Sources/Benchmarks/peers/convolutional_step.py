"""A training step of the convolutional classifier of ten layers in PyTorch, eager mode, one thread.

The peer of ConvolutionalStep.swift: the same network, batch and optimiser.
    python convolutional_step.py                     one measurement, in seconds
    python convolutional_step.py BUILD-FOLDER [RUNS] both in turns, pinned to one core
"""

import os
import statistics
import subprocess
import sys


def measure(batch=32):
    import torch
    from torch import nn

    import classifier_step

    def block(inputs, width):
        return [
            nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)]

    def network():
        return nn.Sequential(
            *block(3, 16), *block(16, 32), nn.Flatten(), nn.Linear(2048, 64), nn.ReLU(),
            nn.Linear(64, 10))

    seconds, loss = classifier_step.measure(
        network, lambda parameters: torch.optim.Adam(parameters, lr=1e-3), (3, 32, 32), batch)
    print(f"PyTorch {torch.__version__}, batch {batch}, loss {loss:.4f}, seconds {seconds}")


def compare(build, runs):
    environment = {
        key: value for key, value in os.environ.items()
        if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    environment.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

    def run(*command):
        result = subprocess.run(
            ["taskset", "-c", "0", *command], env=environment, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"{' '.join(command)} failed: {result.stderr.strip()}")
        return result.stdout.strip()

    print(run(f"{build}/Benchmarks", "machine"))
    ours, peers = [], []
    for _ in range(runs):
        ours.append(float(run(f"{build}/Benchmarks", "convolutional-step").split()[-1]))
        said = run(sys.executable, os.path.abspath(__file__))
        peers.append(float(said.split()[-1]))
    our, peer = statistics.median(ours), statistics.median(peers)
    print(said.split(",")[0])
    print(f"medians of {runs} interleaved runs, one core, one thread")
    print(f"convolutional training step, 10 layers, batch 32: {our * 1e3:.2f} ms, PyTorch eager "
          f"{peer * 1e3:.2f} ms, {peer / our:.2f}x  bar 1.5x: "
          f"{'met' if peer / our >= 1.5 else 'MISSED'}")
    count = float(run(f"{build}/Benchmarks", "convolutional-allocations").split()[-1])
    print(f"allocations in 50 warm steps: {count:.0f}  bar 0: {'met' if count == 0 else 'MISSED'}")


if len(sys.argv) > 1:
    compare(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
else:
    measure()
