#!/usr/bin/env python3
"""Writes pump-1.csv and pump-2.csv: two pumps, one row each 10 minutes, as a German spreadsheet would
save them. Semicolons, decimal commas, day.month.year, and missing values: an empty field in pump-1,
`k. A.` in pump-2. In the last quarter of each file a valve closes: flow falls, pressure rises."""

import datetime
import math
import os
import random

ROWS = 160
FAULT = range(124, 148)
START = datetime.datetime(2026, 3, 1, 6, 0)


def number(value, decimals):
    return f"{value:.{decimals}f}".replace(".", ",")


def lines(pump, missing):
    noise = random.Random(pump)
    yield "Zeit;Temperatur [°C];Druck [bar];Durchfluss [l/min];Strom [A];Störung"
    for row in range(ROWS):
        load = 1 + 0.2 * math.sin(row / 9 + pump) + 0.03 * noise.gauss(0, 1)
        valve = 0.6 if row in FAULT else 1
        cells = [
            number(41 + 3 * pump + 6 * load + noise.gauss(0, 0.2), 1),
            number(2.4 / valve + 0.5 * load + noise.gauss(0, 0.02), 3),
            number(30 * load * valve + noise.gauss(0, 0.3), 2),
            number(1.1 * load + 0.2 / valve + noise.gauss(0, 0.01), 3),
        ]
        if row in (17, 90):
            cells[row % 4] = missing
        time = (START + datetime.timedelta(minutes=10 * row)).strftime("%d.%m.%Y %H:%M:%S")
        yield ";".join([time, *cells, "1" if row in FAULT else "0"])


if __name__ == "__main__":
    folder = os.path.dirname(os.path.abspath(__file__))
    for pump, missing in ((1, ""), (2, "k. A.")):
        path = os.path.join(folder, f"pump-{pump}.csv")
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(line + "\n" for line in lines(pump, missing))
