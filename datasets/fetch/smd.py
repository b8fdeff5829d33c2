#!/usr/bin/env python3
"""Converts the Server Machine Dataset to one HDF5 file with a group for each machine.

SOURCE is a checkout of NetManAIOps/OmniAnomaly. The values stay as published (each column scaled to
[0, 1] by its makers). The attribute `interpretation` of a group holds lines `first-end:variables`:
which variables were at fault in the test rows first..<end, rows counted from 0, variables from 1.
"""

import argparse
import os
import re

import sensor_file

VARIABLES = 38


def machines(folder):
    try:
        names = [name[:-4] for name in os.listdir(folder) if name.endswith(".txt")]
    except OSError:
        raise sensor_file.InputError(f"there is no folder {folder}") from None
    return sorted(names, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


def convert(arguments):
    root = os.path.join(arguments.source, "ServerMachineDataset")
    available = machines(os.path.join(root, "train"))
    names = arguments.machines.split(",") if arguments.machines else available
    for name in names:
        if name not in available:
            raise sensor_file.InputError(f"there is no {name}; there are {', '.join(available)}")
    if not arguments.machines and len(names) != 28:
        raise sensor_file.InputError(f"{root} has {len(names)} machines instead of 28")
    title = "Server Machine Dataset, one group a machine"
    with sensor_file.replacing(arguments.output, title, "NetManAIOps/OmniAnomaly", "MIT") as file:
        for name in names:
            test = sensor_file.read_text(os.path.join(root, "test", name + ".txt"))
            sensor_file.write_rows(
                file, f"/{name}/train",
                sensor_file.read_text(os.path.join(root, "train", name + ".txt")), VARIABLES)
            sensor_file.write_rows(file, f"/{name}/test", test, VARIABLES)
            sensor_file.write_labels(
                file, f"/{name}/test_labels",
                sensor_file.read_text(os.path.join(root, "test_label", name + ".txt")), len(test))
            with open(os.path.join(root, "interpretation_label", name + ".txt")) as lines:
                file[name].attrs["interpretation"] = "\n".join(lines.read().split())
    print(f"{arguments.output}: {len(names)} machines")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("-o", "--output", default="smd.h5", help="the file to write [%(default)s]")
    parser.add_argument("--machines", metavar="NAMES", help="only these, separated by commas")
    sensor_file.run(convert, parser.parse_args())
