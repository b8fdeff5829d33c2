"""A training step of the plain LeNet-5 in PyTorch, eager mode, one thread.

The peer of LeNetStep.swift: the same network, batch and optimiser.
    python lenet.py [adam|sgd] [batch]
"""

import statistics
import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)
rule = sys.argv[1] if len(sys.argv) > 1 else "adam"
batch = int(sys.argv[2]) if len(sys.argv) > 2 else 128

network = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
    nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
    nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(),
    nn.Linear(84, 10))
optimiser = {
    "adam": lambda p: torch.optim.Adam(p, lr=1e-3),
    "sgd": lambda p: torch.optim.SGD(p, lr=1e-3),
}[rule](network.parameters())
images = torch.randn(batch, 1, 28, 28)
labels = torch.arange(batch) % 10

times = []
for step in range(220):
    start = time.perf_counter()
    optimiser.zero_grad()
    loss = nn.functional.cross_entropy(network(images), labels)
    loss.backward()
    optimiser.step()
    if step >= 20:
        times.append(time.perf_counter() - start)
print(f"PyTorch {torch.__version__} {rule} batch {batch}: "
      f"{statistics.median(times) * 1e3:.3f} ms, loss {loss.item():.4f}")
