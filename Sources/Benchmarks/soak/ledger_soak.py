"""Kills a process that adds blocks to a chain, again and again, and checks what is left.

    python ledger_soak.py BUILD [--kills N] [--kinds file,sqlite] [--seed S]

BUILD is the directory with `Benchmarks` and `collabdict`. After each kill (SIGKILL at a random moment
of the first 300 ms) the whole chain is read by `collabdict ledger show --links --json`, which checks every
block and prints its hash: every hash that was acknowledged before must be there, in the order in which
it was acknowledged, and at most one block of each kill that was not. The chain itself goes on.
"""

import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time


def append(program, kind, chain, seconds):
    """Starts a process that adds, kills it, and returns what it acknowledged."""
    process = subprocess.Popen(
        [program, "ledger-append", kind, chain], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    output, errors = process.communicate()
    if process.returncode != -signal.SIGKILL:
        sys.exit(f"{kind}: ended by itself: {errors.decode()}")
    # A line without its end was not told yet.
    return output.decode().split("\n")[:-1]


def hashes(program, chain):
    """The hashes of a chain's blocks, all of which have been read and checked."""
    run = subprocess.run(
        [program, "ledger", "show", chain, "--links", "--json"], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{chain}: {run.stderr.strip()}")
    return [block["hash"] for block in json.loads(run.stdout)["blocks"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--kinds", default="file,sqlite")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    for kind in arguments.kinds.split(","):
        with tempfile.TemporaryDirectory() as directory:
            chain = os.path.join(directory, "chain")
            acknowledged, unacknowledged = [], 0
            for kill in range(arguments.kills):
                acknowledged += append(
                    arguments.build / "Benchmarks", kind, chain, generator.uniform(0, 0.3))
                if not os.path.exists(chain) or not acknowledged:
                    continue
                there = hashes(arguments.build / "collabdict", chain)
                known = set(acknowledged)
                if [hash for hash in there if hash in known] != acknowledged:
                    sys.exit(f"{kind}: after kill {kill + 1} acknowledged blocks are missing")
                unacknowledged = len(there) - len(acknowledged)
                if unacknowledged > kill + 1:
                    sys.exit(f"{kind}: after kill {kill + 1} there are blocks that nobody added")
            print(f"{kind}: {arguments.kills} kills, {len(acknowledged)} blocks acknowledged, all there; "
                  f"{unacknowledged} more that were added and not acknowledged", flush=True)


main()
