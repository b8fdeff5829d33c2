"""Checks exports against the numbers that were written beside them.

    EXPORT_DIRECTORY=dir swift test --filter ExportReferenceFiles
    python check_exports.py dir

Runs each ONNX model in onnxruntime, opens each decoder in h5py and safetensors, and compares.
Prints the largest difference of each output, and exits 1 if one is too large.

Made for Python 3 with onnx==1.23.2, onnxruntime==1.31.1, h5py==3.16.0, safetensors==0.8.0 and
numpy==2.3.5.
"""

import sys
from collections import defaultdict
from pathlib import Path

import h5py
import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

onnxruntime.set_default_logger_severity(2)

# Relative to the value or to 1 nat for scores, to the value or the variable's spread otherwise.
TOLERANCE = 1e-5

worst = defaultdict(lambda: (0.0, ""))
failures = []
alarms = []


def note(kind, case, difference, tolerance=TOLERANCE):
    """Keeps the largest difference of a kind, and what is too large."""
    largest = float(np.max(difference, initial=0))
    if not np.isfinite(difference).all():
        largest = np.inf
    if largest >= worst[kind][0]:
        worst[kind] = (largest, case)
    if not largest <= tolerance:
        failures.append(f"{case}: {kind} differs by {largest:.3g}")


def require(condition, message):
    if not condition:
        failures.append(message)


def session(path):
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(str(path))
    require(model.ir_version >= 8, f"{path.name}: IR version {model.ir_version}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    ), {p.key: p.value for p in model.metadata_props}


def check_decoder(base, case, numbers):
    model, metadata = session(Path(f"{base}.decoder.onnx"))
    mean, sigma = model.run(["mean", "sigma"], {"z": numbers["z"][()]})
    expected = numbers["mean"][()]
    require(mean.dtype == np.float32 and sigma.dtype == np.float32, f"{case}: decoder's types")
    note("decoder mean", case, np.abs(mean - expected) / np.maximum(np.abs(expected), 1))
    note("decoder sigma", case, np.abs(sigma / numbers["sigma"][()] - 1))

    tensors = load_file(f"{base}.decoder.safetensors")
    with h5py.File(f"{base}.decoder.h5") as file:
        require(list(file) == ["global"], f"{case}: {list(file)} in the HDF5 file")
        require(set(file["global"]) == set(tensors), f"{case}: other tensors in HDF5")
        for name, values in tensors.items():
            require(np.array_equal(file["global"][name][()], values), f"{case}: {name} differs")
            require(values.dtype == np.float32, f"{case}: {name} is {values.dtype}")
        require(
            sum(map(np.size, tensors.values())) == len(numbers["theta"]), f"{case}: θ's length"
        )
        require(file.attrs["format"] == metadata["format"], f"{case}: formats differ")
        require(
            ",".join(map(str, file.attrs["hidden"])) == metadata["hidden"], f"{case}: hidden"
        )
        for index, name in enumerate(file.attrs["variable_names"]):
            require(metadata[f"variable_names.{index}"] == name, f"{case}: name {index}")
    # θ once more, computed by hand from the tensors.
    if metadata["hidden"] == "":
        product = numbers["z"][()].astype(float) @ tensors["linear.weight"] + tensors["linear.bias"]
        product = product[:, : expected.shape[1]]
        note("θ by hand", case, np.abs(product - expected) / np.maximum(np.abs(expected), 1))


def check_scorer(base, case, numbers):
    model, metadata = session(Path(f"{base}.scorer.onnx"))
    names = ["score", "variable_scores", "reconstruction", "alarm"]
    rows = numbers["rows"][()]
    result = dict(zip(names, model.run(names, {"rows": rows})))
    score = numbers["score"][()]
    parts = numbers["variable_scores"][()]
    note("score", case, np.abs(result["score"] - score) / np.maximum(np.abs(score), 1))
    note(
        "variable_scores",
        case,
        np.abs(result["variable_scores"] - parts) / np.maximum(np.abs(parts), 1),
    )
    expected = numbers["reconstruction"][()]
    # A float has 24 bits, of which a large mean leaves few to a small spread: these are the
    # value's own unit.
    note(
        "reconstruction",
        case,
        np.abs(result["reconstruction"] - expected)
        / np.maximum(np.abs(expected), expected.std(axis=0)),
    )
    threshold = numbers.attrs["threshold"]
    near = np.abs(score - threshold) <= TOLERANCE * np.maximum(np.abs(score), 1)
    differ = result["alarm"] != numbers["alarm"][()].astype(bool)
    require(not (differ & ~near).any(), f"{case}: alarms differ")
    require(result["alarm"].dtype == bool, f"{case}: alarms are {result['alarm'].dtype}")
    alarms.append(result["alarm"].mean())
    require(np.isnan(rows).any() and np.isinf(rows).any(), f"{case}: the rows are too good")

    # In pieces, with the context that the metadata asks for.
    context = int(metadata["context_rows"])
    for start in (97, 150):
        piece = dict(zip(names, model.run(names, {"rows": rows[start - context :]})))
        for name in names[:3]:
            whole = result[name][start:].astype(float)
            part = piece[name][context:]
            note("pieces", case, np.abs(part - whole) / np.maximum(np.abs(whole), 1))
    # Few rows and none.
    for count in (0, 1, 2):
        few = dict(zip(names, model.run(names, {"rows": rows[:count]})))
        require(few["score"].shape == (count,), f"{case}: {count} rows give {few['score'].shape}")
        first = score[:count]
        note("few rows", case, np.abs(few["score"] - first) / np.maximum(np.abs(first), 1))


def main(directory):
    files = sorted(Path(directory).glob("*.numbers.h5"))
    if not files:
        sys.exit(f"{directory}: no *.numbers.h5")
    for path in files:
        case = path.name.removesuffix(".numbers.h5")
        with h5py.File(path) as numbers:
            check_decoder(path.parent / case, case, numbers)
            check_scorer(path.parent / case, case, numbers)
    require(sum(0 < share < 1 for share in alarms) > len(files) / 2, "too few models give alarms")
    print(f"{len(files)} models; the largest differences:")
    for kind, (largest, case) in worst.items():
        print(f"  {kind:16} {largest:.2e}  {case}")
    for failure in failures:
        print(failure, file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
