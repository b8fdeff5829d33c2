#!/usr/bin/env python3
"""Converts the Application Server Dataset to one HDF5 file with a group for each server.

SOURCE is a checkout of zhhlee/InterFusion; its entity omi-N becomes /server-N. The attribute
`interpretation` of a group holds lines `first-last:variables`: which variables were at fault in those
test rows, rows counted from 0, both ends included, variables counted from 1.

The files are Python pickles. A pickle can name any function to be called; this program lets through
only what a plain array of numbers needs.
"""

import argparse
import os
import pickle

import numpy

import sensor_file

VARIABLES = 19


class ArrayUnpickler(pickle.Unpickler):
    """Reads arrays of numbers and nothing else."""

    def find_class(self, module, name):
        if name == "_reconstruct" and module in (
                "numpy.core.multiarray", "numpy._core.multiarray"):
            return numpy.ndarray((0,)).__reduce__()[0]
        if module == "numpy" and name in ("ndarray", "dtype"):
            return getattr(numpy, name)
        if module == "_codecs" and name == "encode":
            return lambda text, encoding: text.encode(encoding)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def read_array(path):
    try:
        with open(path, "rb") as file:
            array = ArrayUnpickler(file).load()
    except OSError as error:
        raise sensor_file.InputError(f"{path}: {error.strerror}") from None
    except Exception as error:
        raise sensor_file.InputError(f"{path} is not a plain pickled array: {error}") from None
    if not isinstance(array, numpy.ndarray) or array.dtype.kind not in "fiub":
        raise sensor_file.InputError(f"{path} holds no array of numbers")
    return array


def convert(arguments):
    root = os.path.join(arguments.source, "data")
    title = "Application Server Dataset, one group a server"
    with sensor_file.replacing(arguments.output, title, "zhhlee/InterFusion", "MIT") as file:
        for number in arguments.servers:
            stem = os.path.join(root, "processed", f"omi-{number}")
            group = f"/server-{number}"
            test = read_array(stem + "_test.pkl")
            sensor_file.write_rows(
                file, f"{group}/train", read_array(stem + "_train.pkl"), VARIABLES)
            sensor_file.write_rows(file, f"{group}/test", test, VARIABLES)
            sensor_file.write_labels(
                file, f"{group}/test_labels", read_array(stem + "_test_label.pkl"), len(test))
            with open(os.path.join(root, "interpretation_label", f"omi-{number}.txt")) as lines:
                file[group].attrs["interpretation"] = "\n".join(lines.read().split())
    print(f"{arguments.output}: {len(arguments.servers)} servers")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("-o", "--output", default="asd.h5", help="the file to write [%(default)s]")
    parser.add_argument(
        "--servers", metavar="NUMBERS", type=sensor_file.numbers, default=list(range(1, 13)),
        help="only these, separated by commas [1 to 12]")
    sensor_file.run(convert, parser.parse_args())
