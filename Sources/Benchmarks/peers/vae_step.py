"""A training step of the variational autoencoder in PyTorch (eager) or JAX (jit), one thread.

The peers of VAEStep.swift: M = 38, hidden 128, d = 8, sigma from the network, Adam.
    python vae_step.py torch|jax BATCH
"""

import os
import statistics
import sys
import time

peer, batch = sys.argv[1], int(sys.argv[2])
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
STEPS, WARM = 400, 50


def torch_step():
    import torch
    from torch import nn
    from torch.nn.functional import softplus

    torch.set_num_threads(1)
    torch.manual_seed(1)
    e1, e2 = nn.Linear(38, 128), nn.Linear(128, 16)
    d1, d2 = nn.Linear(8, 128), nn.Linear(128, 76)
    adam = torch.optim.Adam([p for m in (e1, e2, d1, d2) for p in m.parameters()], lr=1e-3)
    x = torch.randn(batch, 38)

    def step():
        adam.zero_grad()
        moments = e2(torch.relu(e1(x)))
        mean, logvar = moments[:, :8], moments[:, 8:].clamp(-14, 6)
        z = mean + torch.exp(0.5 * logvar) * torch.randn_like(mean)
        out = d2(torch.relu(d1(z)))
        sigma = softplus(out[:, 38:]) + 0.01
        nll = (0.5 * ((x - out[:, :38]) / sigma) ** 2 + torch.log(sigma) + 0.9189385).sum()
        kl = 0.5 * (logvar.exp() + mean * mean - 1 - logvar).sum()
        loss = (nll + kl) / batch
        loss.backward()
        adam.step()

    return step


def jax_step():
    import jax
    import jax.numpy as jnp

    key = jax.random.PRNGKey(1)

    def layer(key, inputs, outputs):
        return [jax.random.normal(key, (inputs, outputs)) * 0.1, jnp.zeros(outputs)]

    p = [layer(key, 38, 128), layer(key, 128, 16), layer(key, 8, 128), layer(key, 128, 76)]
    x = jax.random.normal(key, (batch, 38))

    def loss(p, key):
        moments = jax.nn.relu(x @ p[0][0] + p[0][1]) @ p[1][0] + p[1][1]
        mean, logvar = moments[:, :8], jnp.clip(moments[:, 8:], -14, 6)
        z = mean + jnp.exp(0.5 * logvar) * jax.random.normal(key, mean.shape)
        out = jax.nn.relu(z @ p[2][0] + p[2][1]) @ p[3][0] + p[3][1]
        sigma = jax.nn.softplus(out[:, 38:]) + 0.01
        nll = jnp.sum(0.5 * ((x - out[:, :38]) / sigma) ** 2 + jnp.log(sigma) + 0.9189385)
        kl = 0.5 * jnp.sum(jnp.exp(logvar) + mean * mean - 1 - logvar)
        return (nll + kl) / batch

    @jax.jit
    def update(p, m, v, t, key):
        key, noise = jax.random.split(key)
        value, g = jax.value_and_grad(loss)(p, noise)
        t = t + 1
        m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
        v = jax.tree.map(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
        p = jax.tree.map(
            lambda p, a, b: p
            - 1e-3 * (a / (1 - 0.9**t)) / (jnp.sqrt(b / (1 - 0.999**t)) + 1e-8), p, m, v)
        return p, m, v, t, key, value

    zeros = jax.tree.map(jnp.zeros_like, p)
    state = [p, zeros, zeros, jnp.float32(0), key]

    def step():
        *state[:], value = update(*state)
        value.block_until_ready()

    return step


step = torch_step() if peer == "torch" else jax_step()
times = []
for i in range(WARM + STEPS):
    start = time.perf_counter()
    step()
    if i >= WARM:
        times.append(time.perf_counter() - start)
print(f"vae-step-{batch}", statistics.median(times))
