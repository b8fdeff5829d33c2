"""Trains the same kind of model on a sensor HDF5 file in PyTorch, for its peak memory.

Windows of three rows, hidden 64, four encoders and one decoder, Adam, batches of 128.
    python memory.py FILE.h5 ROUNDS
"""

import sys

import h5py
import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)
path, rounds = sys.argv[1], int(sys.argv[2])
data = []
with h5py.File(path) as file:
    for name in file:
        if "train" in file[name]:
            rows = file[name]["train"][:].astype(np.float32)
            scale = rows.std(0)
            scale[scale < 1e-8] = 0.01
            data.append(torch.from_numpy(np.clip((rows - rows.mean(0)) / scale, -20, 20)))
M, W, D = data[0].shape[1], 3, 27
encoders = [
    nn.Sequential(nn.Linear(M * W, 64), nn.Tanh(), nn.Linear(64, 2 * D)) for _ in data]
decoder = nn.Sequential(nn.Linear(D, 64), nn.Tanh(), nn.Linear(64, M * W))
logsigma = nn.Parameter(torch.zeros(M * W))
adam = torch.optim.Adam(
    [p for m in (*encoders, decoder) for p in m.parameters()] + [logsigma], lr=3e-4)
for _ in range(rounds):
    adam.zero_grad()
    loss = 0
    for encoder, rows in zip(encoders, data):
        i = torch.randint(W - 1, len(rows), (128,))
        x = torch.cat([rows[i - lag] for lag in range(W)], 1)
        moments = encoder(x)
        mean, logvar = moments[:, :D], moments[:, D:]
        z = mean + torch.exp(0.5 * logvar) * torch.randn_like(mean)
        nll = (0.5 * ((x - decoder(z)) / logsigma.exp()) ** 2 + logsigma).sum()
        loss = loss + (nll + 0.5 * (logvar.exp() + mean * mean - 1 - logvar).sum()) / 128
    loss.backward()
    adam.step()
print("loss", float(loss))
