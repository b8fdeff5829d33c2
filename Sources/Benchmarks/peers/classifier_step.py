"""Times a training step of an image classifier in PyTorch, eager mode, one thread."""

import statistics
import time

import torch
from torch import nn

STEPS, WARM = 200, 20


def measure(network, optimiser, image, batch):
    """The median seconds of a step, and the last loss.

    `network()` makes the classifier of ten classes, `optimiser(parameters)` what trains it; `image`
    is the shape of one.
    """
    torch.set_num_threads(1)
    torch.manual_seed(1)
    network = network()
    optimiser = optimiser(network.parameters())
    images = torch.randn(batch, *image)
    labels = torch.arange(batch) % 10
    times = []
    for step in range(WARM + STEPS):
        start = time.perf_counter()
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(network(images), labels)
        loss.backward()
        optimiser.step()
        if step >= WARM:
            times.append(time.perf_counter() - start)
    return statistics.median(times), loss.item()
