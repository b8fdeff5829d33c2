#!/usr/bin/env python3
"""Converts tabular data sets of ADBench to one HDF5 file: /NAME/values [N, M], /NAME/labels [N].

SOURCE is a checkout of Minqi824/ADBench. Rows keep their order; values are stored as Float.
"""

import argparse
import os
import re

import numpy

import sensor_file

DEFAULT = "annthyroid,cardio,mammography,satellite,shuttle,thyroid"


def convert(arguments):
    folder = os.path.join(arguments.source, "adbench", "datasets", "Classical")
    try:
        files = {
            match[1]: os.path.join(folder, name) for name in os.listdir(folder)
            if (match := re.fullmatch(r"\d+_(.+)\.npz", name))}
    except OSError:
        raise sensor_file.InputError(f"there is no folder {folder}") from None
    names = sorted(files) if arguments.sets == "all" else arguments.sets.split(",")
    title = "ADBench tabular data sets"
    with sensor_file.replacing(
            arguments.output, title, "Minqi824/ADBench", "see each data set's own source") as file:
        for name in names:
            if name not in files:
                raise sensor_file.InputError(
                    f"there is no {name}; there are {', '.join(sorted(files))}")
            try:
                with numpy.load(files[name], allow_pickle=False) as arrays:
                    values, labels = arrays["X"], arrays["y"]
            except (ValueError, KeyError, OSError) as error:
                raise sensor_file.InputError(f"{files[name]}: {error}") from None
            sensor_file.write_rows(file, f"/{name}/values", values)
            sensor_file.write_labels(file, f"/{name}/labels", labels.ravel(), len(values))
    print(f"{arguments.output}: {', '.join(names)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument(
        "-o", "--output", default="adbench.h5", help="the file to write [%(default)s]")
    parser.add_argument(
        "--sets", metavar="NAMES", default=DEFAULT,
        help="names separated by commas, or all [%(default)s]")
    sensor_file.run(convert, parser.parse_args())
