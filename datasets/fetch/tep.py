#!/usr/bin/env python3
"""Converts the Tennessee Eastman process data to one HDF5 file.

SOURCE is a folder with d00.dat, d00_te.dat, d01_te.dat … d21_te.dat. /normal/train is d00.dat,
/normal/test is d00_te.dat, /fault-NN/test is dNN_te.dat, whose fault starts at row 160 (counted from
0). With --fault-training, /fault-NN/train is dNN.dat: 480 rows, all of them with the fault.
"""

import argparse
import os

import numpy

import sensor_file

VARIABLES = 52
FAULT_START = 160
NAMES = [f"XMEAS({n})" for n in range(1, 42)] + [f"XMV({n})" for n in range(1, 12)]
UNITS = (
    ["kscmh", "kg/h", "kg/h", "kscmh", "kscmh", "kscmh", "kPa gauge", "%", "°C", "kscmh", "°C", "%",
     "kPa gauge", "m³/h", "%", "kPa gauge", "m³/h", "°C", "kg/h", "kW", "°C", "°C"]
    + ["mol %"] * 19 + ["%"] * 11)


def read(source, name):
    rows = numpy.atleast_2d(sensor_file.read_text(os.path.join(source, name)))
    # d00.dat holds one variable a line, all others one row a line.
    return rows.T if rows.shape[0] == VARIABLES and rows.shape[1] != VARIABLES else rows


def convert(arguments):
    title = "Tennessee Eastman process; a fault starts at row 160 of each fault test"
    with sensor_file.replacing(
            arguments.output, title, "camaramm/tennessee-eastman-profBraatz",
            "University of Illinois/NCSA style, see the official home") as file:
        file.attrs["variables"] = NAMES
        file.attrs["units"] = UNITS
        sensor_file.write_rows(
            file, "/normal/train", read(arguments.source, "d00.dat"), VARIABLES)
        for number in [0] + arguments.faults:
            group = f"/fault-{number:02}" if number else "/normal"
            test = read(arguments.source, f"d{number:02}_te.dat")
            labels = numpy.zeros(len(test), numpy.uint8)
            if number:
                labels[FAULT_START:] = 1
            sensor_file.write_rows(file, f"{group}/test", test, VARIABLES)
            sensor_file.write_labels(file, f"{group}/test_labels", labels, len(test))
            if number and arguments.fault_training:
                sensor_file.write_rows(
                    file, f"{group}/train", read(arguments.source, f"d{number:02}.dat"), VARIABLES)
    print(f"{arguments.output}: normal operation and {len(arguments.faults)} faults")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("-o", "--output", default="tep.h5", help="the file to write [%(default)s]")
    parser.add_argument(
        "--faults", metavar="NUMBERS", type=sensor_file.numbers, default=list(range(1, 22)),
        help="only these, separated by commas [1 to 21]")
    parser.add_argument("--fault-training", action="store_true", help="write dNN.dat, too")
    sensor_file.run(convert, parser.parse_args())
