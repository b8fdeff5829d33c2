"""Writes HDF5 files in the project's sensor layout: beside their place first, then renamed."""

import argparse
import contextlib
import os
import sys
import tempfile

import h5py
import numpy


class InputError(Exception):
    """What is wrong with an input, in one line."""


def numbers(text):
    """Whole numbers separated by commas, for argparse."""
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a list of whole numbers") from None


@contextlib.contextmanager
def replacing(path, title, source, licence):
    """An open HDF5 file that takes the place of `path` when all went well, and vanishes otherwise."""
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise InputError(f"there is no folder {folder}")
    handle, beside = tempfile.mkstemp(prefix=os.path.basename(path) + ".", dir=folder)
    os.close(handle)
    try:
        with h5py.File(beside, "w") as file:
            file.attrs["title"] = title
            file.attrs["source"] = source
            file.attrs["license"] = licence
            yield file
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(beside, 0o666 & ~mask)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        raise


def write_rows(file, path, rows, width=None):
    """Rows [N, M] as Float, in chunks of whole rows."""
    rows = numpy.asarray(rows)
    if rows.ndim != 2 or rows.shape[0] == 0 or (width and rows.shape[1] != width):
        expected = f"[N, {width}]" if width else "[N, M]"
        raise InputError(f"{path}: shape {list(rows.shape)} instead of {expected}")
    rows = rows.astype(numpy.float32)
    if not numpy.isfinite(rows).all():
        raise InputError(f"{path}: some values are not finite")
    chunks = (min(len(rows), 1024), rows.shape[1])
    file.create_dataset(path, data=rows, chunks=chunks, compression="gzip", shuffle=True)


def write_labels(file, path, labels, count):
    """One label a row, 0 or 1."""
    labels = numpy.asarray(labels)
    if labels.shape != (count,):
        raise InputError(f"{path}: shape {list(labels.shape)} instead of [{count}]")
    if not numpy.isin(labels, (0, 1)).all():
        raise InputError(f"{path}: a label is neither 0 nor 1")
    file.create_dataset(path, data=labels.astype(numpy.uint8), compression="gzip")


def read_text(path):
    """Numbers from a text file with commas or blanks between them."""
    try:
        with open(path, encoding="ascii") as lines:
            delimiter = "," if "," in lines.readline() else None
        return numpy.loadtxt(path, delimiter=delimiter, dtype=numpy.float64)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{path}: {' '.join(str(error).split())}") from None


def run(convert, arguments):
    """Converts, and turns an expected error into one line and exit code 1."""
    try:
        convert(arguments)
    except InputError as error:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {error}")
    except OSError as error:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {error.filename}: {error.strerror}")
