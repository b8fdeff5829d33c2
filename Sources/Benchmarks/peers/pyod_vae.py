"""PyOD's VAE with its defaults on the public data sets, for the README's table.

    python pyod_vae.py DATA-FOLDER [adbench|asd|smd ...] [--epochs N]
Rows are standardised by their training rows; scores are PyOD's decision_function, row by row.
"""

import os
import sys
import warnings

import h5py
import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

warnings.filterwarnings("ignore")
os.environ["OMP_NUM_THREADS"] = "1"
import torch  # noqa: E402
from pyod.models.vae import VAE  # noqa: E402

torch.set_num_threads(1)
words = sys.argv[1:]
epochs = 30
if "--epochs" in words:
    place = words.index("--epochs")
    epochs = int(words[place + 1])
    del words[place : place + 2]
folder, chosen = words[0], words[1:] or ["adbench", "asd", "smd"]


def series(name):
    with h5py.File(f"{folder}/{name}.h5") as file:
        for group in file:
            if name == "adbench":
                x, y = file[group]["values"][:].astype(float), file[group]["labels"][:].ravel()
                normal = np.flatnonzero(y == 0)
                training = np.zeros(len(y), bool)
                training[normal[: len(normal) // 2]] = True
                yield group, x[training], x[~training], y[~training]
            else:
                part = file[group]
                yield (group, part["train"][:].astype(float), part["test"][:].astype(float),
                       part["test_labels"][:].ravel())


for name in chosen:
    figure = roc_auc_score if name == "adbench" else average_precision_score
    values = []
    for group, train, test, labels in series(name):
        mean, scale = train.mean(0), train.std(0)
        scale[scale < 1e-8 * np.maximum(1, np.abs(mean))] = 1
        model = VAE(epoch_num=epochs, random_state=0, verbose=0)
        model.fit((train - mean) / scale)
        values.append(figure(labels, model.decision_function((test - mean) / scale)))
        print(name, group, f"{values[-1]:.4f}", flush=True)
    print(name, "mean", f"{np.mean(values):.4f}", flush=True)
