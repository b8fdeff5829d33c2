"""A training step of the plain LeNet-5 in PyTorch, eager mode, one thread.

The peer of LeNetStep.swift: the same network, batch and optimiser.
    python lenet.py [adam|sgd] [batch]
"""

import sys

import torch
from torch import nn

import classifier_step

OPTIMISERS = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}
rule = sys.argv[1] if len(sys.argv) > 1 else "adam"
batch = int(sys.argv[2]) if len(sys.argv) > 2 else 128


def network():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(),
        nn.Linear(84, 10))


seconds, loss = classifier_step.measure(
    network, lambda parameters: OPTIMISERS[rule](parameters, lr=1e-3), (1, 28, 28), batch)
print(f"PyTorch {torch.__version__} {rule} batch {batch}: {seconds * 1e3:.3f} ms, loss {loss:.4f}")
