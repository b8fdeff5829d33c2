"""Makes the values that the golden tests compare with, by PyTorch and scikit-learn.

    python make_golden.py

writes golden.json beside this folder and into VariationalInferenceTests. Networks are written out
here by hand, in double precision, with parameters, inputs and noise from a generator that the
tests have too. A slot's gradient is stored as its norm, its product with a generated vector, and
some of its elements.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.decomposition import FactorAnalysis

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def draws(seed, count, scale=1.0, shift=0.0):
    """Multiples of 2^-23 in [-1, 1), scaled and shifted in single precision."""
    state, out = seed, np.empty(count, np.float32)
    for i in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = np.float32((state >> 8) - 2**23) / np.float32(2**23)
    scaled = out * np.float32(scale) + np.float32(shift)
    return torch.tensor(scaled.astype(np.float64))


class Parameters:
    """A flat vector made of named slots, as the package's ParameterLayout."""

    def __init__(self, slots, seed):
        self.slots = slots  # (name, shape, scale, shift)
        self.tensors = {}
        for i, (name, shape, scale, shift) in enumerate(slots):
            values = draws(seed + i, math.prod(shape), scale, shift).reshape(shape)
            self.tensors[name] = values.requires_grad_()

    def __getitem__(self, name):
        return self.tensors[name]

    def report(self):
        slots = []
        for name, shape, scale, shift in self.slots:
            gradient = self.tensors[name].grad.flatten()
            step = max(1, len(gradient) // 12)
            slots.append({
                "name": name, "shape": list(shape), "scale": scale, "shift": shift,
                "norm": gradient.norm().item(),
                "projection": (gradient * draws(7, len(gradient))).sum().item(),
                "step": step, "samples": gradient[::step].tolist()})
        return slots


def train(groups, loss, optimisers, steps=5):
    """The losses over some steps, and the gradients at the first."""
    losses, report = [], None
    for step in range(steps):
        for optimiser in optimisers:
            optimiser.zero_grad()
        value = loss()
        value.backward()
        losses.append(value.item())
        if step == 0:
            report = [group.report() for group in groups]
        for optimiser in optimisers:
            optimiser.step()
    return losses, report


# --- Classifiers.

RULES = {
    "momentum": lambda p, rate: torch.optim.SGD(p, lr=rate, momentum=0.9),
    "nesterov": lambda p, rate: torch.optim.SGD(p, lr=rate, momentum=0.9, nesterov=True),
    "adam": lambda p, rate: torch.optim.Adam(p, lr=rate),
    "adamW": lambda p, rate: torch.optim.AdamW(p, lr=rate, weight_decay=0.1),
    "sgd": lambda p, rate: torch.optim.SGD(p, lr=rate),
}


def linear(name, inputs, outputs):
    return [(f"{name}.weight", (inputs, outputs), 1.5 / math.sqrt(inputs), 0.0),
            (f"{name}.bias", (outputs,), 0.1, 0.0)]


def convolution(name, shape, fan_in):
    return [(f"{name}.weight", shape, 1.5 / math.sqrt(fan_in), 0.0),
            (f"{name}.bias", (shape[0] if len(shape) == 4 else OUTPUTS[name],), 0.1, 0.0)]


def subsampling(name, maps):
    return [(f"{name}.coefficient", (maps,), 0.5, 1.0), (f"{name}.bias", (maps,), 0.1, 0.0)]


OUTPUTS = {"c3": 16, "c5": 120}
LENET5_C3 = [
    [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5], [0, 1, 2, 3], [1, 2, 3, 4],
    [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5], [0, 1, 3, 4], [1, 2, 4, 5],
    [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]]
LENET4_C3 = ([sorted((i + j) % 8 for j in range(4)) for i in range(8)]
             + [sorted(j % 8 for j in (i, i + 1, i + 4, i + 5)) for i in range(4)]
             + [sorted(j % 8 for j in (i, i + 3, i + 6)) for i in range(4)])
LENET4_C5 = [sorted((i + j) % 16 for j in range(4 if i % 3 == 0 else 5)) for i in range(120)]


def dense(kernels, table, inputs):
    """[connections, 5, 5] -> [outputs, inputs, 5, 5]"""
    full, place = [], 0
    for sources in table:
        row = [torch.zeros(5, 5)] * inputs
        for source in sources:
            row[source] = kernels[place]
            place += 1
        full.append(torch.stack(row))
    return torch.stack(full)


def scaled_tanh(x):
    return 1.7159 * torch.tanh(2 / 3 * x)


def subsample(x, p, name, copies=1):
    y = F.avg_pool2d(x, 2).repeat(1, copies, 1, 1)
    return scaled_tanh(y * p[f"{name}.coefficient"].view(-1, 1, 1) + p[f"{name}.bias"].view(-1, 1, 1))


def affine(x, p, name):
    return x @ p[f"{name}.weight"] + p[f"{name}.bias"]


def lenet5(x, p):
    x = scaled_tanh(F.conv2d(x, p["c1.weight"], p["c1.bias"], padding=2))
    x = subsample(x, p, "s2")
    x = scaled_tanh(F.conv2d(x, dense(p["c3.weight"], LENET5_C3, 6), p["c3.bias"]))
    x = subsample(x, p, "s4").flatten(1)
    x = scaled_tanh(affine(x, p, "c5"))
    return affine(scaled_tanh(affine(x, p, "f6")), p, "output")


def lenet5_plain(x, p):
    x = F.avg_pool2d(torch.tanh(F.conv2d(x, p["c1.weight"], p["c1.bias"], padding=2)), 2)
    x = F.avg_pool2d(torch.tanh(F.conv2d(x, p["c3.weight"], p["c3.bias"])), 2).flatten(1)
    x = torch.tanh(affine(x, p, "c5"))
    return affine(torch.tanh(affine(x, p, "f6")), p, "output")


def lenet4(x, p):
    x = scaled_tanh(F.conv2d(x, p["c1.weight"], p["c1.bias"], padding=2))
    x = subsample(x, p, "s2", copies=2)
    x = scaled_tanh(F.conv2d(x, dense(p["c3.weight"], LENET4_C3, 8), p["c3.bias"]))
    x = subsample(x, p, "s4")
    x = scaled_tanh(F.conv2d(x, dense(p["c5.weight"], LENET4_C5, 16), p["c5.bias"]))
    return affine(x.flatten(1), p, "output")


def perceptron(x, p, layers=3, name="mlp"):
    for i in range(1, layers + 1):
        x = affine(x, p, f"{name}.{i}")
        if i < layers:
            x = torch.relu(x)
    return x


def classifier(slots, network, shape, classes, rule, rate):
    p = Parameters(slots, 100)
    x = draws(11, math.prod(shape)).reshape(shape)
    labels = torch.arange(shape[0]) * 7 % classes
    losses, report = train(
        [p], lambda: F.cross_entropy(network(x, p), labels),
        [RULES[rule]([p[s[0]] for s in slots], rate)])
    return {"losses": losses, "slots": report[0], "shape": list(shape), "rule": rule, "rate": rate}


LENET5_SLOTS = (convolution("c1", (6, 1, 5, 5), 25) + subsampling("s2", 6)
                + convolution("c3", (60, 5, 5), 100) + subsampling("s4", 16)
                + linear("c5", 400, 120) + linear("f6", 120, 84) + linear("output", 84, 10))
PLAIN_SLOTS = (convolution("c1", (6, 1, 5, 5), 25) + convolution("c3", (16, 6, 5, 5), 150)
               + linear("c5", 400, 120) + linear("f6", 120, 84) + linear("output", 84, 10))
LENET4_SLOTS = (convolution("c1", (4, 1, 5, 5), 25) + subsampling("s2", 8)
                + convolution("c3", (60, 5, 5), 100) + subsampling("s4", 16)
                + convolution("c5", (560, 5, 5), 116) + linear("output", 120, 10))
MLP_SLOTS = linear("mlp.1", 12, 16) + linear("mlp.2", 16, 9) + linear("mlp.3", 9, 5)

networks = {
    "lenet5-1998": classifier(LENET5_SLOTS, lenet5, (5, 1, 28, 28), 10, "momentum", 0.01),
    "lenet5-plain": classifier(PLAIN_SLOTS, lenet5_plain, (5, 1, 28, 28), 10, "adam", 0.001),
    "lenet4": classifier(LENET4_SLOTS, lenet4, (5, 1, 28, 28), 10, "adamW", 0.001),
    "mlp": classifier(MLP_SLOTS, perceptron, (17, 12), 5, "nesterov", 0.05),
}


# --- Optimisers: six steps along given gradients.

def steps(rule):
    p = draws(21, 10).clone().requires_grad_()
    optimiser = RULES[rule]([p], 0.05)
    for step in range(6):
        p.grad = draws(31 + step, 10)
        optimiser.step()
    return p.detach().tolist()


# --- Variational autoencoders.

FEATURES, HIDDEN, LATENT, ROWS = 6, 10, 3, 9
FLOOR, LOW, HIGH, BETA = 0.01, -1.0, 0.5, 0.7


def path(prefix, inputs, outputs, with_linear):
    slots = linear("linear", inputs, outputs) if with_linear else []
    return slots + linear("perceptron.1", inputs, HIDDEN) + linear("perceptron.2", HIDDEN, outputs)


def both(x, p):
    y = perceptron(x, p, 2, "perceptron")
    return y + affine(x, p, "linear") if "linear.weight" in p.tensors else y


def autoencoder(with_linear, network_scale, nu):
    encoder = Parameters(path("encoder", FEATURES, 2 * LATENT, with_linear), 200)
    outputs = FEATURES * (2 if network_scale else 1)
    slots = path("decoder", LATENT, outputs, with_linear)
    if not network_scale:
        slots.append(("log-scale", (FEATURES,), 0.5, 0.0))
    decoder = Parameters(slots, 300)
    seen = torch.arange(ROWS * FEATURES) % 11 != 5
    x = torch.where(seen, draws(12, ROWS * FEATURES, 2.0), 0.0).reshape(ROWS, FEATURES)
    seen = seen.reshape(ROWS, FEATURES)
    noise = draws(13, ROWS * LATENT, 1.5).reshape(ROWS, LATENT)

    def loss():
        moments = both(x, encoder)
        mean, log_variance = moments[:, :LATENT], moments[:, LATENT:].clamp(LOW, HIGH)
        output = both(mean + torch.exp(log_variance / 2) * noise, decoder)
        if network_scale:
            sigma = FLOOR + F.softplus(output[:, FEATURES:])
        else:
            sigma = torch.exp(decoder["log-scale"]).clamp(min=FLOOR).expand(ROWS, FEATURES)
        if nu is None:
            density = torch.distributions.Normal(output[:, :FEATURES], sigma)
        else:
            density = torch.distributions.StudentT(nu, output[:, :FEATURES], sigma)
        reconstruction = -(density.log_prob(x) * seen).sum()
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum()
        return (reconstruction + BETA * divergence) / ROWS

    losses, report = train(
        [encoder, decoder], loss,
        [torch.optim.Adam(list(g.tensors.values()), lr=0.01) for g in (encoder, decoder)])
    return {"losses": losses, "encoder": report[0], "decoder": report[1]}


def factor_analysis(features, factors, rows):
    loadings = draws(41, features * factors, 1.2).reshape(features, factors).numpy()
    z = sum(draws(50 + i, rows * factors) for i in range(3)).reshape(rows, factors).numpy()
    noise = sum(draws(60 + i, rows * features, 0.5) for i in range(3)).reshape(rows, features).numpy()
    x = z @ loadings.T + noise * np.linspace(0.6, 1.2, features)
    x = (x - x.mean(0)) / x.std(0)
    fit = FactorAnalysis(factors, tol=1e-12, max_iter=100000, svd_method="lapack").fit(x)
    return {"features": features, "factors": factors, "rows": rows,
            "moments": (x.T @ x / rows).flatten().tolist(),
            "covariance": fit.get_covariance().flatten().tolist(),
            "likelihood": fit.score(x)}


autoencoders = {
    "network": autoencoder(False, True, None),
    "linear-gaussian": autoencoder(True, False, None),
    "linear-student": autoencoder(True, False, 4.0),
}
here = Path(__file__).resolve().parent.parent
for folder, content in (
        (here, {"networks": networks, "optimisers": {rule: steps(rule) for rule in RULES}}),
        (here.parent / "VariationalInferenceTests",
         {"autoencoders": autoencoders,
          "factorAnalyses": [factor_analysis(8, 2, 300), factor_analysis(12, 3, 400)]})):
    (folder / "golden.json").write_text(json.dumps(content, indent=1) + "\n")
